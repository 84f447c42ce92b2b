import type { Clock, Timer } from './clock.ts'
import { EpochHeap } from './epoch-heap.ts'
import type { Job } from './job.ts'

/** The wall clock may be set while a timer runs: look at it again at least this often. */
const MAX_WAIT_MS = 60_000

/** The jobs of SUBMIT_JOB_EPOCH whose time has not come, and the one timer for the earliest of them. */
export class DelayedJobs {
  readonly #clock: Clock
  readonly #onDue: (job: Job) => void
  readonly #heap = new EpochHeap()
  #timer: Timer | undefined
  #timerFor = Number.POSITIVE_INFINITY

  /** @param onDue - called with each job at its time, after it has left this collection */
  constructor(clock: Clock, onDue: (job: Job) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** How many jobs wait for their time. */
  get size(): number {
    return this.#heap.length
  }

  /** Whether a time in Unix seconds has not come yet. */
  isFuture(seconds: number): boolean {
    return seconds > 0 && seconds * 1000 > this.#clock.nowMs()
  }

  /** Adds a job. */
  add(job: Job): void {
    this.#heap.add(job)
    if (this.#heap.first === job) this.#arm()
  }

  /** Takes a job out before its time. */
  remove(job: Job): void {
    this.#heap.remove(job)
    if (this.#heap.length === 0) this.stop()
  }

  /** Clears the timer. */
  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.#timerFor = Number.POSITIVE_INFINITY
  }

  #arm(): void {
    const first = this.#heap.first
    if (first === undefined || first.runAtSeconds === this.#timerFor) return
    this.stop()
    this.#timerFor = first.runAtSeconds
    const waitMs = Math.max(1, first.runAtSeconds * 1000 - this.#clock.nowMs())
    this.#timer = this.#clock.setTimer(() => this.#onTimer(), Math.min(waitMs, MAX_WAIT_MS))
  }

  #onTimer(): void {
    this.#timer = undefined
    this.#timerFor = Number.POSITIVE_INFINITY
    for (let job = this.#heap.first; job !== undefined; job = this.#heap.first) {
      if (this.isFuture(job.runAtSeconds)) break
      this.#heap.remove(job)
      this.#onDue(job)
    }
    this.#arm()
  }
}
