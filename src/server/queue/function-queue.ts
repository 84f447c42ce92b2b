import type { FunctionCounters } from '../stats/job-counters.ts'
import type { Job } from './job.ts'
import { JobList } from './job-list.ts'
import { Priority } from './priority.ts'
import { SleepingRing } from './sleeping-ring.ts'

/** One function: its queued jobs by priority, its sleeping workers, its limits and its counts. */
export class FunctionQueue {
  /** The name, each byte as one latin1 character. */
  readonly name: string
  readonly sleepers: SleepingRing = new SleepingRing()
  /** The most jobs per priority (text command `maxqueue`), 0 for any number. */
  readonly limits: [high: number, normal: number, low: number] = [0, 0, 0]
  readonly #high = new JobList()
  readonly #normal = new JobList()
  readonly #low = new JobList()
  /** Jobs that are not over: queued, running, waiting for their time or for a store. */
  total = 0
  /** Jobs that are with a worker. */
  running = 0
  /** Jobs that wait for their time; all of them have normal priority. */
  delayed = 0
  /** How often connections registered the function. */
  workers = 0
  /** Hands out no jobs (text command `pause function`); takes new ones all the same. */
  isPaused = false
  /** Its place among the functions that have a job to hand out, which {@link ReadyFunctions} keeps; -1: none. */
  readyIndex = -1
  /** Set by `drop function`: whoever still holds the object looks the name up again. */
  isDropped = false
  /** What happened to its jobs; made with the first of them. */
  counters: FunctionCounters | undefined = undefined

  constructor(name: string) {
    this.name = name
  }

  /** Jobs that a worker could get now, unless the function is paused. */
  get queued(): number {
    return this.#high.length + this.#normal.length + this.#low.length
  }

  /** Whether a worker would get a job now. */
  get isReady(): boolean {
    return !this.isPaused && this.first !== undefined
  }

  /** The priority of the job that a worker gets next; the lowest when there is none. */
  get nextPriority(): Priority {
    if (this.#high.length > 0) return Priority.High
    return this.#normal.length > 0 ? Priority.Normal : Priority.Low
  }

  /** The job that a worker gets next: by priority, then by age. */
  get first(): Job | undefined {
    return this.#high.first ?? this.#normal.first ?? this.#low.first
  }

  /**
   * Whether `maxqueue` refuses another job of that priority. gearmand compares the limit of the priority
   * with all jobs of the function, the running ones too (`libgearman-server/job.cc`).
   */
  isFull(priority: Priority): boolean {
    const limit = this.limits[priority]
    return limit > 0 && this.total >= limit
  }

  /** Appends a job to the list of its priority. */
  push(job: Job): void {
    this.#listOf(job.priority).push(job)
  }

  /** How many jobs of one priority wait, those for their time included, as `prioritystatus` has it. */
  waiting(priority: Priority): number {
    const queued = this.#listOf(priority).length
    return priority === Priority.Normal ? queued + this.delayed : queued
  }

  #listOf(priority: Priority): JobList {
    if (priority === Priority.Normal) return this.#normal
    return priority === Priority.High ? this.#high : this.#low
  }
}
