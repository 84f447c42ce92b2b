import type { ConnectionManagerOptions } from '../connection/connection-settings.ts'
import { checkBoolean, checkDuration, checkInteger, checkLimit, show } from '../core/checks.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import { type EncoderSource, toEncoder } from '../encoders/encoder-source.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkName } from '../jobs/job-checks.ts'
import { MAX_CLIENT_ID_BYTES } from '../protocol/limits.ts'
import type { LooseEncoder, Registration } from './registration.ts'

/** How a worker is set up: {@link ConnectionManagerOptions}, and what it does with jobs. */
export interface GearmanWorkerOptions<E extends AnyEncoder = AnyEncoder>
  extends ConnectionManagerOptions {
  /** How many jobs may run at once, over all servers. Default 1; `Infinity`: no limit. */
  readonly concurrency?: number | undefined
  /**
   * How many jobs more may be fetched before there is a free place for them: no time passes between two jobs,
   * but other workers cannot take those that wait here. Default 0.
   */
  readonly prefetch?: number | undefined
  /** How the servers' lists of workers call this one; see {@link GearmanWorker.setClientId}. */
  readonly clientId?: string | undefined
  /**
   * Turns payloads into data and results into payloads: an instance, or a class made without arguments.
   * Default: the property `dataEncoder` of a subclass, else {@link RawDataEncoder}.
   */
  readonly dataEncoder?: EncoderSource<E> | EncoderSource | undefined
  /**
   * Whether clients are told what was thrown (WORK_EXCEPTION, encoded by the task's encoder), or only that
   * the job has failed (WORK_FAIL). Default `true`.
   */
  readonly exceptions?: boolean | undefined
  /**
   * Milliseconds that a worker sleeps at most before it asks its servers for jobs unasked: a wake-up (NOOP) that was
   * lost costs no more, nor does a job with `runAt`, for which gearmand before 2.0 wakes nobody. Default 10000; `Infinity`: never.
   */
  readonly wakeInterval?: number | undefined
}

/** What holds for one task. */
export interface RegisterTaskOptions<E extends AnyEncoder = AnyEncoder> {
  /**
   * Milliseconds after which a job fails and its `signal` aborts. Its place stays taken until the callback
   * settles. A callback that never waits cannot be timed. Default: no limit.
   */
  readonly timeout?: number | undefined
  /**
   * Milliseconds after which the server gives a job to another worker (CAN_DO_TIMEOUT): gearmand raises less than
   * 1000 to that. It tells nobody, so that the job runs twice. The task gets connections of its own, with one job at a time
   * on each. Default: none.
   */
  readonly serverTimeout?: number | undefined
  /**
   * How many jobs of the task may run at once, within the worker's own limit; never more. The task gets connections of
   * its own. Default: only the worker's limit.
   */
  readonly concurrency?: number | undefined
  /**
   * The encoder of the task: an instance, or a class made without arguments. Default: the worker's. Without a map of
   * tasks it also says what type the data and the result are of.
   */
  readonly dataEncoder?: EncoderSource<E> | undefined
}

/** What {@link GearmanWorker.work} takes. */
export interface WorkOptions {
  /** After so many quiet milliseconds `afterPoll(false)` is called. Default 60000. Ends nothing. */
  readonly pollTimeout?: number | undefined
  /** Stops the worker as {@link GearmanWorker.stop} without a time limit does; `work()` resolves. */
  readonly signal?: AbortSignal | undefined
}

/** What {@link GearmanWorker.stop} takes. */
export interface StopOptions {
  /** Milliseconds that running jobs have to end; their signals are aborted then. Default: no limit. */
  readonly timeout?: number | undefined
}

/** The worker's own options, checked and complete. */
export interface ResolvedWorkerOptions {
  readonly concurrency: number
  readonly prefetch: number
  readonly clientId: string | undefined
  readonly dataEncoder: EncoderSource | undefined
  readonly sendsExceptions: boolean
  readonly wakeIntervalMs: number
}

const DEFAULTS = {
  concurrency: 1,
  prefetch: 0,
  exceptions: true,
  pollTimeout: 60_000,
  wakeInterval: 10_000,
}
const MAX_PREFETCH = 1_000_000
/** Node's timers run at once when a delay is larger; gearmand reads no more than 20 digits. */
const MAX_TIMER_MS = 2_147_483_647

/**
 * Splits the options into those of the worker and those of its connections. Beside a manager that is shared
 * there are none of the latter.
 *
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function splitWorkerOptions(options: GearmanWorkerOptions | undefined): {
  readonly own: ResolvedWorkerOptions
  readonly connection: ConnectionManagerOptions
} {
  const given = checkObject('options', options)
  const { concurrency, prefetch, clientId, dataEncoder, exceptions, wakeInterval, ...connection } =
    given
  const own = {
    concurrency: checkLimit('concurrency', concurrency ?? DEFAULTS.concurrency, 1),
    prefetch: checkInteger('prefetch', prefetch ?? DEFAULTS.prefetch, 0, MAX_PREFETCH),
    clientId: clientId === undefined ? undefined : checkClientId(clientId),
    dataEncoder,
    sendsExceptions: checkBoolean('exceptions', exceptions ?? DEFAULTS.exceptions),
    wakeIntervalMs: checkInterval('wakeInterval', wakeInterval ?? DEFAULTS.wakeInterval),
  }
  return { own, connection }
}

/**
 * Checks the options of a task.
 *
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function resolveTaskOptions(
  options: RegisterTaskOptions | undefined,
): Omit<Registration, 'task' | 'run'> {
  const { timeout, serverTimeout, concurrency, dataEncoder } = checkObject('options', options)
  const timeoutMs = checkDuration('timeout', timeout)
  const hasServerTimeout = serverTimeout !== undefined && serverTimeout !== Number.POSITIVE_INFINITY
  return {
    timeoutMs: timeoutMs > MAX_TIMER_MS ? Number.POSITIVE_INFINITY : timeoutMs,
    serverTimeoutMs: hasServerTimeout
      ? checkInteger('serverTimeout', serverTimeout, 1, MAX_TIMER_MS)
      : undefined,
    concurrency: checkLimit('concurrency', concurrency ?? Number.POSITIVE_INFINITY, 1),
    encoder: dataEncoder === undefined ? undefined : looseEncoder(dataEncoder),
  }
}

/**
 * Checks what `work()` takes.
 *
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function resolveWorkOptions(options: WorkOptions | undefined): {
  readonly pollTimeoutMs: number
  readonly signal: AbortSignal | undefined
} {
  const { pollTimeout, signal } = checkObject('options', options)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidArgumentError('signal', `must be an AbortSignal, not ${show(signal)}`)
  }
  return {
    pollTimeoutMs: checkDuration('pollTimeout', pollTimeout ?? DEFAULTS.pollTimeout),
    signal,
  }
}

/**
 * Checks what `stop()` takes.
 *
 * @returns the time limit in milliseconds
 * @throws InvalidArgumentError when it is none
 */
export function resolveStopOptions(options: StopOptions | undefined): number {
  return checkDuration('timeout', checkObject('options', options).timeout)
}

/**
 * Checks a client id: gearmand cuts off what is longer, and its list of workers cannot be read with white
 * space in it.
 *
 * @throws InvalidArgumentError otherwise
 */
export function checkClientId(id: unknown): string {
  const checked = checkName('clientId', id, 1, MAX_CLIENT_ID_BYTES)
  if (/\s/.test(checked)) throw new InvalidArgumentError('clientId', 'must not hold white space')
  return checked
}

/** An encoder whose types are not looked at any more: what it is given decides at run time. */
function looseEncoder(source: EncoderSource): LooseEncoder {
  return toEncoder(source) as LooseEncoder
}

function checkObject<T extends object>(name: string, value: T | undefined): Partial<T> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null) {
    throw new InvalidArgumentError(name, `must be an object, not ${show(value)}`)
  }
  return value
}

function checkInterval(name: string, value: unknown): number {
  if (value === Number.POSITIVE_INFINITY) return value
  return checkInteger(name, value, 1, MAX_TIMER_MS)
}
