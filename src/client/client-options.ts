import type { ConnectionManagerOptions } from '../connection/connection-settings.ts'
import { checkDuration, checkLimit, show } from '../core/checks.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import type { EncoderSource } from '../encoders/encoder-source.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { JobPriority } from '../jobs/constants.ts'
import type { TaskData, TaskName } from '../jobs/task-map.ts'
import type { WaitLimits } from './wait.ts'

/** How a client is set up: {@link ConnectionManagerOptions}, and its encoders. */
export interface GearmanClientOptions<E extends AnyEncoder = AnyEncoder>
  extends ConnectionManagerOptions {
  /**
   * Turns data into payloads and back: an instance, or a class made without arguments. Default: the property
   * `dataEncoder` of a subclass, else {@link RawDataEncoder}.
   */
  readonly dataEncoder?: EncoderSource<E> | EncoderSource | undefined
  /** Encoders of single tasks; they go before `dataEncoder`. */
  readonly taskEncoders?: { readonly [task: string]: EncoderSource } | undefined
}

/** How long a call waits, in milliseconds, and what ends it. */
export interface WaitOptions {
  /**
   * Milliseconds; default: no limit. 0 does not wait at all. A server that is down is waited for as long as this;
   * without it a call gives up when each server was tried.
   */
  readonly pollTimeout?: number | undefined
  /** Ends the wait; the promise rejects with the signal's reason. What was sent goes on. */
  readonly signal?: AbortSignal | undefined
}

/** What holds for a single job. */
export interface JobOptions {
  /**
   * The unique id, at most 63 bytes. Jobs of a task with equal ids that are queued or running at one server
   * become one. Default: 16 random bytes in hexadecimal. `''` is sent empty: never joined with others, and much faster
   * on gearmand's deep queues. `'-'`: the server takes the data itself as the id.
   */
  readonly unique?: string | undefined
  /** Default {@link PRIORITY_NONE}. */
  readonly priority?: JobPriority | undefined
  /** The server keeps the job when this client goes, and sends no result. Default `false`. */
  readonly background?: boolean | undefined
  /** How often the request is sent again when its connection is lost before it is accepted. Default 0. */
  readonly maxRetries?: number | undefined
  /**
   * When the server may hand the job to a worker: a `Date`, or milliseconds since 1970; rounded up to whole
   * seconds. Makes it a background job of normal priority. gearmand before 2.0 does not wake a worker for it; those of
   * this package ask within their `wakeInterval`.
   */
  readonly runAt?: Date | number | undefined
  /** The task that reduces the results of this one; the server only carries it to the worker. At most 63 bytes. */
  readonly reducer?: string | undefined
  /** Running twice does no harm: sent again whenever its connection is lost. Default `false`. */
  readonly idempotent?: boolean | undefined
}

/** What {@link GearmanClient.submitJob} takes. */
export interface SubmitJobOptions extends JobOptions, WaitOptions {
  /** Wait for the end of the job, not only until a server has accepted it. Default `true`. */
  readonly waitUntilComplete?: boolean | undefined
}

/** One job of {@link GearmanClient.submitMultipleJobs}, with options of its own. */
export type JobToSubmit<
  Tasks,
  Name extends TaskName<Tasks> = TaskName<Tasks>,
> = Name extends unknown
  ? JobOptions & {
      /** The task. */
      readonly task: Name
      /** Its data. */
      readonly data: TaskData<Tasks, Name>
    }
  : never

/** What holds for all jobs of {@link GearmanClient.submitMultipleJobs} that do not say otherwise. */
export interface SubmitMultipleJobsOptions extends WaitOptions {
  /** See {@link JobOptions.background}. */
  readonly background?: boolean | undefined
  /** See {@link SubmitJobOptions.waitUntilComplete}. */
  readonly waitUntilComplete?: boolean | undefined
  /** See {@link JobOptions.maxRetries}. */
  readonly maxRetries?: number | undefined
}

/** What {@link GearmanClient.submitMultipleRequests} takes. */
export interface SubmitMultipleRequestsOptions extends WaitOptions {
  /** See {@link SubmitJobOptions.waitUntilComplete}. */
  readonly waitUntilComplete?: boolean | undefined
}

/** What {@link GearmanClient.do} and {@link GearmanClient.stream} take: a foreground job. */
export type DoOptions = Omit<SubmitJobOptions, 'background' | 'waitUntilComplete' | 'runAt'>

/** No limits at all. */
export const NO_LIMITS: WaitLimits = {
  deadlineMs: Number.POSITIVE_INFINITY,
  isGiven: false,
  signal: undefined,
}

/**
 * Checks that there are options to read.
 *
 * @throws InvalidArgumentError for anything but an object
 */
export function checkOptions<Options extends object>(options: Options): Options {
  if (typeof options === 'object' && options !== null) return options
  throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
}

/**
 * Checks what limits a wait; its clock starts here.
 *
 * @throws InvalidArgumentError for a negative time or something that is no signal
 */
export function resolveWait(options: WaitOptions): WaitLimits {
  const { pollTimeout, signal } = checkOptions(options)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidArgumentError('signal', 'must be an AbortSignal')
  }
  if (pollTimeout === undefined && signal === undefined) return NO_LIMITS
  const limitMs = checkDuration('pollTimeout', pollTimeout)
  const isLimited = limitMs !== Number.POSITIVE_INFINITY
  const deadlineMs = isLimited ? performance.now() + limitMs : limitMs
  return { deadlineMs, isGiven: pollTimeout !== undefined, signal }
}

/**
 * `maxRetries` as a number of attempts.
 *
 * @throws InvalidArgumentError unless it is a whole number, zero or more, or `Infinity`
 */
export function resolveAttempts(maxRetries: number | undefined): number {
  return maxRetries === undefined ? 1 : checkLimit('maxRetries', maxRetries, 0) + 1
}
