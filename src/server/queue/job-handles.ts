import { handleNumber } from '../../protocol/job-handle.ts'
import type { Job } from './job.ts'

/** Jobs per page; a page goes when its last job ends. */
const PAGE_SLOTS = 64

interface Page {
  readonly slots: (Job | undefined)[]
  used: number
}

/**
 * Handles `PREFIX:N` and the jobs behind them (gearmand `libgearman-server/job.cc`).
 *
 * N counts up, so jobs are found through pages of consecutive numbers: no string per job, no table that
 * has to be rehashed while a million jobs wait, and 8 bytes per job.
 */
export class JobHandles {
  readonly #front: string
  readonly #frontBytes: Buffer
  readonly #pages = new Map<number, Page>()
  #lastNumber = 0
  #size = 0

  /** @param prefix - what stands before `:N`, as bytes in latin1 */
  constructor(prefix: string) {
    this.#front = `${prefix}:`
    this.#frontBytes = Buffer.from(this.#front, 'latin1')
  }

  /** How many jobs are known. */
  get size(): number {
    return this.#size
  }

  /** The number for the next job. A submit that is refused later has used its number up, as in gearmand. */
  nextNumber(): number {
    this.#lastNumber += 1
    return this.#lastNumber
  }

  /** The highest number that was given out. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  /** Numbers up to this one are in use, or were: the next job gets a higher one. */
  continueAfter(number: number): void {
    this.#lastNumber = Math.max(this.#lastNumber, number)
  }

  /** The handle of a job. */
  format(job: Job): string {
    return this.formatNumber(job.number)
  }

  /** The handle of a job, of one that is over too, by its number. */
  formatNumber(number: number): string {
    return this.#front + number
  }

  /** Whether there is a job with that number. */
  has(number: number): boolean {
    return this.#get(number) !== undefined
  }

  /** Makes a job known by its number. */
  add(job: Job): void {
    this.continueAfter(job.number)
    const pageNumber = Math.floor(job.number / PAGE_SLOTS)
    let page = this.#pages.get(pageNumber)
    if (page === undefined) {
      page = { slots: new Array<Job | undefined>(PAGE_SLOTS).fill(undefined), used: 0 }
      this.#pages.set(pageNumber, page)
    }
    page.slots[job.number % PAGE_SLOTS] = job
    page.used += 1
    this.#size += 1
  }

  /** Forgets a job that {@link add} was called with. */
  remove(job: Job): void {
    const pageNumber = Math.floor(job.number / PAGE_SLOTS)
    const page = this.#pages.get(pageNumber)
    if (page === undefined) return
    page.slots[job.number % PAGE_SLOTS] = undefined
    page.used -= 1
    this.#size -= 1
    if (page.used === 0) this.#pages.delete(pageNumber)
  }

  /** The job whose handle is `bytes` from `start` to `end`, read in place: no string is made. */
  find(bytes: Uint8Array, start: number, end: number): Job | undefined {
    const number = this.parse(bytes, start, end)
    return number === undefined ? undefined : this.#get(number)
  }

  /** The number in a handle that could be of this server. */
  parse(bytes: Uint8Array, start: number, end: number): number | undefined {
    return handleNumber(this.#frontBytes, bytes, start, end)
  }

  /**
   * All jobs, in order of their numbers but for those that were over and queued again. Jobs may come and go while
   * this waits to go on: those that end meanwhile are left out, and so are those that come, or it might never end.
   */
  *[Symbol.iterator](): Generator<Job> {
    const last = this.#lastNumber
    let pagesLeft = this.#pages.size
    for (const page of this.#pages.values()) {
      if (pagesLeft === 0) return
      pagesLeft -= 1
      for (const job of page.slots) {
        if (job !== undefined && job.number <= last) yield job
      }
    }
  }

  #get(number: number): Job | undefined {
    return this.#pages.get(Math.floor(number / PAGE_SLOTS))?.slots[number % PAGE_SLOTS]
  }
}
