import { PacketType } from '../../protocol/packets.ts'
import type { JobReturnReason } from '../server-stats.ts'
import type { CommitQueue, CommitStore } from '../stores/commit-queue.ts'
import type { StoredOutcomeKind } from '../stores/queue-store.ts'
import type { Ability } from './ability.ts'
import { type Attachment, detach } from './attachment.ts'
import type { Clock } from './clock.ts'
import { DelayedJobs } from './delayed-jobs.ts'
import { FunctionQueue } from './function-queue.ts'
import { createJob, isAbandoned, type Job, JobState } from './job.ts'
import { JobCommits, type StoreObserver } from './job-commits.ts'
import { JobHandles } from './job-handles.ts'
import type { JobObserver, JobOutcome } from './job-observer.ts'
import { type OutcomeOptions, Outcomes } from './outcomes.ts'
import type { Payload } from './payload-arena.ts'
import type { Peer } from './peer.ts'
import { ReadyFunctions } from './ready-functions.ts'
import type { Submission } from './submission.ts'
import { coalescingKey, UniqueIndex } from './unique-index.ts'
import { wakeWorkers } from './wake-up.ts'

/** What a job table needs to know. */
export interface JobTableOptions extends OutcomeOptions {
  /** What stands before `:N` in handles. */
  readonly jobHandlePrefix: string
  /** After how many lost workers a job fails; 0 for never. */
  readonly jobRetries: number
  /** How many sleeping workers one job wakes; 0 for all. */
  readonly workerWakeup: number
  /** How many submissions may wait for the store. */
  readonly maxUncommittedJobs: number
  /** How many bytes of theirs may. */
  readonly maxUncommittedBytes: number
}

/** What a job of the store has behind it. */
export interface JobPast {
  /** Unix time in milliseconds. */
  readonly acceptedAtMs: number
  readonly retries: number
}

const NO_OUTPUT = Buffer.alloc(0)

/**
 * All jobs, and what can happen to one: it is queued, assigned, given back, ended. No I/O: peers get
 * packets through their output, time comes from the clock, durability from the store if there is one.
 */
export class JobTable {
  readonly options: JobTableOptions
  readonly functions: Map<string, FunctionQueue> = new Map()
  /** Those of them that have a job to hand out. */
  readonly ready: ReadyFunctions = new ReadyFunctions()
  readonly handles: JobHandles
  readonly uniques: UniqueIndex = new UniqueIndex()
  readonly delayed: DelayedJobs
  readonly observer: JobObserver
  /** Writes background jobs to the store; `undefined` when they live in memory only. */
  readonly commits: CommitQueue | undefined
  /** What became of background jobs. */
  readonly outcomes: Outcomes
  /** Nothing happens to jobs any more. */
  isStopped = false
  readonly #clock: Clock
  readonly #jobCommits: JobCommits | undefined

  constructor(
    options: JobTableOptions,
    parts: {
      readonly clock: Clock
      readonly observer: JobObserver
      readonly store?: CommitStore | undefined
      readonly storeObserver?: StoreObserver | undefined
    },
  ) {
    this.options = options
    this.#clock = parts.clock
    this.observer = parts.observer
    this.handles = new JobHandles(options.jobHandlePrefix)
    this.delayed = new DelayedJobs(parts.clock, (job) => this.#onDue(job))
    if (parts.store !== undefined) {
      this.#jobCommits = this.#createCommits(parts.store, parts.storeObserver)
    }
    this.commits = this.#jobCommits?.queue
    this.outcomes = new Outcomes(options, parts.clock, this.commits)
  }

  /** The queue of a function, made when it is mentioned for the first time, as in gearmand. */
  openFunction(name: string): FunctionQueue {
    let queue = this.functions.get(name)
    if (queue === undefined) {
      queue = new FunctionQueue(name)
      this.functions.set(name, queue)
    }
    return queue
  }

  /** Makes a job known. It waits in no queue yet. */
  create(submission: Submission, key: string | undefined, payload: Payload): Job {
    const nowMs = this.#clock.elapsedMs()
    const job = createJob(this.handles.nextNumber(), submission, key, payload, nowMs)
    this.handles.add(job)
    this.uniques.add(job)
    job.queue.total += 1
    this.commits?.useKey(job.number)
    return job
  }

  /** How long ago a job was accepted. */
  ageMs(job: Job): number {
    return this.#clock.elapsedMs() - job.acceptedAtMs
  }

  /** Queues a job of the store, under the number that it had before. */
  restore(number: number, submission: Submission, payload: Payload, past: JobPast): Job {
    const acceptedAtMs = past.acceptedAtMs - this.#clockStartMs()
    const job = createJob(number, submission, coalescingKey(submission), payload, acceptedAtMs)
    job.retries = past.retries
    this.handles.add(job)
    this.uniques.add(job)
    job.queue.total += 1
    this.observer.onRestored(job)
    this.enqueue(job)
    return job
  }

  /** Makes a job ready for workers, now or at its time. */
  enqueue(job: Job): void {
    const { queue } = job
    if (this.delayed.isFuture(job.runAtSeconds)) {
      job.state = JobState.Delayed
      queue.delayed += 1
      this.delayed.add(job)
      return
    }
    job.state = JobState.Queued
    job.sinceMs = this.#clock.elapsedMs()
    queue.push(job)
    this.ready.update(queue)
    if (!queue.isPaused) wakeWorkers(queue, this.options.workerWakeup)
  }

  /** `pause function`: it hands out no jobs. */
  pause(queue: FunctionQueue): void {
    queue.isPaused = true
    this.ready.update(queue)
  }

  /** `resume function`: wakes as many workers as its jobs would have. */
  resume(queue: FunctionQueue): void {
    if (!queue.isPaused) return
    queue.isPaused = false
    this.ready.update(queue)
    if (queue.isReady) wakeWorkers(queue, this.options.workerWakeup * queue.queued)
  }

  /**
   * `kick job`: a job that waits for its time is due now.
   *
   * @returns whether it did wait
   */
  kick(job: Job): boolean {
    if (job.state !== JobState.Delayed) return false
    this.#withdraw(job)
    job.runAtSeconds = 0
    this.enqueue(job)
    if (job.isDurable) this.commits?.rewrite(job)
    return true
  }

  /** Assigns a queued job. */
  start(job: Job, ability: Ability): void {
    const nowMs = this.#clock.elapsedMs()
    const waitMs = nowMs - job.sinceMs
    job.sinceMs = nowMs
    job.list?.remove(job)
    this.ready.update(job.queue)
    job.state = JobState.Running
    job.queue.running += 1
    job.worker = ability.worker
    ability.worker.running.push(job)
    if (ability.timeoutMs > 0) {
      job.timer = this.#clock.setTimer(() => this.giveBack(job, 'timeout'), ability.timeoutMs)
    }
    this.observer.onAssigned(job, ability.worker, waitMs)
  }

  /**
   * The worker of a running job is lost, or took too long: the job goes to the end of its queue, clients
   * are told nothing (gearmand `libgearman-server/job.cc` gearman_server_job_queue).
   */
  giveBack(job: Job, reason: JobReturnReason): void {
    const { worker } = job
    if (worker === undefined) return
    job.retries += 1
    if (job.isCancelled) {
      this.drop(job, 'cancelled')
    } else if (isAbandoned(job)) {
      this.drop(job, 'abandoned')
    } else if (this.options.jobRetries > 0 && job.retries >= this.options.jobRetries) {
      this.failClients(job)
      this.#remove(job)
      this.#keepOutcome(job, 'lost', NO_OUTPUT)
      this.observer.onLost(job, worker, reason)
    } else {
      this.#withdraw(job)
      this.observer.onReturned(job, worker, reason)
      job.numerator = 0
      job.denominator = 0
      if (job.isDurable) this.commits?.update(job)
      this.enqueue(job)
    }
  }

  /**
   * Its worker ended a running job. Clients are told before, by whoever calls this.
   *
   * @param bytes - what the worker sent lies in it, from `start` to `end`
   */
  end(
    job: Job,
    outcome: JobOutcome,
    bytes: Buffer = NO_OUTPUT,
    start = 0,
    end: number = bytes.length,
  ): void {
    const { worker } = job
    const runMs = this.#clock.elapsedMs() - job.sinceMs
    this.#remove(job)
    if (this.outcomes.isOn) {
      const kind = outcome === 'exceptions' ? 'exception' : outcome
      this.#keepOutcome(job, kind, bytes.subarray(start, end))
    }
    // Cancelled, it went on for nobody; otherwise an end without a worker cannot be.
    if (job.isCancelled) this.observer.onDropped(job, 'cancelled')
    else if (worker !== undefined) this.observer.onReported(job, worker, outcome, runMs)
  }

  /** Nobody wants the job any more. One that was never accepted is forgotten without a word. */
  drop(job: Job, reason: 'cancelled' | 'abandoned'): void {
    const isAccepted = job.state !== JobState.Uncommitted
    this.#remove(job)
    if (isAccepted) this.observer.onDropped(job, reason)
  }

  /**
   * `cancel job`: clients get WORK_FAIL. A running job stays with its worker, who is not told, but is
   * nobody's any more: its clients have had their final packet, and a new submission is a new job.
   */
  cancel(job: Job): void {
    if (job.isCancelled) return
    this.failClients(job)
    if (job.state !== JobState.Running) {
      this.drop(job, 'cancelled')
      return
    }
    for (let at = job.attachments; at !== undefined; at = job.attachments) detach(at)
    this.uniques.remove(job)
    this.#forgetDurable(job)
    job.isCancelled = true
  }

  /** A client is gone. Its job is dropped if nobody else wants it; a running one ends with its worker. */
  leave(attachment: Attachment): void {
    const { job } = attachment
    detach(attachment)
    if (isAbandoned(job) && job.state !== JobState.Running) this.drop(job, 'abandoned')
  }

  /** Passes a worker's packet on to all clients of a job. */
  forward(job: Job, type: number, bytes: Uint8Array, start?: number, end?: number): void {
    for (let at = job.attachments; at !== undefined; at = at.nextOfJob) {
      at.client.output.sendBody(type, bytes, start, end)
    }
  }

  /** Sends WORK_FAIL to all clients of a job. */
  failClients(job: Job): void {
    for (let at = job.attachments; at !== undefined; at = at.nextOfJob)
      this.sendFail(at.client, job)
  }

  /** Sends WORK_FAIL to one client. */
  sendFail(client: Peer, job: Job): void {
    client.output.send(PacketType.WORK_FAIL, [this.handles.format(job)])
  }

  /** The server stops: clears all timers; nothing is told to anybody. */
  stop(): void {
    this.isStopped = true
    this.delayed.stop()
    this.outcomes.stop()
    this.#jobCommits?.stop()
    for (const job of this.handles) this.#clearTimer(job)
  }

  /** Takes a job out of everything. */
  #remove(job: Job): void {
    this.#withdraw(job)
    job.state = JobState.Ended
    job.queue.total -= 1
    this.handles.remove(job)
    if (!job.isCancelled) {
      this.uniques.remove(job)
      this.#forgetDurable(job)
    }
    for (let at = job.attachments; at !== undefined; at = job.attachments) detach(at)
  }

  /** The server did not start after all: forgets all jobs. They stay in the store. */
  forgetAll(): void {
    for (const job of Array.from(this.handles)) {
      this.#withdraw(job)
      job.state = JobState.Ended
      job.queue.total -= 1
      this.handles.remove(job)
      this.uniques.remove(job)
      for (let at = job.attachments; at !== undefined; at = job.attachments) detach(at)
      this.observer.onForgotten(job)
    }
    this.outcomes.clear()
  }

  /** Only of a job that a background submission made or joined, and that nobody cancelled. */
  #keepOutcome(job: Job, kind: StoredOutcomeKind, output: Buffer): void {
    if (job.isCancelled || (!job.isDurable && job.commit === undefined)) return
    this.outcomes.keep(job, kind, this.#clockStartMs(), output)
  }

  /** When the clock began, in Unix time. */
  #clockStartMs(): number {
    return Math.floor(this.#clock.nowMs() - this.#clock.elapsedMs())
  }

  /** Out of the queue, the heap or the worker's hands. */
  #withdraw(job: Job): void {
    job.list?.remove(job)
    this.ready.update(job.queue)
    if (job.state === JobState.Running) {
      job.queue.running -= 1
      job.worker = undefined
      this.#clearTimer(job)
    } else if (job.state === JobState.Delayed) {
      job.queue.delayed -= 1
      this.delayed.remove(job)
    }
  }

  #clearTimer(job: Job): void {
    if (job.timer === undefined) return
    this.#clock.clearTimer(job.timer)
    job.timer = undefined
  }

  /** A job whose commit is still under way leaves the store with the next one. */
  #forgetDurable(job: Job): void {
    if (job.isDurable || job.commit !== undefined) this.commits?.remove(job)
  }

  #onDue(job: Job): void {
    job.queue.delayed -= 1
    this.enqueue(job)
  }

  #createCommits(store: CommitStore, observer: StoreObserver | undefined): JobCommits {
    return new JobCommits({
      store,
      clock: this.#clock,
      observer,
      maxJobs: this.options.maxUncommittedJobs,
      maxBytes: this.options.maxUncommittedBytes,
      lastKey: () => this.handles.lastNumber,
      clockStartMs: () => this.#clockStartMs(),
      onDurable: (job) => this.#onDurable(job),
      onRefused: (job) => this.#onRefused(job),
    })
  }

  #onDurable(job: Job): void {
    job.isDurable = true
    if (job.state === JobState.Uncommitted && !this.isStopped) this.enqueue(job)
  }

  /** A background job is none; a foreground job that a background submission wanted to join goes on. */
  #onRefused(job: Job): void {
    job.isDurable = false
    if (isAbandoned(job) && job.state !== JobState.Running) this.drop(job, 'abandoned')
  }
}
