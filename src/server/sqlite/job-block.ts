import type { StoredJob } from '../stores/queue-store.ts'

/** Jobs on their way from one thread to the other. */
export interface JobBlock {
  /** {@link NUMBERS_OF_A_JOB} for each job: first its key, in the end the lengths of its bytes. */
  readonly numbers: Float64Array<ArrayBuffer>
  /** Function, unique, reducer and data of each job, one behind the other. */
  readonly bytes: ArrayBuffer
}

/** Key, time to run, time of arrival, retries, priority, and the lengths of function, unique, reducer, data. */
const NUMBERS_OF_A_JOB = 9

/** What a block holds, to be transferred with it. */
export function memoryOf({ numbers, bytes }: JobBlock): readonly ArrayBuffer[] {
  return [numbers.buffer, bytes]
}

/**
 * Jobs as one block, in memory of its own: it changes threads without being copied, and without the memory that
 * the jobs share with others.
 */
export function packJobs(jobs: readonly StoredJob[]): JobBlock {
  let size = 0
  for (const { functionName, unique, reducer, data } of jobs) {
    size += functionName.length + unique.length + reducer.length + data.length
  }
  const numbers = new Float64Array(jobs.length * NUMBERS_OF_A_JOB)
  const bytes = new ArrayBuffer(size)
  const block = Buffer.from(bytes)
  let at = 0
  for (const [index, job] of jobs.entries()) {
    const { functionName, unique, reducer, data } = job
    const lengths = [functionName.length, unique.length, reducer.length, data.length]
    const times = [job.runAtEpochSeconds, job.acceptedAtMs, job.retries]
    numbers.set([job.key, ...times, job.priority, ...lengths], index * NUMBERS_OF_A_JOB)
    at += block.write(functionName, at, 'latin1')
    at += block.write(unique, at, 'latin1')
    at += block.write(reducer, at, 'latin1')
    at += data.copy(block, at)
  }
  return { numbers, bytes }
}

/** A job as the columns of a row; the bytes are views into its block. */
export interface PackedJob {
  readonly key: number
  readonly runAtEpochSeconds: number
  readonly acceptedAtMs: number
  readonly retries: number
  readonly priority: number
  readonly functionName: Buffer
  readonly unique: Buffer
  readonly reducer: Buffer
  readonly data: Buffer
}

/** Reads the jobs of a block. */
export function* unpackJobs({ numbers, bytes }: JobBlock): Generator<PackedJob> {
  const block = Buffer.from(bytes)
  let at = 0
  for (let start = 0; start < numbers.length; start += NUMBERS_OF_A_JOB) {
    const number = (index: number): number => numbers[start + index] ?? 0
    const piece = (index: number): Buffer => {
      at += number(index)
      return block.subarray(at - number(index), at)
    }
    yield {
      key: number(0),
      runAtEpochSeconds: number(1),
      acceptedAtMs: number(2),
      retries: number(3),
      priority: number(4),
      functionName: piece(5),
      unique: piece(6),
      reducer: piece(7),
      data: piece(8),
    }
  }
}
