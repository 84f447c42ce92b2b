import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { GearmanConnectionManager } from '../connection/connection-manager.ts'
import type { ReadyTarget } from '../connection/readiness.ts'
import { InvalidAdminClientState } from '../errors.ts'
import { checkName, checkTask } from '../jobs/job-checks.ts'
import { type AdminCommandName, checkWord } from '../protocol/admin-commands.ts'
import { type FailedJob, parseFailedList } from '../protocol/admin-failed-replies.ts'
import {
  type JobDetails,
  parseCount,
  parseFunctionList,
  parseJobList,
  type TaskDetails,
} from '../protocol/admin-list-replies.ts'
import {
  parseDone,
  parseJobs,
  parsePid,
  parsePriorityStatus,
  parseStatus,
  parseUniqueJobs,
  parseVerbose,
  parseVersion,
  parseWorkers,
  type QueuedJob,
  type TaskPriorityStatus,
  type TaskStatus,
  type UniqueJob,
  type WorkerConnection,
} from '../protocol/admin-replies.ts'
import { MAX_HANDLE_BYTES } from '../protocol/limits.ts'
import { AdminCalls } from './admin-calls.ts'
import {
  type AdminCallOptions,
  type AdminClientOptions,
  type AdminHost,
  type FailedJobsFilter,
  type MaxqueueSizes,
  refuseConnectionOptions,
  resolveAdminOptions,
  resolveCount,
  resolveFailedFilter,
  resolveMaxqueueSizes,
  toHostList,
} from './admin-options.ts'
import { PingRequest, type ReplyParser, TextRequest } from './admin-request.ts'
import { ADMIN_ROLE, type AdminSession } from './admin-session.ts'
import { chooseServer } from './choose-server.ts'

/**
 * Looks at one job server and steers it, over a connection of its own.
 *
 * Calls made at the same time are pipelined; each gets its own answer. Every call rejects with
 *
 * - {@link ServerUnavailable} when the server cannot be reached, naming its address and the cause;
 * - {@link InvalidAdminClientState} when no answer comes within `pollTimeout`, and after {@link shutdown}. A
 *   connection that does not answer is closed, and dialled again at the next call;
 * - {@link ServerError} when the server refuses the command or does not know it;
 * - {@link ProtocolError} when its answer makes no sense;
 * - {@link ConnectionError} when the connection is lost before the answer;
 * - {@link InvalidArgumentError} for a wrong argument, before anything is sent;
 * - the reason of `signal`, when that aborts.
 *
 * Calls that wait keep the process alive, an idle admin client does not. See PROTOCOL, "Administrative
 * Protocol", and gearmand `libgearman-server/text.cc`.
 */
export class GearmanAdminClient extends GearmanConnectionManager {
  readonly #group: ConnectionGroup<AdminSession>
  readonly #connection: GearmanConnection<AdminSession>
  readonly #calls: AdminCalls

  /**
   * @param hostOrManager - the server: one address, a list that holds one, or a manager to share; left out:
   * `GEARMAN_SERVERS`, else `localhost:4730`
   * @param options - `server` picks one of several; `pollTimeout` in milliseconds; how to connect, which is
   * not allowed beside a manager
   * @throws InvalidArgumentError for several servers without `server`, for one that is not in the list, for
   * an unknown form or an option out of range
   */
  constructor(
    hostOrManager?: AdminHost | GearmanConnectionManager<never>,
    options?: AdminClientOptions,
  ) {
    const { server, pollTimeoutMs, connection } = resolveAdminOptions(options)
    if (hostOrManager instanceof GearmanConnectionManager) {
      refuseConnectionOptions(connection)
      super(hostOrManager)
    } else {
      super(toHostList(hostOrManager), connection)
    }
    this.#group = this.pool.group(ADMIN_ROLE)
    this.#connection = chooseServer(this.#group.connections, server)
    this.#calls = new AdminCalls(this.#group, this.#connection, pollTimeoutMs)
  }

  /** The one connection of this client. */
  override get connectionList(): readonly GearmanConnection[] {
    return [this.#connection]
  }

  /** An admin client speaks to one server: always throws {@link InvalidAdminClientState}. */
  override addConnection(): never {
    throw new InvalidAdminClientState('an admin client speaks to one server: make another one')
  }

  /** What the server knows of each task: jobs, jobs that run, workers. */
  getStatus(options?: AdminCallOptions): Promise<readonly TaskStatus[]> {
    return this.#ask('status', [], parseStatus, options)
  }

  /** How many jobs of each priority wait, task by task. */
  getPriorityStatus(options?: AdminCallOptions): Promise<readonly TaskPriorityStatus[]> {
    return this.#ask('prioritystatus', [], parsePriorityStatus, options)
  }

  /** Every open connection of the server, this one included; those with tasks are workers. */
  getWorkers(options?: AdminCallOptions): Promise<readonly WorkerConnection[]> {
    return this.#ask('workers', [], parseWorkers, options)
  }

  /** The version of the server, such as `1.1.20+ds`: without the `OK ` that python-gearman leaves in front. */
  getVersion(options?: AdminCallOptions): Promise<string> {
    return this.#ask('version', [], parseVersion, options)
  }

  /** The process id of the server. */
  getPid(options?: AdminCallOptions): Promise<number> {
    return this.#ask('getpid', [], parsePid, options)
  }

  /** Every job that the server holds, those that run included. */
  getJobs(options?: AdminCallOptions): Promise<readonly QueuedJob[]> {
    return this.#ask('showJobs', [], parseJobs, options)
  }

  /** The unique id of every job that the server holds; empty for a job without one. */
  getUniqueJobs(options?: AdminCallOptions): Promise<readonly UniqueJob[]> {
    return this.#ask('showUniqueJobs', [], parseUniqueJobs, options)
  }

  /** The log level of the server, such as `ERROR` or `INFO`. It cannot be changed from here. */
  getVerbose(options?: AdminCallOptions): Promise<string> {
    return this.#ask('verbose', [], parseVerbose, options)
  }

  /**
   * Asks for a sign of life.
   *
   * @returns the time from ECHO_REQ to ECHO_RES in milliseconds; connecting is not part of it
   */
  async pingServer(options?: AdminCallOptions): Promise<number> {
    return await this.#calls.run(new PingRequest(this.#calls.onLoss), options)
  }

  /**
   * Limits how many jobs of a task the server holds: while it has that many, of any priority and running ones
   * included, new ones are refused with `QUEUE_ERROR`. A limit for each priority says when new jobs of that
   * priority are refused. A server that does not know the task says yes and does nothing: register a worker or
   * {@link createFunction} first.
   *
   * @param task - 1 to 512 bytes without white space and NUL
   * @param maxSize - 1 to 2147483647, for all priorities or for each; left out: no limit
   */
  async sendMaxqueue(
    task: string,
    maxSize?: number | MaxqueueSizes,
    options?: AdminCallOptions,
  ): Promise<void> {
    const args = [checkTaskWord(task), ...resolveMaxqueueSizes(maxSize)]
    await this.#ask('maxqueue', args, parseDone, options)
  }

  /**
   * Stops the server: at once, or after the jobs that run have ended. gearmand dropped the command in
   * 1.1.15 and answers {@link ServerError} `UNKNOWN_COMMAND`: send its process SIGTERM, or SIGUSR1 to let it
   * end gracefully. The bundled server and older ones still obey.
   *
   * @param graceful - default true
   */
  async sendShutdown(graceful = true, options?: AdminCallOptions): Promise<void> {
    await this.#ask('shutdown', graceful ? ['graceful'] : [], parseDone, options)
  }

  /**
   * Cancels a job. Its clients are told that it failed. A worker that runs it already is not told; what it
   * reports is dropped.
   *
   * @param handle - as the server gave it; unknown: {@link ServerError} `UNKNOWN_JOB`
   */
  async cancelJob(handle: string, options?: AdminCallOptions): Promise<void> {
    await this.#ask('cancelJob', [checkHandleWord(handle)], parseDone, options)
  }

  /** Makes a task known to the server, so that it can be limited before a worker comes. May be repeated. */
  async createFunction(task: string, options?: AdminCallOptions): Promise<void> {
    await this.#ask('createFunction', [checkTaskWord(task)], parseDone, options)
  }

  /**
   * Makes the server forget a task, and every other one whose name differs only in upper and lower case. Jobs
   * that wait are lost. Refused with {@link ServerError} while a worker can do it, or when it is not there.
   */
  async dropFunction(task: string, options?: AdminCallOptions): Promise<void> {
    await this.#ask('dropFunction', [checkTaskWord(task)], parseDone, options)
  }

  /**
   * Every task of the server with its state and its limits (`maxqueue`), which {@link sendMaxqueue} takes as they
   * are. A command of the bundled server, as are those that follow: gearmand answers {@link ServerError}
   * `UNKNOWN_COMMAND`.
   */
  listFunctions(options?: AdminCallOptions): Promise<readonly TaskDetails[]> {
    return this.#ask('listFunctions', [], parseFunctionList, options)
  }

  /**
   * The jobs of one task that the server holds, in order of submission: where each is, how old it is, who runs it.
   * Bundled server only.
   *
   * @param task - unknown: {@link ServerError} `UNKNOWN_FUNCTION`
   * @param limit - how many at most, the oldest first; left out: all
   */
  async listJobs(
    task: string,
    limit?: number,
    options?: AdminCallOptions,
  ): Promise<readonly JobDetails[]> {
    return await this.#ask(
      'listJobs',
      [checkTaskWord(task), ...resolveCount('limit', limit)],
      parseJobList,
      options,
    )
  }

  /**
   * Hands out no more jobs of a task until {@link resumeFunction}; those that run go on, and new ones are taken.
   * The server forgets it when it stops and when the task is dropped. Bundled server only.
   *
   * @param task - unknown: {@link ServerError} `UNKNOWN_FUNCTION`
   */
  async pauseFunction(task: string, options?: AdminCallOptions): Promise<void> {
    await this.#ask('pauseFunction', [checkTaskWord(task)], parseDone, options)
  }

  /** Ends {@link pauseFunction}, and wakes workers. A task that is not paused stays as it is. Bundled server only. */
  async resumeFunction(task: string, options?: AdminCallOptions): Promise<void> {
    await this.#ask('resumeFunction', [checkTaskWord(task)], parseDone, options)
  }

  /**
   * Cancels all jobs of a task that do not run, delayed ones included. Their clients are told that they failed.
   * Bundled server only.
   *
   * @param task - unknown: {@link ServerError} `UNKNOWN_FUNCTION`
   * @returns how many
   */
  async purgeFunction(task: string, options?: AdminCallOptions): Promise<number> {
    return await this.#ask('purgeFunction', [checkTaskWord(task)], parseCount, options)
  }

  /**
   * Makes jobs of a task that wait for their time (`runAt`) due now. Bundled server only.
   *
   * @param task - unknown: {@link ServerError} `UNKNOWN_FUNCTION`
   * @param count - how many at most, those submitted first; left out: all
   * @returns how many
   */
  async kickFunction(task: string, count?: number, options?: AdminCallOptions): Promise<number> {
    return await this.#ask(
      'kickFunction',
      [checkTaskWord(task), ...resolveCount('count', count)],
      parseCount,
      options,
    )
  }

  /**
   * Makes a job that waits for its time (`runAt`) due now. Bundled server only.
   *
   * @param handle - as the server gave it; unknown: {@link ServerError} `UNKNOWN_JOB`
   * @returns whether it did wait for its time
   */
  async kickJob(handle: string, options?: AdminCallOptions): Promise<boolean> {
    return (await this.#ask('kickJob', [checkHandleWord(handle)], parseCount, options)) > 0
  }

  /**
   * Background jobs that failed, the oldest first, of a server that keeps them (option `keepFailed`); one that does
   * not answers {@link ServerError} `NOT_KEPT`. Bundled server only, as are the two that follow.
   *
   * @param filter - `task`: of this task only; `limit`: so many at most
   */
  async getFailedJobs(
    filter: FailedJobsFilter = {},
    options?: AdminCallOptions,
  ): Promise<readonly FailedJob[]> {
    return await this.#ask('listFailed', resolveFailedFilter(filter), parseFailedList, options)
  }

  /**
   * Queues failed jobs again, with their data and under their handles, due at once.
   *
   * @param which - the handle of one, or a task, or `'all'`
   * @returns how many
   */
  async requeueFailedJobs(which: string, options?: AdminCallOptions): Promise<number> {
    return await this.#ask('requeueFailed', [checkTaskWord(which)], parseCount, options)
  }

  /**
   * Makes the server forget failed jobs.
   *
   * @param which - the handle of one, or a task, or `'all'`
   * @returns how many
   */
  async purgeFailedJobs(which: string, options?: AdminCallOptions): Promise<number> {
    return await this.#ask('purgeFailed', [checkTaskWord(which)], parseCount, options)
  }

  /** Closes the connection for good; calls that wait reject with {@link InvalidAdminClientState}. */
  override async shutdown(): Promise<void> {
    this.#calls.close()
    await super.shutdown()
  }

  /** @internal */
  protected override connectionGroup(): ConnectionGroup {
    return this.#group
  }

  /** @internal */
  protected override readyTargets(): readonly ReadyTarget[] {
    const connection = this.#connection
    const open = (): boolean => connection.dial()
    return [{ group: this.#group, connections: () => [connection], open }]
  }

  async #ask<Answer>(
    name: AdminCommandName,
    args: readonly (string | number)[],
    parse: ReplyParser<Answer>,
    options: AdminCallOptions | undefined,
  ): Promise<Answer> {
    return await this.#calls.run(new TextRequest(name, args, parse, this.#calls.onLoss), options)
  }
}

/** A handle that can stand in a text command. */
function checkHandleWord(handle: string): string {
  return checkWord('handle', checkName('handle', handle, 1, MAX_HANDLE_BYTES))
}

/** A task that can stand in a text command. */
function checkTaskWord(task: string): string {
  return checkWord('task', checkTask(task))
}
