import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionEvents } from '../connection/connection-events.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { GearmanConnectionManager } from '../connection/connection-manager.ts'
import { type ReadyTarget, wholeGroup } from '../connection/readiness.ts'
import type { HostList } from '../connection/server-address.ts'
import { checkBoolean } from '../core/checks.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import { EncoderRegistry } from '../encoders/encoder-registry.ts'
import type { EncoderSource } from '../encoders/encoder-source.ts'
import type { RawDataEncoder } from '../encoders/raw-data-encoder.ts'
import { JOB_PENDING } from '../jobs/constants.ts'
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
import type { CallKind } from './job-call.ts'
import type { JobByHandle, JobByUnique } from './job-questions.ts'
import { GearmanJobRequest } from './job-request.ts'
import type { JobResult, JobResultOptions } from './job-result.ts'
import { JobResultReader } from './job-result-reader.ts'
import type { JobStatus } from './job-status.ts'
import { JobStatusReader } from './job-status-reader.ts'
import { checkRequests, listOf, RequestFactory } from './request-factory.ts'
import { requestResult, takenRequest } from './request-outcome.ts'
import { RequestStatusReader } from './request-status-reader.ts'
import { isOverdue, RequestSubmitter } from './request-submitter.ts'
import { isAccepted, isDone, isStatusKnown, RequestWaiter } from './request-waiter.ts'
import { ServerChooser } from './server-chooser.ts'
import { streamUpdates } from './stream-updates.ts'
import type { AnyRequest, TaskRequest } from './task-request.ts'
import type { JobUpdate } from './update-queue.ts'

/**
 * Submits jobs to job servers and follows them. Names and arguments are python-gearman's; times are milliseconds.
 *
 * `submit*` resolve with requests whose fields tell what became of the job: a job that fails is no rejection.
 * {@link do} and {@link stream} are for those who only want the result.
 */
export class GearmanClient<
  Tasks extends object = UntypedTasks,
  E extends AnyEncoder = RawDataEncoder,
> extends GearmanConnectionManager<ConnectionEvents> {
  /** The encoder of all tasks that have none of their own: for subclasses to set, as in Python. */
  declare dataEncoder?: EncoderSource | undefined
  readonly #group: ConnectionGroup<ClientSession>
  readonly #encoders: EncoderRegistry
  readonly #chooser: ServerChooser
  readonly #factory = new RequestFactory()
  readonly #waiter: RequestWaiter
  readonly #submitter: RequestSubmitter
  readonly #statuses: JobStatusReader
  readonly #results: JobResultReader
  readonly #requestStatuses: RequestStatusReader
  readonly #run: CallKind<unknown>
  readonly #submission: CallKind<GearmanJobRequest>
  readonly #acceptance: CallKind<GearmanJobRequest>

  /**
   * @param hostList - the servers, or a manager to share; left out: `GEARMAN_SERVERS`, else `localhost:4730`
   * @param options - encoders, and how to connect
   * @throws InvalidArgumentError for an unknown host form, a port or an option out of range
   */
  constructor(
    hostList?: HostList | GearmanConnectionManager<never>,
    options: GearmanClientOptions<E> | GearmanClientOptions = {},
  ) {
    super(hostList, options)
    this.#group = this.pool.group(CLIENT_ROLE)
    this.#encoders = new EncoderRegistry(options, () => this.dataEncoder)
    this.#chooser = new ServerChooser(this.#group, this.pool.settings.strategy)
    this.#waiter = new RequestWaiter(this.#group)
    this.#submitter = new RequestSubmitter({
      host: {
        establishRequestConnection: (request) => this.establishRequestConnection(request),
        encoderFor: (task) => this.#encoders.encoderFor(task),
      },
      group: this.#group,
      factory: this.#factory,
      waiter: this.#waiter,
    })
    this.#statuses = new JobStatusReader(this.#group)
    this.#results = new JobResultReader(this.#group)
    this.#requestStatuses = new RequestStatusReader(this.#statuses)
    this.#run = this.#submitter.untilDone(requestResult)
    this.#submission = this.#submitter.untilDone(takenRequest)
    this.#acceptance = this.#submitter.untilAccepted(takenRequest)
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
  submitJob<Name extends TaskName<ClientTasks<Tasks, E>>>(
    task: Name,
    data: TaskData<ClientTasks<Tasks, E>, Name>,
    options: SubmitJobOptions = {},
  ): Promise<TaskRequest<ClientTasks<Tasks, E>, Name>> {
    try {
      const request: TaskRequest<ClientTasks<Tasks, E>, Name> = this.#factory.create(
        task,
        data,
        options,
      )
      const { waitUntilComplete = true } = options
      const kind = checkBoolean('waitUntilComplete', waitUntilComplete)
        ? this.#submission
        : this.#acceptance
      // The call gives the request that it is about.
      return this.#submitter.call(request, kind, resolveWait(options)) as Promise<typeof request>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Submits many jobs at once. Each may carry options of its own.
   *
   * @returns the requests in the order of the jobs; what kept one from being taken stands in its `error`
   * @throws InvalidArgumentError, EncodingError when one of them cannot be sent; none was
   */
  async submitMultipleJobs(
    jobs: Iterable<JobToSubmit<ClientTasks<Tasks, E>>>,
    options: SubmitMultipleJobsOptions = {},
  ): Promise<AnyRequest<Tasks, E>[]> {
    // What the map says of a job's types is between the caller and the compiler.
    const untyped = listOf('jobs', jobs) as UntypedJob<AnyRequest<Tasks, E>['job']['data']>[]
    const requests = untyped.map(
      (job): AnyRequest<Tasks, E> => this.#factory.create(job.task, job.data, job, options),
    )
    await this.#submitter.submit(requests, options, resolveWait(options))
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
    await this.#submitter.submit(list, options, resolveWait(options))
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
    for (const request of list) request.timedOut = isOverdue(request)
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
    this.#submitter.checkOpen()
    const list = checkRequests(requests)
    const limits = resolveWait(options)
    limits.signal?.throwIfAborted()
    const asked = this.#requestStatuses.ask(list)
    if (await this.#waiter.wait(list, isStatusKnown, limits)) await asked
    for (const request of list) request.timedOut = !isStatusKnown(request)
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
    if (job instanceof GearmanJobRequest) {
      await this.getJobStatuses([job], options)
      return job
    }
    this.#submitter.checkOpen()
    const limits = resolveWait(options)
    limits.signal?.throwIfAborted()
    return await this.#waiter.within(this.#statuses.read(job), limits)
  }

  /**
   * What became of a background job, by server and handle, or by unique id, for which all servers are asked. Only
   * the bundled server can tell, with its option `keepResults`, and for as long as that says.
   *
   * @throws ServerError `UNKNOWN_OPTION` when the server is another one, such as gearmand; `NOT_KEPT` when it keeps
   * no results
   * @throws EncodingError when the result cannot be decoded
   * @throws ServerUnavailable when no server can be reached
   * @throws InvalidClientState when there is no answer within `pollTimeout`
   */
  async getJobResult<Name extends TaskName<ClientTasks<Tasks, E>>>(
    job: JobByHandle | JobByUnique,
    options: JobResultOptions<Name> = {},
  ): Promise<JobResult<TaskResult<ClientTasks<Tasks, E>, Name>>> {
    this.#submitter.checkOpen()
    const limits = resolveWait(options)
    limits.signal?.throwIfAborted()
    const encoder = this.#encoders.encoderFor(options.task ?? '')
    const answer = this.#waiter.within(this.#results.read(job, encoder), limits)
    // The encoder of the task makes what the map of tasks says.
    return (await answer) as JobResult<TaskResult<ClientTasks<Tasks, E>, Name>>
  }

  /**
   * Runs a job and gives its result.
   *
   * @throws JobFailedError, JobExceptionError when the job failed
   * @throws JobTimeoutError when it did not end within `pollTimeout`
   * @throws JobLostError when its connection was lost
   * @throws whatever {@link submitJob} rejects with
   */
  do<Name extends TaskName<ClientTasks<Tasks, E>>>(
    task: Name,
    data: TaskData<ClientTasks<Tasks, E>, Name>,
    options: DoOptions = {},
  ): Promise<TaskResult<ClientTasks<Tasks, E>, Name>> {
    try {
      const request: TaskRequest<ClientTasks<Tasks, E>, Name> = this.#factory.create(
        task,
        data,
        options,
      )
      // The encoder of the task makes what the map of tasks says.
      return this.#submitter.call(request, this.#run, resolveWait(options)) as Promise<
        TaskResult<ClientTasks<Tasks, E>, Name>
      >
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Runs a job and gives what it sends as it comes, its result last. Leaving the loop early does not cancel the job.
   *
   * @returns a generator of updates, which returns the result
   * @throws as {@link do}
   */
  async *stream<Name extends TaskName<ClientTasks<Tasks, E>>>(
    task: Name,
    data: TaskData<ClientTasks<Tasks, E>, Name>,
    options: DoOptions = {},
  ): AsyncGenerator<
    JobUpdate<TaskResult<ClientTasks<Tasks, E>, Name>, TaskUpdate<ClientTasks<Tasks, E>, Name>>,
    TaskResult<ClientTasks<Tasks, E>, Name>,
    undefined
  > {
    const request: TaskRequest<ClientTasks<Tasks, E>, Name> = this.#factory.create(
      task,
      data,
      options,
    )
    return yield* streamUpdates(request, this.#submitter, resolveWait(options))
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
    this.#submitter.shutDown()
    const closed = super.shutdown()
    this.#submitter.abandonAll()
    await closed
  }

  /** @internal The connections that clients of one manager share. */
  protected override connectionGroup(): ConnectionGroup {
    return this.#group
  }

  /** @internal */
  protected override readyTargets(): readonly ReadyTarget[] {
    return [wholeGroup(this.#group)]
  }
}

interface UntypedJob<Data> extends JobOptions {
  readonly task: string
  readonly data: Data
}
