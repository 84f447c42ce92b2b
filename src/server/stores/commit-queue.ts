import { createLog } from '../../core/log.ts'
import type { Job } from '../queue/job.ts'
import { type CommitWaiter, JobCommit } from './job-commit.ts'
import { KeyReserve } from './key-reserve.ts'
import { PendingRewrites } from './pending-rewrites.ts'
import type { QueueChanges, QueueStore, StoredOutcome } from './queue-store.ts'
import { storedJob } from './stored-job.ts'

const log = createLog('server')

/** A store that has failed before the server closes gets so many more chances. */
const ENDING_ATTEMPTS = 2
/** With more changes left over from failed commits, not every new one tries again: the timer does. */
const MAX_EAGER_LEFT_OVER = 1000
/** With so many, nothing more is gathered until the store is back. */
const MAX_LEFT_OVER = 100_000

/** As much of a store as a commit queue needs. */
export type CommitStore = Pick<QueueStore, 'commit'> & Partial<Pick<QueueStore, 'capabilities'>>

/** What a commit queue calls. */
export interface CommitQueueOptions {
  readonly store: CommitStore
  /** The highest number that a job has had. */
  readonly lastKey: () => number
  /** Unix time in milliseconds at which the clock of the job table began. */
  readonly clockStartMs: () => number
  /** How many jobs may wait for the store. */
  readonly maxJobs: number
  /** How many bytes of theirs may. */
  readonly maxBytes: number
  /** Runs a callback when the turn of the event loop ends. */
  readonly defer: (callback: () => void) => void
  /** Runs a callback after a while: a commit failed, and removals are to be tried again. */
  readonly retryLater: (callback: () => void) => void
  /** A commit ended; `error` is why the store failed. Called before its waiters are. */
  readonly onSettled: (commit: JobCommit, isCommitted: boolean, error: unknown) => void
  /** Nothing is under way or waiting any more. */
  readonly onIdle: () => void
}

/**
 * Groups all changes of one turn of the event loop into one commit; while one is under way the next one
 * gathers. One at a time, so a store sees the changes in the order in which they were made.
 */
export class CommitQueue {
  /** The most data that the store takes for one job. */
  maxDataBytes: number = Number.POSITIVE_INFINITY
  readonly #options: CommitQueueOptions
  readonly #keepsOutcomes: boolean
  readonly #reserve = new KeyReserve()
  #gathering: JobCommit | undefined
  readonly #rewrites = new PendingRewrites()
  #isCommitting = false
  #isScheduled = false
  /** What is gathered and under way: replies that wait, and the bytes of jobs. */
  #waiting = 0
  #waitingBytes = 0
  /** How many changes of failed commits are to be tried again. */
  #leftOver = 0
  #isEnding = false
  #endingAttempts = 0
  #onEnded: (() => void) | undefined
  readonly #flush: () => void = () => this.#begin()

  constructor(options: CommitQueueOptions) {
    this.#options = options
    this.#keepsOutcomes = options.store.capabilities?.keepsOutcomes === true
  }

  /** Whether nothing is under way or waiting. */
  get isIdle(): boolean {
    return !this.#isCommitting && this.#gathering === undefined
  }

  /** The store is open: reserves numbers for jobs, which shows that it takes changes. */
  async start(): Promise<void> {
    const mark = this.#reserve.next(this.#options.lastKey())
    await this.#options.store.commit({ added: [], updated: [], removed: [], highestKey: mark })
    this.#reserve.onWritten(mark)
  }

  /** Whether one more reply may wait for the store, with so many bytes kept for it. */
  hasRoom(bytes: number): boolean {
    const { maxJobs, maxBytes } = this.#options
    if (this.#waiting >= maxJobs || this.#leftOver >= MAX_LEFT_OVER) return false
    return this.#waitingBytes === 0 || this.#waitingBytes + bytes <= maxBytes
  }

  /** Puts a job into the next commit. */
  add(job: Job): JobCommit {
    const commit = this.#current()
    commit.added.push(job)
    // An earlier commit of this job failed: that it may be in the store after all is right now.
    commit.removed.delete(job.number)
    job.commit = commit
    return commit
  }

  /** Lets a reply wait for a commit that is not over, which keeps so many bytes in memory. */
  wait(commit: JobCommit, waiter: CommitWaiter, bytes: number): void {
    this.#waiting += 1
    this.#waitingBytes += bytes
    commit.waiters.push(waiter)
    commit.bytes += bytes
  }

  /** Writes a job's retries. */
  update(job: Job): void {
    this.#current().updated.set(job.number, job)
  }

  /** Writes a stored job anew, whole. If that fails it is tried again; the job is as good as before meanwhile. */
  rewrite(job: Job): void {
    this.#current()
    this.#rewrites.add(job, false)
  }

  /** A job that was over is queued again, which is written as in {@link rewrite}. */
  requeue(job: Job): void {
    const commit = this.#current()
    commit.removed.delete(job.number)
    commit.outcomes.delete(job.number)
    this.#rewrites.add(job, this.#keepsOutcomes)
  }

  /** Takes a job out of the store. */
  remove(job: Job): void {
    const commit = this.#current()
    if (this.#rewrites.delete(job.number)) commit.forgotten.add(job.number)
    commit.removed.add(job.number)
    commit.updated.delete(job.number)
  }

  /** Keeps what became of a job, if the store can do that. */
  keepOutcome(outcome: StoredOutcome): void {
    const { key } = outcome.job
    if (!this.#keepsOutcomes || outcome.output.length > this.maxDataBytes) return
    const commit = this.#current()
    commit.outcomes.set(key, outcome)
    commit.forgotten.delete(key)
  }

  /** Keeps it no more. */
  forgetOutcome(key: number): void {
    if (!this.#keepsOutcomes) return
    const commit = this.#current()
    commit.outcomes.delete(key)
    commit.forgotten.add(key)
  }

  /** A job got this number: sees to it that the store hears of new ones in time. */
  useKey(key: number): void {
    if (this.#reserve.isLow(key)) this.#current()
  }

  /**
   * Resolves when everything is written, or the store has failed once more; what is left then is forgotten.
   * Nothing more may come until the store is opened again.
   *
   * @param lastKey - the last number, when no more are given out: what was reserved is given back
   */
  async end(lastKey?: number): Promise<void> {
    if (lastKey !== undefined) this.#current().highestKey = lastKey
    this.#isEnding = true
    this.#endingAttempts = ENDING_ATTEMPTS
    if (!this.isIdle) {
      await new Promise<void>((resolve) => {
        this.#onEnded = resolve
        this.#begin()
      })
    }
    this.#isEnding = false
    this.#onEnded = undefined
    this.#gathering = undefined
    this.#rewrites.clear()
  }

  #current(): JobCommit {
    this.#gathering ??= new JobCommit()
    if (!this.#isScheduled && !this.#isCommitting && this.#leftOver < MAX_EAGER_LEFT_OVER) {
      this.#isScheduled = true
      this.#options.defer(this.#flush)
    }
    return this.#gathering
  }

  #begin(): void {
    this.#isScheduled = false
    const commit = this.#gathering
    if (this.#isCommitting || commit === undefined) return
    this.#gathering = undefined
    this.#isCommitting = true
    this.#rewrites.moveTo(commit)
    if (!this.#rewrites.isEmpty) this.#gathering = new JobCommit()
    const lastKey = this.#options.lastKey()
    if (this.#reserve.isLow(lastKey)) commit.highestKey ??= this.#reserve.next(lastKey)
    // A store that throws instead of rejecting is a store that failed.
    new Promise<void>((resolve) =>
      resolve(this.#options.store.commit(this.#changesOf(commit))),
    ).then(
      () => this.#settle(commit, true, undefined),
      (error: unknown) => {
        log('a commit of %d jobs failed: %O', commit.added.length, error)
        this.#settle(commit, false, error)
      },
    )
  }

  #changesOf(commit: JobCommit): QueueChanges {
    const clockStartMs = this.#options.clockStartMs()
    return {
      // The oldest come first, as in the order of arrival.
      added: [...commit.rewritten, ...commit.added].map((job) => storedJob(job, clockStartMs)),
      updated: Array.from(commit.updated, ([key, { retries }]) => ({ key, retries })),
      removed: Array.from(commit.removed),
      outcomes: commit.outcomes.size > 0 ? Array.from(commit.outcomes.values()) : undefined,
      forgotten: commit.forgotten.size > 0 ? Array.from(commit.forgotten) : undefined,
      highestKey: commit.highestKey,
    }
  }

  #settle(commit: JobCommit, isCommitted: boolean, error: unknown): void {
    this.#isCommitting = false
    this.#waiting -= commit.waiters.length
    this.#waitingBytes -= commit.bytes
    if (isCommitted) {
      this.#leftOver = 0
      if (commit.highestKey !== undefined) this.#reserve.onWritten(commit.highestKey)
    } else {
      this.#carryOver(commit)
    }
    this.#options.onSettled(commit, isCommitted, error)
    for (const waiter of commit.waiters) waiter.onSettled(isCommitted)
    this.#continue(isCommitted)
  }

  /** After a failure the store gets a rest: the next change, unless there are many, or the timer tries again. */
  #continue(isCommitted: boolean): void {
    if (this.#isEnding && !isCommitted) this.#endingAttempts -= 1
    if (this.#isEnding && this.#endingAttempts === 0) {
      this.#onEnded?.()
    } else if (this.isIdle) {
      this.#onEnded?.()
      this.#options.onIdle()
    } else if (isCommitted || this.#isEnding) {
      this.#begin()
    } else {
      this.#options.retryLater(this.#flush)
    }
  }

  /**
   * Refused jobs are refused, but what ended must leave the store one day; and so must what was refused,
   * since a store that fails may have written it all the same.
   */
  #carryOver(failed: JobCommit): void {
    if (!hasChanges(failed)) return
    this.#gathering ??= new JobCommit()
    const { updated, removed } = this.#gathering
    this.#rewrites.takeBack(failed, (key) => removed.has(key))
    for (const [key, job] of failed.updated) if (!removed.has(key)) updated.set(key, job)
    for (const key of failed.removed) if (!this.#rewrites.has(key)) removed.add(key)
    for (const { number } of failed.added) if (!this.#rewrites.has(number)) removed.add(number)
    this.#carryOutcomesOver(failed, this.#gathering)
    this.#leftOver = updated.size + removed.size + this.#gathering.outcomes.size
  }

  #carryOutcomesOver(failed: JobCommit, { outcomes, forgotten }: JobCommit): void {
    for (const [key, outcome] of failed.outcomes) {
      const isOutdated = outcomes.has(key) || forgotten.has(key) || this.#rewrites.has(key)
      if (!isOutdated) outcomes.set(key, outcome)
    }
    for (const key of failed.forgotten) if (!outcomes.has(key)) forgotten.add(key)
  }
}

function hasChanges(commit: JobCommit): boolean {
  const { added, rewritten, updated, removed, outcomes, forgotten } = commit
  if (added.length > 0 || rewritten.length > 0) return true
  return updated.size + removed.size + outcomes.size + forgotten.size > 0
}
