import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionEvents } from '../connection/connection-events.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { GearmanConnectionManager } from '../connection/connection-manager.ts'
import type { HostList } from '../connection/server-address.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import { EncoderRegistry } from '../encoders/encoder-registry.ts'
import type { EncoderSource } from '../encoders/encoder-source.ts'
import type { RawDataEncoder } from '../encoders/raw-data-encoder.ts'
import { ConnectionError, InvalidClientState } from '../errors.ts'
import { JOB_CREATED, JOB_PENDING } from '../jobs/constants.ts'
import type {
  ClientTasks,
  TaskData,
  TaskName,
  TaskResult,
  TaskUpdate,
  UntypedTasks,
} from '../jobs/task-map.ts'
import {
  type DoOptions,
  type GearmanClientOptions,
  type JobOptions,
  type JobToSubmit,
  resolveWait,
  type SubmitJobOptions,
  type SubmitMultipleJobsOptions,
  type SubmitMultipleRequestsOptions,
  type WaitOptions,
} from './client-options.ts'
import { CLIENT_ROLE } from './client-role.ts'
import type { ClientSession } from './client-session.ts'
import { JobCanceller } from './job-canceller.ts'
import { JobDispatcher } from './job-dispatcher.ts'
import type { GearmanJobRequest } from './job-request.ts'
import type { JobStatus } from './job-status.ts'
import { type JobByHandle, type JobByUnique, JobStatusReader } from './job-status-reader.ts'
import { checkRequest, RequestFactory } from './request-factory.ts'
import { requestResult } from './request-outcome.ts'
import { RequestStatusReader } from './request-status-reader.ts'
import { isAccepted, isDone, isStatusKnown, RequestWaiter } from './request-waiter.ts'
import { ServerChooser } from './server-chooser.ts'
import { streamUpdates } from './stream-updates.ts'
import { needsSubmission } from './submit-packet.ts'
import type { JobUpdate } from './update-queue.ts'

/** The request of a task of a map. */
export type TaskRequest<Tasks, Name extends TaskName<Tasks>> = GearmanJobRequest<
  TaskData<Tasks, Name>,
  TaskResult<Tasks, Name>,
  TaskUpdate<Tasks, Name>
>

/**
 * Submits jobs to job servers and follows them. Names and arguments are python-gearman's; times are milliseconds.
 *
 * `submit*` resolve with requests whose fields tell what became of the job: a job that fails is no rejection.
 * {@link do} and {@link stream} are for those who only want the result.
 */
export class GearmanClient<
  Tasks extends object = UntypedTasks,
  E extends AnyEncoder = RawDataEncoder,
  Map = ClientTasks<Tasks, E>,
> extends GearmanConnectionManager<ConnectionEvents> {
  /** The encoder of all tasks that have none of their own: for subclasses to set, as in Python. */
  declare dataEncoder?: EncoderSource | undefined
  readonly #group: ConnectionGroup<ClientSession>
  readonly #encoders: EncoderRegistry
  readonly #chooser: ServerChooser
  readonly #dispatcher: JobDispatcher
  readonly #factory = new RequestFactory()
  readonly #waiter: RequestWaiter
  readonly #statuses: JobStatusReader
  readonly #requestStatuses: RequestStatusReader
  readonly #canceller: JobCanceller
  #isShutDown = false

  /**
   * @param hostList - the servers, or a manager to share; left out: `GEARMAN_SERVERS`, else `localhost:4730`
   * @param options - encoders, and how to connect
   * @throws InvalidArgumentError for an unknown host form, a port or an option out of range
   */
  constructor(
    hostList?: HostList | GearmanConnectionManager<never>,
    options: GearmanClientOptions<E> = {},
  ) {
    super(hostList, options)
    this.#group = this.pool.group(CLIENT_ROLE)
    this.#encoders = new EncoderRegistry(options, () => this.dataEncoder)
    this.#chooser = new ServerChooser(this.#group, this.pool.settings.strategy)
    this.#dispatcher = new JobDispatcher({
      establishRequestConnection: (request) => this.establishRequestConnection(request),
      encoderFor: (task) => this.#encoders.encoderFor(task),
    })
    this.#waiter = new RequestWaiter(this.#group)
    this.#statuses = new JobStatusReader(this.#group)
    this.#requestStatuses = new RequestStatusReader(this.#statuses)
    this.#canceller = new JobCanceller(this.#dispatcher, this.#waiter)
  }

  /**
   * Submits one job.
   *
   * @returns the request, when the job has ended, was lost, or the time ran out; with `waitUntilComplete: false`, or in the
   * background, when a server has accepted it
   * @throws InvalidArgumentError, EncodingError for what cannot be sent; nothing was
   * @throws ServerError when the server refused it, such as `QUEUE_ERROR`
   * @throws ServerUnavailable when no server could be reached (within `pollTimeout`, if there is one)
   * @throws ExceededConnectionAttempts when it was lost more often than `maxRetries` allows
   */
  async submitJob<Name extends TaskName<Map>>(
    task: Name,
    data: TaskData<Map, Name>,
    options: SubmitJobOptions = {},
  ): Promise<TaskRequest<Map, Name>> {
    const request: TaskRequest<Map, Name> = this.#factory.create(task, data, options)
    const requests = [request]
    try {
      await this.#submit(requests, options)
    } finally {
      this.#conclude(requests, options)
    }
    if (request.error !== undefined) throw request.error
    return request
  }

  /**
   * Submits many jobs at once. Each may carry options of its own.
   *
   * @returns the requests in the order of the jobs; what kept one from being taken stands in its `error`
   * @throws InvalidArgumentError, EncodingError when one of them cannot be sent; none was
   */
  async submitMultipleJobs(
    jobs: Iterable<JobToSubmit<Map>>,
    options: SubmitMultipleJobsOptions = {},
  ): Promise<TaskRequest<Map, TaskName<Map>>[]> {
    // What the map says of a job's types is between the caller and the compiler.
    const untyped = jobs as Iterable<UntypedJob<TaskData<Map, TaskName<Map>>>>
    const requests = Array.from(
      untyped,
      (job): TaskRequest<Map, TaskName<Map>> =>
        this.#factory.create(job.task, job.data, job, options),
    )
    try {
      await this.#submit(requests, options)
    } finally {
      this.#conclude(requests, options)
    }
    return requests
  }

  /**
   * Submits requests again that were lost, with a fresh count of attempts, and waits on for those that are
   * under way: for what timed out or was lost the first time.
   *
   * @returns the same requests
   * @throws InvalidArgumentError, EncodingError when one of them cannot be sent; none was
   */
  async submitMultipleRequests<Request extends GearmanJobRequest>(
    requests: Iterable<Request>,
    options: SubmitMultipleRequestsOptions = {},
  ): Promise<Request[]> {
    const list = checkRequests(requests)
    try {
      await this.#submit(list, options)
    } finally {
      this.#conclude(list, options)
    }
    return list
  }

  /**
   * Waits until a server has accepted each request, or it is certain that none will.
   *
   * @returns the same requests; `timedOut` is set on those that were sent and not accepted in time
   */
  async waitUntilJobsAccepted<Request extends GearmanJobRequest>(
    requests: Iterable<Request>,
    options: WaitOptions = {},
  ): Promise<Request[]> {
    const list = checkRequests(requests)
    await this.#waiter.wait(list, isAccepted, resolveWait(options))
    for (const request of list) request.timedOut = request.state === JOB_PENDING
    return list
  }

  /**
   * Waits until each request is complete or lost. Nothing is sent again.
   *
   * @returns the same requests; `timedOut` is set on those whose job was sent and did not end in time
   */
  async waitUntilJobsCompleted<Request extends GearmanJobRequest>(
    requests: Iterable<Request>,
    options: WaitOptions = {},
  ): Promise<Request[]> {
    const list = checkRequests(requests)
    await this.#waiter.wait(list, isDone, resolveWait(options))
    markTimedOut(list)
    return list
  }

  /**
   * Asks the servers of some requests for their status and waits for the answers.
   *
   * @returns the same requests, with a new `status`; `timedOut` is set on those whose answer did not come in time
   * @throws InvalidClientState when one of them was never accepted
   * @throws ServerUnavailable when a server cannot be reached
   */
  async getJobStatuses<Request extends GearmanJobRequest>(
    requests: Iterable<Request>,
    options: WaitOptions = {},
  ): Promise<Request[]> {
    this.#checkOpen()
    const list = checkRequests(requests)
    const limits = resolveWait(options)
    const asked = this.#requestStatuses.ask(list)
    await this.waitUntilJobStatusesReceived(list, options)
    if (performance.now() < limits.deadlineMs) await asked
    return list
  }

  /**
   * Waits for status answers that are under way.
   *
   * @returns the same requests; `timedOut` is set on those whose answer did not come in time
   */
  async waitUntilJobStatusesReceived<Request extends GearmanJobRequest>(
    requests: Iterable<Request>,
    options: WaitOptions = {},
  ): Promise<Request[]> {
    const list = checkRequests(requests)
    await this.#waiter.wait(list, isStatusKnown, resolveWait(options))
    for (const request of list) request.timedOut = !isStatusKnown(request)
    return list
  }

  /** {@link getJobStatuses} for one request. */
  async getJobStatus<Request extends GearmanJobRequest>(
    request: Request,
    options?: WaitOptions,
  ): Promise<Request>
  /**
   * The status of a job of which there is no request here: by server and handle, or by unique id, for which
   * all servers are asked.
   */
  async getJobStatus(job: JobByHandle | JobByUnique, options?: WaitOptions): Promise<JobStatus>
  async getJobStatus(
    job: GearmanJobRequest | JobByHandle | JobByUnique,
    options: WaitOptions = {},
  ): Promise<GearmanJobRequest | JobStatus> {
    if ('gearmanJob' in job) {
      await this.getJobStatuses([job], options)
      return job
    }
    this.#checkOpen()
    const asked = 'handle' in job ? this.#statuses.byHandle(job) : this.#statuses.byUnique(job)
    return await this.#waiter.within(asked, resolveWait(options))
  }

  /**
   * Runs a job and gives its result.
   *
   * @throws JobFailedError, JobExceptionError when the job failed
   * @throws JobTimeoutError when it did not end within `pollTimeout`
   * @throws JobLostError when its connection was lost
   * @throws whatever {@link submitJob} rejects with
   */
  async do<Name extends TaskName<Map>>(
    task: Name,
    data: TaskData<Map, Name>,
    options: DoOptions = {},
  ): Promise<TaskResult<Map, Name>> {
    const request: TaskRequest<Map, Name> = this.#factory.create(task, data, options)
    const requests = [request]
    try {
      await this.#submit(requests, options)
    } finally {
      this.#conclude(requests, options)
    }
    return requestResult(request)
  }

  /**
   * Runs a job and gives what it sends as it comes, its result last. Leaving the loop early does not cancel the job.
   *
   * @returns a generator of updates, which returns the result
   * @throws as {@link do}
   */
  async *stream<Name extends TaskName<Map>>(
    task: Name,
    data: TaskData<Map, Name>,
    options: DoOptions = {},
  ): AsyncGenerator<
    JobUpdate<TaskResult<Map, Name>, TaskUpdate<Map, Name>>,
    TaskResult<Map, Name>,
    undefined
  > {
    const request: TaskRequest<Map, Name> = this.#factory.create(task, data, options)
    const limits = resolveWait(options)
    return yield* streamUpdates(request, this.#waiter, limits, () =>
      this.#begin([request], options),
    )
  }

  /**
   * Chooses the server of a request: a connection that is ready, or a promise of one. For subclasses to override.
   */
  establishRequestConnection(
    request: GearmanJobRequest,
  ): GearmanConnection | Promise<GearmanConnection> {
    return this.#chooser.choose(request)
  }

  /**
   * Closes the connections now, unless they belong to a manager that was handed in. What is pending is
   * settled: its state is UNKNOWN, `delivery` tells how much is known. May be called again.
   */
  override async shutdown(): Promise<void> {
    this.#isShutDown = true
    await super.shutdown()
    const error = new ConnectionError('the client was shut down')
    for (const request of this.#waiter.pending()) this.#dispatcher.abandon(request, error)
  }

  protected override connectionGroup(): ConnectionGroup {
    return this.#group
  }

  /** Sends, and gives the promise that the call waits for: one, however many requests there are. */
  #submit(
    requests: readonly GearmanJobRequest[],
    options: SubmitMultipleRequestsOptions,
  ): Promise<boolean> {
    const limits = resolveWait(options)
    this.#begin(requests, options)
    return this.#waiter.wait(requests, conditionOf(options), limits)
  }

  /** The call is over: what has not left by now must not leave later. */
  #conclude(requests: readonly GearmanJobRequest[], options: SubmitMultipleRequestsOptions): void {
    if (!requests.every(isAccepted)) {
      const error = this.#unsentError()
      for (const request of requests) this.#dispatcher.withdraw(request, error)
    }
    if (conditionOf(options) === isDone) markTimedOut(requests)
    else for (const request of requests) request.timedOut = request.state === JOB_PENDING
  }

  /** Checks and encodes all, and only then sends any. */
  #begin(requests: readonly GearmanJobRequest[], options: WaitOptions): void {
    this.#checkOpen()
    options.signal?.throwIfAborted()
    const unsent = requests.filter(needsSubmission)
    for (const request of unsent) {
      this.#factory.complete(request)
      this.#dispatcher.encode(request)
    }
    const isPatient = options.pollTimeout !== undefined
    for (const request of unsent) {
      request.owner = this.#canceller
      request.progress.isPatient = isPatient
      request.connectionAttempts = 0
      request.error = undefined
      request.timedOut = false
      this.#dispatcher.submit(request)
    }
  }

  #unsentError(): Error {
    return this.#isShutDown
      ? new ConnectionError('the client was shut down')
      : this.#group.unavailable()
  }

  #checkOpen(): void {
    if (this.#isShutDown) throw new InvalidClientState('the client was shut down')
  }
}

interface UntypedJob<Data> extends JobOptions {
  readonly task: string
  readonly data: Data
}

/** What a call waits for. */
function conditionOf(
  options: SubmitMultipleRequestsOptions,
): (request: GearmanJobRequest) => boolean {
  return options.waitUntilComplete === false ? isAccepted : isDone
}

function checkRequests<Request extends GearmanJobRequest>(requests: Iterable<Request>): Request[] {
  const list = [...requests]
  for (const request of list) checkRequest(request)
  return list
}

/** Design 3.5: the clock ran out on a job that was sent; nothing else. */
function markTimedOut(requests: readonly GearmanJobRequest[]): void {
  for (const request of requests) {
    const isUnderWay = request.state === JOB_PENDING || request.state === JOB_CREATED
    request.timedOut = isUnderWay && !request.complete
  }
}
