import { createLog } from '../../core/log.ts'
import { type Job, jobData } from '../queue/job.ts'
import { JobCommit } from './job-commit.ts'
import type { QueueChanges, QueueStore, StoredJob } from './queue-store.ts'

const log = createLog('server')

/** What a commit queue calls. */
export interface CommitQueueOptions {
  readonly store: QueueStore
  /** Runs a callback when the turn of the event loop ends. */
  readonly defer: (callback: () => void) => void
  /** Runs a callback after a while: a commit failed, and removals are to be tried again. */
  readonly retryLater: (callback: () => void) => void
  /** A commit ended. Called before its waiters are. */
  readonly onSettled: (commit: JobCommit, isCommitted: boolean) => void
}

/**
 * Groups all changes of one turn of the event loop into one commit; while one is under way the next one
 * gathers. One at a time, so a store sees the changes in the order in which they were made.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions
  #gathering: JobCommit | undefined
  #isCommitting = false
  #isScheduled = false
  readonly #flush: () => void = () => this.#begin()

  constructor(options: CommitQueueOptions) {
    this.#options = options
  }

  /** Whether nothing is under way or waiting. */
  get isIdle(): boolean {
    return !this.#isCommitting && this.#gathering === undefined
  }

  /** Puts a job into the next commit. */
  add(job: Job): JobCommit {
    const commit = this.#current()
    commit.added.push(job)
    job.commit = commit
    return commit
  }

  /** Writes a job's retries. */
  update(job: Job): void {
    this.#current().updated.set(job.number, job)
  }

  /** Takes a job out of the store. */
  remove(job: Job): void {
    this.#current().removed.push(job.number)
  }

  #current(): JobCommit {
    this.#gathering ??= new JobCommit()
    if (!this.#isScheduled && !this.#isCommitting) {
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
    // A store that throws instead of rejecting is a store that failed.
    new Promise<void>((resolve) => resolve(this.#options.store.commit(changesOf(commit)))).then(
      () => this.#end(commit, true),
      (error: unknown) => {
        log('a commit of %d jobs failed: %O', commit.added.length, error)
        this.#end(commit, false)
      },
    )
  }

  #end(commit: JobCommit, isCommitted: boolean): void {
    this.#isCommitting = false
    if (!isCommitted) this.#carryOver(commit)
    this.#options.onSettled(commit, isCommitted)
    for (const waiter of commit.waiters) waiter.onSettled(isCommitted)
    // After a failure the store gets a rest: the next change, or the timer, tries again.
    if (isCommitted) this.#begin()
    else if (this.#gathering !== undefined) this.#options.retryLater(this.#flush)
  }

  /** Refused jobs are refused, but what ended must leave the store one day. */
  #carryOver(failed: JobCommit): void {
    if (failed.updated.size === 0 && failed.removed.length === 0) return
    this.#gathering ??= new JobCommit()
    for (const [key, job] of failed.updated) this.#gathering.updated.set(key, job)
    for (const key of failed.removed) this.#gathering.removed.push(key)
  }
}

function changesOf(commit: JobCommit): QueueChanges {
  return {
    added: commit.added.map(storedJob),
    updated: Array.from(commit.updated, ([key, { retries }]) => ({ key, retries })),
    removed: commit.removed,
  }
}

function storedJob(job: Job): StoredJob {
  return {
    key: job.number,
    functionName: job.queue.name,
    unique: job.unique,
    reducer: job.reducer,
    priority: job.priority,
    data: jobData(job),
    runAtEpochSeconds: job.runAtSeconds,
    retries: job.retries,
  }
}
