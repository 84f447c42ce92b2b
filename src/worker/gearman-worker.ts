import type { ConnectionGroup } from '../connection/connection-group.ts'
import { GearmanConnectionManager } from '../connection/connection-manager.ts'
import { type ReadyOptions, type ReadyTarget, wholeGroup } from '../connection/readiness.ts'
import type { HostList } from '../connection/server-address.ts'
import { checkFunction, show } from '../core/checks.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import { EncoderRegistry } from '../encoders/encoder-registry.ts'
import type { EncoderSource } from '../encoders/encoder-source.ts'
import type { RawDataEncoder } from '../encoders/raw-data-encoder.ts'
import { ConnectionError, InvalidArgumentError, InvalidWorkerState } from '../errors.ts'
import { checkTask } from '../jobs/job-checks.ts'
import type { TaskName, TaskResult, UntypedTasks, WorkerTasks } from '../jobs/task-map.ts'
import { GrabClock } from './grab-clock.ts'
import type { JobAssignment } from './job-assignment.ts'
import { JobReporter } from './job-reporter.ts'
import { JobRunner } from './job-runner.ts'
import { Lanes } from './lanes.ts'
import type { Registration } from './registration.ts'
import { SleepWatch } from './sleep-watch.ts'
import { Slots } from './slots.ts'
import type { TaskCallback } from './task-callback.ts'
import { WorkLoop } from './work-loop.ts'
import type { WorkerEvents } from './worker-events.ts'
import { GearmanWorkerJob } from './worker-job.ts'
import {
  checkClientId,
  type GearmanWorkerOptions,
  type RegisterTaskOptions,
  resolveStopOptions,
  resolveTaskOptions,
  resolveWorkOptions,
  type StopOptions,
  splitWorkerOptions,
  type WorkOptions,
} from './worker-options.ts'

/**
 * Takes jobs from job servers and runs them. Names and arguments are python-gearman's; times are milliseconds.
 *
 * The worker connects to every server, stays registered through losses and restarts of any of them, and runs
 * up to `concurrency` jobs at once over all of them. A callback that fails fails its job and nothing else.
 */
export class GearmanWorker<
  Tasks extends object = UntypedTasks,
  E extends AnyEncoder = RawDataEncoder,
  Map = WorkerTasks<Tasks, E>,
> extends GearmanConnectionManager<WorkerEvents> {
  /** The encoder of all tasks that have none of their own: for subclasses to set, as in Python. */
  declare dataEncoder?: EncoderSource | undefined
  readonly #tasks = new globalThis.Map<string, Registration>()
  readonly #encoders: EncoderRegistry
  readonly #report: JobReporter
  readonly #runner: JobRunner
  readonly #clock: GrabClock
  readonly #watch: SleepWatch
  readonly #lanes: Lanes
  readonly #onPoolState: () => void = () => {
    if (this.pool.isClosed) this.#loop?.close(new ConnectionError('the connections are closed'))
  }
  #clientId: string | undefined
  #loop: WorkLoop | undefined
  #isShutDown = false

  /**
   * @param hostList - the servers, or a manager to share; left out: `GEARMAN_SERVERS`, else `localhost:4730`
   * @param options - what to do with jobs, and how to connect (not beside a manager, which has its own)
   * @throws InvalidArgumentError for an unknown host form, a port or an option out of range
   */
  constructor(
    hostList?: HostList | GearmanConnectionManager<never>,
    options?: GearmanWorkerOptions<E> | GearmanWorkerOptions,
  ) {
    const { own, connection } = splitWorkerOptions(options)
    super(hostList, connection)
    this.#clientId = own.clientId
    this.#encoders = new EncoderRegistry(own, () => this.dataEncoder)
    this.#report = new JobReporter(this.events, {
      sendsExceptions: own.sendsExceptions,
      encoders: this.#encoders,
    })
    this.#runner = new JobRunner({
      hooks: this,
      report: this.#report,
      events: this.events,
      findTask: (task) => this.#tasks.get(task),
      onEnd: () => this.#loop?.onJobEnd(),
    })
    this.#clock = new GrabClock(() => this.#lanes.sessions())
    this.#watch = new SleepWatch(own.wakeIntervalMs, () => this.#lanes.sessions())
    this.#lanes = this.#createLanes(new Slots(own.concurrency, own.prefetch))
  }

  /**
   * Registers a task with an encoder of its own. Without a map of tasks that encoder says what type the data and the
   * result are of; otherwise as without one.
   *
   * @returns the task
   * @throws InvalidArgumentError for a name, callback or option that is none
   */
  registerTask<Name extends TaskName<Map>, Own extends AnyEncoder>(
    task: Name,
    callback: TaskCallback<this, WorkerTasks<Tasks, Own>, Name & TaskName<WorkerTasks<Tasks, Own>>>,
    options: RegisterTaskOptions<Own> & { readonly dataEncoder: EncoderSource<Own> },
  ): Name
  /**
   * Registers a task, or replaces its callback. Allowed at any time, also while the worker works.
   *
   * @param task - 1 to 512 bytes, no NUL
   * @param callback - called with this worker and the job; what it returns or resolves with is the result
   * @returns the task
   * @throws InvalidArgumentError for a name, callback or option that is none
   */
  registerTask<Name extends TaskName<Map>>(
    task: Name,
    callback: TaskCallback<this, Map, Name>,
    options?: RegisterTaskOptions,
  ): Name
  registerTask<Name extends TaskName<Map>>(
    task: Name,
    callback: (worker: this, job: never) => unknown,
    options?: RegisterTaskOptions,
  ): Name {
    checkTask(task)
    checkFunction('callback', callback)
    const registration: Registration = {
      task,
      // The server names the task of a job: its data are what the encoder of that task makes of them.
      run: (job) => callback(this, job as never),
      ...resolveTaskOptions(options),
    }
    const previous = this.#tasks.get(task)
    this.#tasks.set(task, registration)
    this.#lanes.register(registration, previous)
    return task
  }

  /**
   * Takes a task back; nothing happens when it is not registered. Jobs of it that run here end as usual; the
   * servers are told when none runs any more, because they would give it to somebody else at once.
   *
   * @returns the task
   */
  unregisterTask<Name extends TaskName<Map>>(task: Name): Name {
    const registration = this.#tasks.get(checkTask(task))
    if (registration === undefined) return task
    this.#tasks.delete(task)
    this.#lanes.unregister(registration)
    return task
  }

  /**
   * Sets how the servers' lists of workers call this one, now and after each reconnect.
   *
   * @param id - 1 to 127 bytes without white space and NUL
   * @returns the id
   * @throws InvalidArgumentError otherwise
   */
  setClientId(id: string): string {
    this.#clientId = checkClientId(id)
    for (const session of this.#lanes.sessions()) session.setClientId(id)
    return id
  }

  /**
   * Takes jobs until somebody stops it. Servers that cannot be reached are dialled again and again, for ever: that
   * none is there is no error.
   *
   * @returns a promise that resolves after {@link stop}, {@link shutdown}, the abort of `signal`, or a hook that
   * returned `false`; all but shutdown let the jobs that run end first
   * @throws InvalidWorkerState (rejection) when it works already, or was shut down
   * @throws what `afterPoll` or `afterJob` throws (rejection), after an orderly stop
   */
  async work(options?: WorkOptions): Promise<void> {
    const { pollTimeoutMs, signal } = resolveWorkOptions(options)
    this.#checkCanWork()
    if (signal?.aborted) return
    const loop = this.#createLoop(pollTimeoutMs)
    const onAbort = (): void => loop.stop(Number.POSITIVE_INFINITY)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      this.#lanes.open()
      await loop.ended
    } finally {
      signal?.removeEventListener('abort', onAbort)
      if (this.#loop === loop) this.#onLoopEnd()
    }
  }

  /**
   * Takes no job any more, lets those that run end, and closes the connections; `work()` resolves with that.
   * Jobs that were fetched and not started go back to their servers. The worker can work again afterwards.
   *
   * Do not wait for it in a callback: it waits for that callback.
   *
   * @param options - `timeout`: after it the signals of the jobs that still run are aborted, and all is closed;
   * their servers give them to other workers
   */
  async stop(options?: StopOptions): Promise<void> {
    const timeoutMs = resolveStopOptions(options)
    const loop = this.#loop
    if (loop === undefined) return
    loop.stop(timeoutMs)
    // What a hook has thrown is for whoever waits for work().
    await loop.ended.catch(() => undefined)
  }

  /**
   * Resolves when a server knows all tasks of this worker, or with `all` every server does: jobs that are submitted
   * from then on find it. `work()` must be under way.
   *
   * @throws InvalidWorkerState (rejection) when it is not
   * @throws ServerUnavailable (rejection) naming each server that could not be reached, and why
   */
  override async ready(options?: ReadyOptions): Promise<void> {
    if (this.#loop === undefined) {
      throw new InvalidWorkerState('work() is not under way: call it first')
    }
    await super.ready(options)
  }

  /** Closes all connections now, for good: jobs that run are aborted, `work()` resolves. May be called again. */
  override async shutdown(): Promise<void> {
    this.#isShutDown = true
    const reason = new InvalidWorkerState('the worker was shut down')
    const loop = this.#loop
    loop?.close(reason)
    await this.#lanes.close(reason)
    await loop?.ended.catch(() => undefined)
    await super.shutdown()
  }

  /** Sends how far a job is; see {@link GearmanWorkerJob.sendStatus}. */
  sendJobStatus(job: GearmanWorkerJob, numerator: number, denominator: number): Promise<void> {
    return this.#report.sendStatus(assignmentOf(job), numerator, denominator)
  }

  /** Sends data of a job that runs; see {@link GearmanWorkerJob.sendData}. */
  sendJobData<Update>(job: GearmanWorkerJob<unknown, Update>, data: Update): Promise<void> {
    return this.#report.sendData(assignmentOf(job), data)
  }

  /** Sends a warning of a job that runs; see {@link GearmanWorkerJob.sendWarning}. */
  sendJobWarning<Update>(job: GearmanWorkerJob<unknown, Update>, data: Update): Promise<void> {
    return this.#report.sendWarning(assignmentOf(job), data)
  }

  /**
   * Ends a job with a result. What its callback returns is not sent any more.
   *
   * @throws InvalidWorkerState (rejection) when the job has ended already
   * @throws ConnectionError (rejection) when the connection of the job is lost
   * @throws EncodingError (rejection) when the result cannot be encoded; the job goes on
   */
  sendJobComplete(job: GearmanWorkerJob, result: TaskResult<Map, TaskName<Map>>): Promise<void> {
    return this.#report.sendComplete(assignmentOf(job), result)
  }

  /** Ends a job as failed (WORK_FAIL), without a reason; see {@link sendJobComplete}. */
  sendJobFailure(job: GearmanWorkerJob): Promise<void> {
    return this.#report.sendFailure(assignmentOf(job))
  }

  /** Ends a job as failed, with data as the reason (WORK_EXCEPTION); see {@link sendJobComplete}. */
  sendJobException(job: GearmanWorkerJob, data: TaskResult<Map, TaskName<Map>>): Promise<void> {
    return this.#report.sendException(assignmentOf(job), data)
  }

  /** To override: makes the job that callbacks get. Must return a {@link GearmanWorkerJob}. */
  createJob(assignment: JobAssignment): GearmanWorkerJob {
    return new GearmanWorkerJob(assignment)
  }

  /**
   * To override: runs a job. By itself it calls the task's callback, and then {@link onJobComplete} or
   * {@link onJobException}.
   *
   * @returns what is waited for before the job's place is free; what it throws fails the job
   */
  onJobExecute(job: GearmanWorkerJob): unknown {
    return this.#runner.runCallback(assignmentOf(job))
  }

  /**
   * To override: a callback has returned. By itself it sends the result, unless the job has ended. Where
   * nothing is sent the job stays assigned to this worker: `sendJob*` may end it later.
   */
  onJobComplete(job: GearmanWorkerJob, result: unknown): unknown {
    this.#report.complete(assignmentOf(job), result)
    return true
  }

  /**
   * To override: a callback has thrown, its time ran out, its data could not be decoded (`job.data` are the
   * bytes then) or its result not be encoded. By itself it sends what was thrown, unless the job has ended.
   */
  onJobException(job: GearmanWorkerJob, error: unknown): unknown {
    this.#report.throwInto(assignmentOf(job), error)
    return false
  }

  /**
   * To override: called after each turn in which a server has sent something (`true`), and after each `pollTimeout`
   * of quiet (`false`); not while an earlier call has not resolved.
   *
   * @returns whether to go on; `false` stops the worker
   */
  afterPoll(_anyActivity: boolean): boolean | Promise<boolean> {
    return true
  }

  /**
   * To override: called once for each job whose callback has settled while `work()` is under way.
   *
   * @returns whether to go on; `false` stops the worker
   */
  afterJob(): boolean | Promise<boolean> {
    return true
  }

  /** @internal The connections of the tasks without limits of their own. */
  protected override connectionGroup(): ConnectionGroup {
    return this.#lanes.common.group
  }

  /** @internal */
  protected override readyTargets(): readonly ReadyTarget[] {
    return this.#lanes.groups.map(wholeGroup)
  }

  /** @internal Servers have read the registrations. */
  protected override async confirmReady(needsAll: boolean): Promise<void> {
    await this.#lanes.registered(needsAll)
  }

  #checkCanWork(): void {
    if (this.#isShutDown || this.pool.isClosed) {
      throw new InvalidWorkerState('the worker was shut down: make a new one')
    }
    if (this.#loop !== undefined) throw new InvalidWorkerState('work() is under way already')
    // A property `dataEncoder` that is none should not wait for the first job.
    this.#encoders.encoderFor('')
  }

  #createLoop(pollTimeoutMs: number): WorkLoop {
    const loop = new WorkLoop({
      pollTimeoutMs,
      afterPoll: (anyActivity) => this.afterPoll(anyActivity),
      afterJob: () => this.afterJob(),
      retire: () => this.#lanes.retire(),
      close: (reason) => this.#lanes.close(reason),
      onEnd: () => this.#onLoopEnd(),
    })
    this.#loop = loop
    this.#watch.start()
    this.pool.events.on('state', this.#onPoolState)
    return loop
  }

  /** Costs nothing where nobody listens. */
  #onReadEnd(): void {
    if (this.afterPoll !== GearmanWorker.prototype.afterPoll) this.#loop?.onRead()
  }

  #onLoopEnd(): void {
    this.#loop = undefined
    this.#clock.stop()
    this.#watch.stop()
    this.pool.events.off('state', this.#onPoolState)
  }

  #createLanes(slots: Slots): Lanes {
    return new Lanes(
      {
        pool: this.pool,
        slots,
        clock: this.#clock,
        runner: this.#runner,
        events: this.events,
        clientId: () => this.#clientId,
        onReadEnd: () => this.#onReadEnd(),
      },
      this.#tasks,
    )
  }
}

/** @throws InvalidArgumentError for anything but a job of a worker */
function assignmentOf(job: unknown): JobAssignment {
  if (job instanceof GearmanWorkerJob) return job.assignment
  throw new InvalidArgumentError('job', `must be a job of this worker, not ${show(job)}`)
}
