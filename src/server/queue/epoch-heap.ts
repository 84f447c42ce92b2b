import type { Job } from './job.ts'

/** Jobs by the time at which they are due, the earliest on top; equal times in order of submission. */
export class EpochHeap {
  readonly #jobs: Job[] = []

  /** How many jobs wait. */
  get length(): number {
    return this.#jobs.length
  }

  /** The job that is due first. */
  get first(): Job | undefined {
    return this.#jobs[0]
  }

  /** Adds a job: O(log n). */
  add(job: Job): void {
    this.#jobs.push(job)
    this.#rise(job, this.#jobs.length - 1)
  }

  /** Takes a job out from wherever it is: O(log n). */
  remove(job: Job): void {
    const index = job.heapIndex
    const last = this.#jobs.pop()
    job.heapIndex = -1
    if (last === undefined || last === job) return
    this.#rise(last, index)
    this.#sink(last, last.heapIndex)
  }

  #rise(job: Job, from: number): void {
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#jobs[parentIndex]
      if (parent === undefined || !isBefore(job, parent)) break
      this.#place(parent, index)
      index = parentIndex
    }
    this.#place(job, index)
  }

  #sink(job: Job, from: number): void {
    let index = from
    for (;;) {
      const child = this.#smallerChild(index)
      if (child === undefined || !isBefore(child, job)) break
      const childIndex = child.heapIndex
      this.#place(child, index)
      index = childIndex
    }
    this.#place(job, index)
  }

  #smallerChild(index: number): Job | undefined {
    const left = this.#jobs[2 * index + 1]
    const right = this.#jobs[2 * index + 2]
    return left === undefined || right === undefined || isBefore(left, right) ? left : right
  }

  #place(job: Job, index: number): void {
    this.#jobs[index] = job
    job.heapIndex = index
  }
}

function isBefore(one: Job, other: Job): boolean {
  return one.runAtSeconds === other.runAtSeconds
    ? one.number < other.number
    : one.runAtSeconds < other.runAtSeconds
}
