import type { Job } from '../queue/job.ts'
import type { JobCommit } from './job-commit.ts'

/** A commit writes so many jobs anew, or so many bytes and at least one job: the store's memory is bounded. */
const MAX_JOBS = 1000
const MAX_BYTES = 4 * 1024 * 1024

/** Jobs that are to be written anew, spread over several commits when they are many. */
export class PendingRewrites {
  readonly #jobs = new Map<number, Job>()
  /** Those of them that were over: that is forgotten together with it, or a crash would lose the job. */
  readonly #requeued = new Set<number>()

  get isEmpty(): boolean {
    return this.#jobs.size === 0
  }

  has(key: number): boolean {
    return this.#jobs.has(key)
  }

  /** @param wasOver - it was kept as one that is over */
  add(job: Job, wasOver: boolean): void {
    this.#jobs.set(job.number, job)
    if (wasOver) this.#requeued.add(job.number)
  }

  /**
   * The job is over.
   *
   * @returns whether the store still has it among those that are over
   */
  delete(key: number): boolean {
    this.#jobs.delete(key)
    return this.#requeued.delete(key)
  }

  clear(): void {
    this.#jobs.clear()
    this.#requeued.clear()
  }

  /** Puts into a commit what fits. */
  moveTo({ rewritten, forgotten }: JobCommit): void {
    let bytes = 0
    for (const [key, job] of this.#jobs) {
      bytes += job.length
      const isFull = rewritten.length === MAX_JOBS || bytes > MAX_BYTES
      if (isFull && rewritten.length > 0) return
      rewritten.push(job)
      if (this.#requeued.has(key)) forgotten.add(key)
      this.delete(key)
    }
  }

  /** A commit failed: what it was to write anew is to be written anew, unless the job is over. */
  takeBack({ rewritten, forgotten }: JobCommit, isRemoved: (key: number) => boolean): void {
    for (const job of rewritten) {
      if (!isRemoved(job.number)) this.add(job, forgotten.delete(job.number))
    }
  }
}
