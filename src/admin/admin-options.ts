import type { ConnectionManagerOptions } from '../connection/connection-settings.ts'
import type { HostList, ServerAddress } from '../connection/server-address.ts'
import { checkDuration, checkInteger, show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkTask } from '../jobs/job-checks.ts'
import { checkWord } from '../protocol/admin-commands.ts'

/** How long an admin call waits for its answer, in milliseconds, when it is not told otherwise: Python's. */
const DEFAULT_POLL_TIMEOUT_MS = 10_000

/** gearmand keeps a limit in an `int` on its way in (`libgearman-server/text.cc`, `atoi`). */
const MAX_QUEUE_SIZE = 2_147_483_647

/** Node's timers run at once when a delay is larger. */
const MAX_TIMER_MS = 2_147_483_647

/** The server of an admin client: one address, or a list that holds one. */
export type AdminHost = HostList | ServerAddress

/** What {@link GearmanAdminClient} accepts beside its server. All durations are milliseconds. */
export interface AdminClientOptions
  extends Omit<
    ConnectionManagerOptions,
    'strategy' | 'weights' | 'easeInTime' | 'queueProbeInterval'
  > {
  /** Which server, when the list or the manager has several: `'host:port'`, or any other form of an address. */
  readonly server?: ServerAddress | undefined
  /** How long each call waits for its answer. Default 10000; `Infinity`: no limit. */
  readonly pollTimeout?: number | undefined
}

/** What each call of an admin client accepts. */
export interface AdminCallOptions {
  /** How long this call waits for its answer, in milliseconds. Default: the client's; `Infinity`: no limit. */
  readonly pollTimeout?: number | undefined
  /**
   * Ends the wait: the call rejects with the signal's reason. A command that was sent is carried out all the
   * same.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * The limits of {@link GearmanAdminClient.sendMaxqueue}: with how many jobs of the task, of any priority, new
 * ones of this priority are refused. None where it is left out.
 */
export interface MaxqueueSizes {
  /** For new jobs of high priority. */
  readonly high?: number | undefined
  /** For new jobs of normal priority. */
  readonly normal?: number | undefined
  /** For new jobs of low priority. */
  readonly low?: number | undefined
}

/** Which failed jobs {@link GearmanAdminClient.getFailedJobs} asks for. */
export interface FailedJobsFilter {
  /** Those of this task; left out: of all. */
  readonly task?: string | undefined
  /** So many at most, the oldest first; left out: all. */
  readonly limit?: number | undefined
}

/** {@link AdminCallOptions}, checked and complete. `pollTimeoutMs`: `undefined` for no limit. */
export interface ResolvedCallOptions {
  readonly pollTimeoutMs: number | undefined
  readonly signal: AbortSignal | undefined
}

/** The part of the options that is this client's own, checked, and the part that is the connection's. */
export interface ResolvedAdminOptions {
  readonly server: ServerAddress | undefined
  readonly pollTimeoutMs: number | undefined
  readonly connection: ConnectionManagerOptions
}

/**
 * Checks the options of a client; those of its connection are checked where it is made.
 *
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function resolveAdminOptions(options: AdminClientOptions = {}): ResolvedAdminOptions {
  checkObject('options', options)
  const { server, pollTimeout = DEFAULT_POLL_TIMEOUT_MS, ...connection } = options
  return { server, pollTimeoutMs: resolvePollTimeout(pollTimeout), connection }
}

/**
 * Checks the options of a call.
 *
 * @param pollTimeoutMs - what holds when the call says nothing
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function resolveCallOptions(
  options: AdminCallOptions | undefined,
  pollTimeoutMs: number | undefined,
): ResolvedCallOptions {
  if (options === undefined) return { pollTimeoutMs, signal: undefined }
  checkObject('options', options)
  const { pollTimeout, signal } = options
  // Not instanceof: the signal may come from another realm.
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new InvalidArgumentError('signal', `must be an AbortSignal, not ${show(signal)}`)
  }
  return {
    pollTimeoutMs: pollTimeout === undefined ? pollTimeoutMs : resolvePollTimeout(pollTimeout),
    signal,
  }
}

/**
 * A manager that is shared has its own options.
 *
 * @throws InvalidArgumentError when there are others
 */
export function refuseConnectionOptions(connection: ConnectionManagerOptions): void {
  for (const [name, value] of Object.entries(connection)) {
    if (value === undefined) continue
    throw new InvalidArgumentError(name, 'is an option of the manager that is shared')
  }
}

/** One address in any of its forms, as the list that a manager takes. */
export function toHostList(host: AdminHost | undefined): HostList | undefined {
  if (typeof host !== 'object' || host === null) return host
  if (isAddressPair(host)) return [host]
  return isObjectAddress(host) ? [host] : host
}

/**
 * The numbers behind `maxqueue NAME`: none for no limit, one for all priorities, or three of which zero is
 * no limit (`libgearman-server/text.cc`).
 *
 * @throws InvalidArgumentError for a size outside 1 to 2147483647
 */
export function resolveMaxqueueSizes(maxSize: number | MaxqueueSizes | undefined): number[] {
  if (typeof maxSize !== 'object' || maxSize === null) {
    const size = resolveSize('maxSize', maxSize)
    return size === 0 ? [] : [size]
  }
  const sizes = (['high', 'normal', 'low'] as const).map((priority) =>
    resolveSize(`maxSize.${priority}`, maxSize[priority]),
  )
  return sizes.every((size) => size === 0) ? [] : sizes
}

/**
 * The number that ends some commands: none for no limit.
 *
 * @throws InvalidArgumentError for a number outside 1 to 2147483647
 */
export function resolveCount(name: string, count: number | undefined): number[] {
  const size = resolveSize(name, count)
  return size === 0 ? [] : [size]
}

/**
 * The words behind `list failed`.
 *
 * @throws InvalidArgumentError naming what is wrong
 */
export function resolveFailedFilter(filter: FailedJobsFilter): (string | number)[] {
  checkObject('filter', filter)
  const { task = 'all', limit } = filter
  return [checkWord('task', checkTask(task)), ...resolveCount('limit', limit)]
}

/** Zero is what gearmand takes for no limit: a caller who writes it may mean the opposite. */
function resolveSize(name: string, size: number | undefined): number {
  if (size === undefined || size === Number.POSITIVE_INFINITY) return 0
  return checkInteger(name, size, 1, MAX_QUEUE_SIZE)
}

function resolvePollTimeout(pollTimeout: number): number | undefined {
  const pollTimeoutMs = checkDuration('pollTimeout', pollTimeout)
  return pollTimeoutMs > MAX_TIMER_MS ? undefined : pollTimeoutMs
}

function checkObject(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return
  throw new InvalidArgumentError(name, `must be an object, not ${show(value)}`)
}

/** `['localhost', 4730]` is one address: no list has a number in it. */
function isAddressPair(host: AdminHost): host is readonly [string, number] {
  return Array.isArray(host) && typeof host[1] === 'number'
}

function isObjectAddress(
  host: AdminHost,
): host is Exclude<ServerAddress, string | readonly unknown[]> {
  return typeof host === 'object' && !Array.isArray(host)
}
