import type { Job } from './job.ts'

/**
 * Jobs in order, linked through the jobs themselves: adding, and taking out from anywhere, is O(1) and
 * allocates nothing. A job is in one list at a time.
 */
export class JobList {
  #first: Job | undefined
  #last: Job | undefined
  #length = 0

  /** How many jobs are in the list. */
  get length(): number {
    return this.#length
  }

  /** The oldest entry; `job.next` leads on. */
  get first(): Job | undefined {
    return this.#first
  }

  /** The newest entry; `job.previous` leads back. */
  get last(): Job | undefined {
    return this.#last
  }

  /** Appends a job that is in no list. */
  push(job: Job): void {
    job.list = this
    job.previous = this.#last
    if (this.#last === undefined) this.#first = job
    else this.#last.next = job
    this.#last = job
    this.#length += 1
  }

  /** Takes a job of this list out. */
  remove(job: Job): void {
    if (job.previous === undefined) this.#first = job.next
    else job.previous.next = job.next
    if (job.next === undefined) this.#last = job.previous
    else job.next.previous = job.previous
    job.list = undefined
    job.previous = undefined
    job.next = undefined
    this.#length -= 1
  }
}
