import { CommitQueue, type CommitStore } from '../stores/commit-queue.ts'
import type { JobCommit } from '../stores/job-commit.ts'
import type { Clock, Timer } from './clock.ts'
import { type Job, JobState } from './job.ts'

/** Who is told how the store does. */
export interface StoreObserver {
  /** A commit failed, which refused so many jobs. */
  onStoreFailed(error: unknown, refused: number): void
  /** A commit succeeded after one that failed. */
  onStoreRecovered(): void
  /** Everything is written. */
  onStoreIdle(): void
}

/** What {@link JobCommits} needs to know, and whom it tells. */
export interface JobCommitsOptions {
  readonly store: CommitStore
  readonly clock: Clock
  readonly observer: StoreObserver | undefined
  readonly maxJobs: number
  readonly maxBytes: number
  /** The highest number of a job. */
  readonly lastKey: () => number
  /** When the clock began, in Unix time. */
  readonly clockStartMs: () => number
  /** The store has the job, which did not end meanwhile. */
  readonly onDurable: (job: Job) => void
  /** The store did not take the job, which did not end meanwhile. */
  readonly onRefused: (job: Job) => void
}

/** How long a store rests after a failed commit. */
const RETRY_MS = 1000

/** The commits of a job table: what becomes of their jobs, and when a store that failed is tried again. */
export class JobCommits {
  readonly queue: CommitQueue
  readonly #options: JobCommitsOptions
  #retryTimer: Timer | undefined
  #hasFailed = false

  constructor(options: JobCommitsOptions) {
    this.#options = options
    this.queue = new CommitQueue({
      store: options.store,
      lastKey: options.lastKey,
      clockStartMs: options.clockStartMs,
      maxJobs: options.maxJobs,
      maxBytes: options.maxBytes,
      defer: setImmediate,
      retryLater: (callback) => {
        this.stop()
        this.#retryTimer = options.clock.setTimer(callback, RETRY_MS)
      },
      onSettled: (commit, isCommitted, error) => this.#onSettled(commit, isCommitted, error),
      onIdle: () => options.observer?.onStoreIdle(),
    })
  }

  /** Tries no more. */
  stop(): void {
    if (this.#retryTimer !== undefined) this.#options.clock.clearTimer(this.#retryTimer)
  }

  #onSettled(commit: JobCommit, isCommitted: boolean, error: unknown): void {
    const { observer, onDurable, onRefused } = this.#options
    for (const job of commit.added) {
      job.commit = undefined
      if (job.state === JobState.Ended) continue
      if (isCommitted) onDurable(job)
      else onRefused(job)
    }
    if (!isCommitted) observer?.onStoreFailed(error, commit.added.length)
    else if (this.#hasFailed) observer?.onStoreRecovered()
    this.#hasFailed = !isCommitted
  }
}
