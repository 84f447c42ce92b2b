import type { CommitQueue } from '../stores/commit-queue.ts'
import type { StoredJob, StoredOutcome, StoredOutcomeKind } from '../stores/queue-store.ts'
import { storedJob } from '../stores/stored-job.ts'
import type { Clock, Timer } from './clock.ts'
import type { Job } from './job.ts'
import { type KeptLimits, KeptOutcomes } from './kept-outcomes.ts'
import { PayloadArena } from './payload-arena.ts'

/** Which outcomes are kept. */
export interface OutcomeOptions {
  /** Jobs that failed; `undefined` for none. */
  readonly keepFailed?: KeptLimits | undefined
  /** Results of all jobs; `undefined` for none. */
  readonly keepResults?: KeptLimits | undefined
}

/** Time goes by in steps of so much at least, and at most. */
const MIN_WAIT_MS = 1000
const MAX_WAIT_MS = 3_600_000

const NOTHING = Buffer.alloc(0)

/**
 * What became of background jobs: the failed ones, to be looked at and queued again, and results for those who
 * ask later. They are in memory, and in the store besides if that keeps them: that has each of them once.
 */
export class Outcomes {
  readonly failed: KeptOutcomes | undefined
  readonly #results: KeptOutcomes | undefined
  /** The newest job of each unique id. */
  readonly #uniques = new Map<string, number>()
  readonly #clock: Clock
  readonly #commits: CommitQueue | undefined
  readonly #arena = new PayloadArena()
  #timer: Timer | undefined

  constructor(options: OutcomeOptions, clock: Clock, commits: CommitQueue | undefined) {
    const { keepFailed, keepResults } = options
    if (keepFailed !== undefined) {
      this.failed = new KeptOutcomes(keepFailed, (outcome) => this.#onFailedGone(outcome))
    }
    if (keepResults !== undefined) {
      this.#results = new KeptOutcomes(keepResults, (outcome) => this.#onResultGone(outcome))
    }
    this.#clock = clock
    this.#commits = commits
  }

  /** Whether anything is kept. */
  get isOn(): boolean {
    return this.failed !== undefined || this.#results !== undefined
  }

  /** Whether results of jobs can be asked for. */
  get keepsResults(): boolean {
    return this.#results !== undefined
  }

  /**
   * A background job is over, and out of the queue and the store.
   *
   * @param output - its result or exception; copied
   */
  keep(job: Job, kind: StoredOutcomeKind, clockStartMs: number, output: Buffer): void {
    const isFailed = kind !== 'completed' && this.failed !== undefined
    if (!isFailed && this.#results === undefined) return
    const stored = storedJob(job, clockStartMs)
    const outcome = {
      job: { ...stored, data: isFailed ? this.#copy(stored.data) : NOTHING },
      kind,
      canRequeue: isFailed,
      endedAtMs: this.#clock.nowMs(),
      output: this.#copy(output),
    }
    this.#commits?.keepOutcome(outcome)
    this.#add(outcome)
    this.#arm()
  }

  /** Outcomes that the store has kept. Those that nobody wants any more are taken out of it. */
  restore(outcomes: StoredOutcome[], isQueued: (key: number) => boolean): void {
    outcomes.sort((one, other) => one.endedAtMs - other.endedAtMs || one.job.key - other.job.key)
    for (const outcome of outcomes) {
      const { key } = outcome.job
      if (isQueued(key)) this.#commits?.forgetOutcome(key)
      else if (this.failed === undefined && this.#results === undefined) continue
      else this.#restoreOne(outcome)
    }
    this.#expire()
  }

  /** The newest outcome of a job, by the number of its handle. */
  findResult(key: number): StoredOutcome | undefined {
    this.#expire()
    return this.#results?.get(key)
  }

  /** The outcome of the newest job with that unique id, of whatever function. */
  findUniqueResult(unique: string): StoredOutcome | undefined {
    const key = this.#uniques.get(unique)
    return key === undefined ? undefined : this.findResult(key)
  }

  /** Failed jobs, the oldest first. */
  listFailed(): Iterable<StoredOutcome> {
    this.#expire()
    return this.failed?.values() ?? []
  }

  /** A failed job is not wanted any more. */
  purge(outcome: StoredOutcome): void {
    if (this.failed?.delete(outcome.job.key) === true) this.#onFailedGone(outcome)
  }

  /** A failed job is to be queued again, with the store being told of both by the job's side. */
  take(outcome: StoredOutcome): StoredJob {
    const { job } = outcome
    this.failed?.delete(job.key)
    if (this.#results?.delete(job.key) === true) this.#forgetUnique(job)
    return job
  }

  /** Clears the timer; what the store keeps stays there. */
  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  /** The server did not start after all. */
  clear(): void {
    this.stop()
    this.failed?.clear()
    this.#results?.clear()
    this.#uniques.clear()
  }

  #add(outcome: StoredOutcome): void {
    const { key, unique } = outcome.job
    if (outcome.canRequeue) this.failed?.add(outcome)
    if (this.#results === undefined) return
    if (unique !== '' && unique !== '-') this.#uniques.set(unique, key)
    // It may have been too large for the failed ones.
    if (!outcome.canRequeue || this.failed?.get(key) !== undefined) {
      this.#results.add(outcome)
      return
    }
    const rest = withoutData(outcome)
    this.#commits?.keepOutcome(rest)
    this.#results.add(rest)
  }

  #restoreOne(outcome: StoredOutcome): void {
    const isFailed = outcome.canRequeue
    // It waits in the store for a server that keeps failed jobs.
    if (isFailed && this.failed === undefined) return
    if (!isFailed && this.#results === undefined) this.#commits?.forgetOutcome(outcome.job.key)
    else this.#add(outcome)
  }

  #onFailedGone(outcome: StoredOutcome): void {
    const { key } = outcome.job
    if (this.#results?.get(key) === undefined) {
      this.#commits?.forgetOutcome(key)
      return
    }
    const rest = withoutData(outcome)
    this.#results.replace(rest)
    this.#commits?.keepOutcome(rest)
  }

  #onResultGone({ job }: StoredOutcome): void {
    this.#forgetUnique(job)
    if (this.failed?.get(job.key) === undefined) this.#commits?.forgetOutcome(job.key)
  }

  #forgetUnique({ key, unique }: StoredJob): void {
    if (this.#uniques.get(unique) === key) this.#uniques.delete(unique)
  }

  #copy(data: Buffer): Buffer {
    const { bytes, offset, length } = this.#arena.keep(data, 0)
    return bytes.subarray(offset, offset + length)
  }

  #expire(): void {
    const nowMs = this.#clock.nowMs()
    this.failed?.expire(nowMs)
    this.#results?.expire(nowMs)
    this.#arm()
  }

  /** One timer for all of them. */
  #arm(): void {
    if (this.#timer !== undefined) return
    const atMs = Math.min(
      this.failed?.nextExpiryMs ?? Number.POSITIVE_INFINITY,
      this.#results?.nextExpiryMs ?? Number.POSITIVE_INFINITY,
    )
    if (atMs === Number.POSITIVE_INFINITY) return
    const waitMs = Math.min(Math.max(atMs - this.#clock.nowMs(), MIN_WAIT_MS), MAX_WAIT_MS)
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined
      this.#expire()
    }, waitMs)
  }
}

/** What is left when the job cannot be queued again. */
function withoutData(outcome: StoredOutcome): StoredOutcome {
  if (!outcome.canRequeue) return outcome
  return { ...outcome, job: { ...outcome.job, data: NOTHING }, canRequeue: false }
}
