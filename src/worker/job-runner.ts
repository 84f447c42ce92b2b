import { Fifo } from '../core/fifo.ts'
import { createLog } from '../core/log.ts'
import type { TypedEmitter } from '../core/typed-emitter.ts'
import { type GearmanError, InvalidArgumentError, JobTimeoutError } from '../errors.ts'
import { JobAssignment } from './job-assignment.ts'
import type { JobPacket } from './job-packet.ts'
import type { JobReporter } from './job-reporter.ts'
import type { Registration } from './registration.ts'
import type { WorkerEvents } from './worker-events.ts'
import { GearmanWorkerJob } from './worker-job.ts'
import type { WorkerSession } from './worker-session.ts'

const log = createLog('worker')

/** What a subclass of the worker may replace, as far as it concerns one job. */
export interface JobHooks {
  createJob(assignment: JobAssignment): GearmanWorkerJob
  onJobExecute(job: GearmanWorkerJob): unknown
  onJobComplete(job: GearmanWorkerJob, result: unknown): unknown
  onJobException(job: GearmanWorkerJob, error: unknown): unknown
}

/** What a runner works with. */
export interface RunnerOptions {
  readonly hooks: JobHooks
  readonly report: JobReporter
  readonly events: TypedEmitter<WorkerEvents>
  readonly findTask: (task: string) => Registration | undefined
  /** A job has left its slot. */
  readonly onEnd: () => void
}

/**
 * Runs jobs: from their assignment until their callback has settled. A callback that returns a plain value
 * costs no promise, and its result leaves in the turn in which the job came.
 */
export class JobRunner {
  readonly #options: RunnerOptions
  readonly #waiting = new Fifo<JobAssignment>()
  /** Those whose task has no place for them, taken out of the way of the others. */
  #crowded: JobAssignment[] = []
  #isDraining = false

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /**
   * A server has assigned a job: starts it, or keeps it until a slot is free.
   *
   * @param isLate - its grab's slot was lent out meanwhile
   */
  assign(session: WorkerSession, packet: JobPacket, isLate: boolean): void {
    const registration = this.#options.findTask(packet.task)
    const assignment = new JobAssignment(session, this.#options.report, packet, registration)
    session.jobs.add(assignment)
    const { all, hasPlace } = session.slots
    if (!hasPlace) {
      this.#keep(assignment)
    } else if (all.canRun) {
      this.#start(assignment)
    } else if (isLate && all.free <= 0) {
      this.#tellOvercommit(assignment)
      this.#start(assignment)
    } else {
      this.#keep(assignment)
    }
  }

  /** A server has assigned a job that cannot be run: fails it. */
  refuse(session: WorkerSession, packet: JobPacket, error: GearmanError): void {
    const registration = this.#options.findTask(packet.task)
    const assignment = new JobAssignment(session, this.#options.report, packet, registration)
    session.jobs.add(assignment)
    this.#begin(assignment)
    this.#follow(assignment, this.#throwInto(assignment, error))
  }

  /** What `onJobExecute` does by itself: calls the callback, and hands on what becomes of it. */
  runCallback(assignment: JobAssignment): unknown {
    const { job, registration } = assignment
    if (job === undefined || registration === undefined) throw notRegistered(assignment)
    let result: unknown
    try {
      result = registration.run(job as GearmanWorkerJob<never, never>)
    } catch (error) {
      return this.#throwInto(assignment, error)
    }
    if (!isThenable(result)) return this.#options.hooks.onJobComplete(job, result)
    return result.then(
      (value) => this.#onResult(assignment, job, value),
      (error: unknown) => this.#onThrown(assignment, error),
    )
  }

  #onResult(assignment: JobAssignment, job: GearmanWorkerJob, result: unknown): unknown {
    if (assignment.abandoned !== undefined) return undefined
    return this.#options.hooks.onJobComplete(job, result)
  }

  #onThrown(assignment: JobAssignment, error: unknown): unknown {
    if (assignment.abandoned !== undefined) throw error
    return this.#throwInto(assignment, error)
  }

  /** Lets a job wait for a slot. */
  #keep(assignment: JobAssignment): void {
    assignment.session.slots.beginWait()
    this.#waiting.push(assignment)
  }

  /** Takes a waiting job out: it will not start here. */
  drop(assignment: JobAssignment): void {
    if (assignment.state !== 'waiting') return
    assignment.state = 'dropped'
    assignment.session.slots.endWait()
  }

  /** The result of a job is of no use any more: its connection is lost, or nobody waits any longer. */
  abandon(assignment: JobAssignment, reason: GearmanError): void {
    if (assignment.state !== 'running') {
      this.drop(assignment)
      return
    }
    clearTimeout(assignment.timer)
    const isLoss = !assignment.isFinal && assignment.abandoned === undefined
    assignment.abandon(reason)
    if (isLoss && assignment.job !== undefined) {
      this.#options.events.emit('jobLost', { job: assignment.job, error: reason })
    }
  }

  /** Starts waiting jobs as long as there are slots. */
  drain(): void {
    if (this.#isDraining || this.#waiting.length + this.#crowded.length === 0) return
    this.#isDraining = true
    try {
      this.#startWaiting()
    } finally {
      this.#isDraining = false
    }
  }

  #startWaiting(): void {
    const crowded = this.#crowded
    this.#crowded = []
    for (const next of crowded) if (!this.#startWaitingOne(next)) this.#crowded.push(next)
    for (;;) {
      const next = this.#waiting.peek()
      if (next === undefined) return
      if (!this.#startWaitingOne(next)) {
        if (next.session.slots.hasPlace) return
        this.#crowded.push(next)
      }
      this.#waiting.shift()
    }
  }

  /** @returns whether it need not wait any longer: it has started, or is gone */
  #startWaitingOne(next: JobAssignment): boolean {
    if (next.state !== 'waiting') return true
    const { slots } = next.session
    if (!slots.hasPlace || !slots.all.canRun) return false
    slots.endWait()
    this.#start(next)
    return true
  }

  #begin(assignment: JobAssignment): void {
    assignment.state = 'running'
    assignment.session.slots.beginRun()
  }

  #start(assignment: JobAssignment): void {
    this.#begin(assignment)
    let outcome: unknown
    try {
      outcome = this.#execute(assignment)
    } catch (error) {
      outcome = this.#throwInto(assignment, error)
    }
    this.#follow(assignment, outcome)
  }

  #execute(assignment: JobAssignment): unknown {
    const { hooks, report, events } = this.#options
    if (assignment.registration === undefined) throw notRegistered(assignment)
    // The reader of the payload was never asked: these are the bytes as they came.
    assignment.data = report.encoderOf(assignment).decode(assignment.data as Buffer)
    const job = hooks.createJob(assignment)
    if (!(job instanceof GearmanWorkerJob)) {
      throw new InvalidArgumentError('createJob', 'must return a GearmanWorkerJob')
    }
    assignment.job = job
    if (events.listenerCount('jobStarted') > 0) events.emit('jobStarted', { job })
    return hooks.onJobExecute(job)
  }

  /** Waits for a callback that has not settled; all others end here and now. */
  #follow(assignment: JobAssignment, outcome: unknown): void {
    if (!isThenable(outcome)) {
      this.#settle(assignment, undefined)
      return
    }
    const limitMs = assignment.registration?.timeoutMs ?? Number.POSITIVE_INFINITY
    if (limitMs !== Number.POSITIVE_INFINITY) this.#limit(assignment, limitMs)
    outcome.then(
      () => this.#settle(assignment, undefined),
      (error: unknown) => this.#onRejected(assignment, error),
    )
  }

  /** A hook has rejected, where the callback's own failure is handled already. */
  #onRejected(assignment: JobAssignment, error: unknown): void {
    const isOver = assignment.abandoned !== undefined
    const outcome = isOver ? undefined : this.#throwInto(assignment, error)
    if (isThenable(outcome)) {
      outcome.then(
        () => this.#settle(assignment, error),
        () => this.#settle(assignment, error),
      )
    } else {
      this.#settle(assignment, error)
    }
  }

  /** Fails a job with what was thrown, by way of the hook. Never throws. */
  #throwInto(assignment: JobAssignment, error: unknown): unknown {
    const { hooks, report } = this.#options
    assignment.job ??= new GearmanWorkerJob(assignment)
    log('%s (%s) failed: %O', assignment.handle, assignment.task, error)
    try {
      const outcome = hooks.onJobException(assignment.job, error)
      if (!isThenable(outcome)) return outcome
      return outcome.then(undefined, (cause: unknown) =>
        this.#onHookFailed(assignment, error, cause),
      )
    } catch (cause) {
      this.#onHookFailed(assignment, error, cause)
      return undefined
    } finally {
      if (assignment.abandoned === undefined) report.fail(assignment, error)
    }
  }

  /** The hook for failures has failed itself: the job must not hang for that. */
  #onHookFailed(assignment: JobAssignment, error: unknown, cause: unknown): void {
    log('%s: onJobException failed: %O', assignment.handle, cause)
    this.#options.report.throwInto(assignment, error)
  }

  #settle(assignment: JobAssignment, error: unknown): void {
    const { session, job } = assignment
    clearTimeout(assignment.timer)
    assignment.state = 'settled'
    session.jobs.delete(assignment)
    session.slots.endRun()
    if (assignment.abandoned !== undefined && job !== undefined) {
      log('%s: the result is dropped (%s)', assignment.handle, assignment.abandoned.message)
      this.#options.events.emit('resultDropped', { job, reason: assignment.abandoned, error })
    }
    this.#options.onEnd()
    this.drain()
    session.onJobEnd(assignment)
  }

  #limit(assignment: JobAssignment, limitMs: number): void {
    assignment.timer = setTimeout(() => this.#onTimeout(assignment, limitMs), limitMs)
  }

  #onTimeout(assignment: JobAssignment, limitMs: number): void {
    if (assignment.isFinal || assignment.abandoned !== undefined) return
    const error = new JobTimeoutError(`${assignment.task} took longer than ${limitMs} ms`, {
      task: assignment.task,
      unique: assignment.unique ?? '',
      handle: assignment.handle,
    })
    const outcome = this.#throwInto(assignment, error)
    if (isThenable(outcome)) outcome.then(undefined, () => undefined)
    assignment.abandon(error)
    // A callback that heeds its signal has settled by then.
    setImmediate(() => {
      if (assignment.state !== 'running' || assignment.job === undefined) return
      log('%s (%s) goes on after its %d ms', assignment.handle, assignment.task, limitMs)
      this.#options.events.emit('overrun', { job: assignment.job, timeout: limitMs })
    })
  }

  #tellOvercommit(assignment: JobAssignment): void {
    const { all } = assignment.session.slots
    const { concurrency } = all
    const running = all.running + 1
    const { server } = assignment.connection
    log('%s was slow to assign a job: %d jobs run instead of %d', server, running, concurrency)
    this.#options.events.emit('overcommit', { server, running, concurrency })
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  )
}

function notRegistered({ task }: JobAssignment): InvalidArgumentError {
  return new InvalidArgumentError('task', `${task} is not registered with this worker`)
}
