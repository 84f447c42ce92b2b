import type { StoredOutcome } from '../stores/queue-store.ts'
import { type JobBlock, memoryOf, type PackedJob, packJobs, unpackJobs } from './job-block.ts'

/** Outcomes on their way from one thread to the other. */
export interface OutcomeBlock {
  readonly jobs: JobBlock
  /** All outputs, one behind the other. */
  readonly outputs: ArrayBuffer
  /** In the order of the jobs. */
  readonly endings: readonly OutcomeEnding[]
}

/** What an outcome has besides its job. */
interface OutcomeEnding {
  readonly kind: StoredOutcome['kind']
  readonly canRequeue: boolean
  readonly endedAtMs: number
  readonly outputBytes: number
}

/** An outcome as the columns of a row; the bytes are views into its block. */
export interface PackedOutcome extends Omit<OutcomeEnding, 'outputBytes'> {
  readonly job: PackedJob
  readonly output: Buffer
}

/** Outcomes as blocks of memory of their own, which change threads without being copied. */
export function packOutcomes(outcomes: readonly StoredOutcome[]): OutcomeBlock {
  const size = outcomes.reduce((sum, { output }) => sum + output.length, 0)
  const outputs = new ArrayBuffer(size)
  const block = Buffer.from(outputs)
  let at = 0
  for (const { output } of outcomes) at += output.copy(block, at)
  return {
    jobs: packJobs(outcomes.map(({ job }) => job)),
    outputs,
    endings: outcomes.map(({ kind, canRequeue, endedAtMs, output }) => {
      return { kind, canRequeue, endedAtMs, outputBytes: output.length }
    }),
  }
}

/** What a block holds, to be transferred with it. */
export function memoryOfOutcomes({ jobs, outputs }: OutcomeBlock): readonly ArrayBuffer[] {
  return [...memoryOf(jobs), outputs]
}

/** Reads what {@link packOutcomes} wrote. */
export function* unpackOutcomes(block: OutcomeBlock): Generator<PackedOutcome> {
  const jobs = unpackJobs(block.jobs)
  let at = 0
  for (const { outputBytes, ...ending } of block.endings) {
    const { value: job } = jobs.next()
    if (job === undefined) return
    at += outputBytes
    yield { ...ending, job, output: Buffer.from(block.outputs, at - outputBytes, outputBytes) }
  }
}
