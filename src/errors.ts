/**
 * Every error that this package throws or rejects with. Match on `code`, never on `message`.
 *
 * The class names are python-gearman's where Python has the class. All of them extend
 * {@link GearmanError}; what went wrong stands in fields, the reason below it in `cause`.
 */

/** The stable codes in `error.code`. They are API: messages may change, codes do not. */
export const GearmanErrorCode = {
  /** One connection could not be made, or was lost: {@link ConnectionError}. */
  Connection: 'ERR_GEARMAN_CONNECTION',
  /** A TLS connection was refused, or a certificate is not what it should be: {@link TlsError}. */
  Tls: 'ERR_GEARMAN_TLS',
  /** No server could be reached: {@link ServerUnavailable}. */
  ServerUnavailable: 'ERR_GEARMAN_SERVER_UNAVAILABLE',
  /** The other side does not speak Gearman: {@link ProtocolError}. */
  Protocol: 'ERR_GEARMAN_PROTOCOL',
  /** A packet that has no business here: {@link UnknownCommandError}. */
  UnknownCommand: 'ERR_GEARMAN_UNKNOWN_COMMAND',
  /** Lost more often than `maxRetries` allows: {@link ExceededConnectionAttempts}. */
  ExceededConnectionAttempts: 'ERR_GEARMAN_EXCEEDED_CONNECTION_ATTEMPTS',
  /** A client cannot do that now: {@link InvalidClientState}. */
  InvalidClientState: 'ERR_GEARMAN_INVALID_CLIENT_STATE',
  /** A worker cannot do that now: {@link InvalidWorkerState}. */
  InvalidWorkerState: 'ERR_GEARMAN_INVALID_WORKER_STATE',
  /** An admin command was not answered in time, or cannot be given now: {@link InvalidAdminClientState}. */
  InvalidAdminClientState: 'ERR_GEARMAN_INVALID_ADMIN_CLIENT_STATE',
  /** A wrong argument or option: {@link InvalidArgumentError}. */
  InvalidArgument: 'ERR_GEARMAN_INVALID_ARGUMENT',
  /** A server said no: {@link ServerError}. */
  Server: 'ERR_GEARMAN_SERVER',
  /** The job failed: {@link JobFailedError}. */
  JobFailed: 'ERR_GEARMAN_JOB_FAILED',
  /** The job failed, and its worker said why: {@link JobExceptionError}. */
  JobException: 'ERR_GEARMAN_JOB_EXCEPTION',
  /** The job was not done in time: {@link JobTimeoutError}. */
  JobTimeout: 'ERR_GEARMAN_JOB_TIMEOUT',
  /** The connection of the job was lost: {@link JobLostError}. */
  JobLost: 'ERR_GEARMAN_JOB_LOST',
  /** Data cannot be encoded or decoded: {@link EncodingError}. */
  Encoding: 'ERR_GEARMAN_ENCODING',
  /** A store of a job server cannot be used: {@link StoreError}. */
  Store: 'ERR_GEARMAN_STORE',
} as const

/** One of the values of {@link GearmanErrorCode}. */
export type GearmanErrorCode = (typeof GearmanErrorCode)[keyof typeof GearmanErrorCode]

/**
 * How much is known of a submission whose connection was lost.
 *
 * - `'not-sent'`: no byte of it reached a server; submitting it again cannot run it twice.
 * - `'unknown'`: it was written, no JOB_CREATED came back; a server may or may not have it.
 * - `'accepted'`: a server answered JOB_CREATED; a background job runs, a foreground job may run.
 */
export type Delivery = 'not-sent' | 'unknown' | 'accepted'

/** What each error constructor accepts beside the message. */
export interface GearmanErrorOptions extends ErrorOptions {
  /** The stable code of the error. */
  readonly code: GearmanErrorCode
}

const BRAND = Symbol.for('gearman-sdk.GearmanError')

/** The base of every error of this package. */
export class GearmanError extends Error {
  /** The stable code to match on. */
  readonly code: GearmanErrorCode

  constructor(message: string, options: GearmanErrorOptions) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = options.code
  }

  /**
   * Whether a value is an error of this package. Unlike `instanceof` this also holds when the value
   * came from another copy of the package (the ESM and the CommonJS build in one process).
   */
  static is(value: unknown): value is GearmanError {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  static {
    GearmanError.prototype.name = 'GearmanError'
    Object.defineProperty(GearmanError.prototype, BRAND, { value: true })
  }
}

/** What the errors about one server accept. */
export interface ServerErrorOptions extends ErrorOptions {
  /** The server as `host:port`. */
  readonly server?: string | undefined
}

/**
 * One connection could not be made, or was lost. The connection is gone; a manager dials it again.
 * Code `ERR_GEARMAN_CONNECTION`.
 */
export class ConnectionError extends GearmanError {
  /** The server as `host:port`. */
  readonly server: string | undefined

  constructor(message: string, options?: ServerErrorOptions & Partial<GearmanErrorOptions>) {
    super(message, { code: GearmanErrorCode.Connection, ...options })
    this.server = options?.server
  }

  static {
    ConnectionError.prototype.name = 'ConnectionError'
  }
}

/**
 * A TLS connection could not be made: the certificate is not trusted, has run out or is for another name, or a
 * file cannot be read. That server is out until it can; others serve. Code `ERR_GEARMAN_TLS`.
 */
export class TlsError extends ConnectionError {
  /** The name that the certificate should have been for, when it is for another one. */
  readonly expectedName: string | undefined

  constructor(
    message: string,
    options?: ServerErrorOptions & { readonly expectedName?: string | undefined },
  ) {
    super(message, { ...options, code: GearmanErrorCode.Tls })
    this.expectedName = options?.expectedName
  }

  static {
    TlsError.prototype.name = 'TlsError'
  }
}

/** Why one server could not be used: an entry of {@link ServerUnavailable.failures}. */
export interface ServerFailure {
  /** The server as `host:port`. */
  readonly server: string
  /** What happened when it was tried last; `undefined` when no attempt had ended yet. */
  readonly cause: Error | undefined
}

function describeFailure({ server, cause }: ServerFailure): string {
  const reason = cause?.message ?? 'no answer yet'
  return reason.startsWith(server) ? reason : `${server}: ${reason}`
}

/**
 * No server could be reached. Nothing was sent.
 * Code `ERR_GEARMAN_SERVER_UNAVAILABLE`; {@link failures} names each server and its cause.
 */
export class ServerUnavailable extends GearmanError {
  /** Each server that was tried, and why it could not be used. */
  readonly failures: readonly ServerFailure[]

  constructor(failures: readonly ServerFailure[], options?: ErrorOptions) {
    const listed = failures.map(describeFailure)
    super(`no Gearman server could be reached (${listed.join('; ')})`, {
      cause: failures.find((failure) => failure.cause !== undefined)?.cause,
      ...options,
      code: GearmanErrorCode.ServerUnavailable,
    })
    this.failures = failures
  }

  static {
    ServerUnavailable.prototype.name = 'ServerUnavailable'
  }
}

/**
 * The peer broke the protocol: bad magic, unknown or truncated packet, an answer nobody waits for.
 * That connection is closed and dialled anew; others are not touched.
 * Code `ERR_GEARMAN_PROTOCOL`.
 */
export class ProtocolError extends GearmanError {
  /** The server as `host:port`, where it is known. */
  readonly server: string | undefined

  constructor(message: string, options?: ServerErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.Protocol })
    this.server = options?.server
  }

  static {
    ProtocolError.prototype.name = 'ProtocolError'
  }
}

/**
 * A packet that exists, but that this side of the conversation never receives.
 * The connection is closed and dialled anew. Code `ERR_GEARMAN_UNKNOWN_COMMAND`.
 */
export class UnknownCommandError extends GearmanError {
  /** The name of the packet. */
  readonly command: string

  constructor(message: string, options: ErrorOptions & { readonly command: string }) {
    super(message, { ...options, code: GearmanErrorCode.UnknownCommand })
    this.command = options.command
  }

  static {
    UnknownCommandError.prototype.name = 'UnknownCommandError'
  }
}

/**
 * A request was written and lost as often as `maxRetries` allows. A server may have it all the same:
 * `delivery` of the request is `'unknown'`. Code `ERR_GEARMAN_EXCEEDED_CONNECTION_ATTEMPTS`.
 */
export class ExceededConnectionAttempts extends GearmanError {
  /** How often the request was written to a server. */
  readonly attempts: number

  constructor(message: string, options: ErrorOptions & { readonly attempts: number }) {
    super(message, { ...options, code: GearmanErrorCode.ExceededConnectionAttempts })
    this.attempts = options.attempts
  }

  static {
    ExceededConnectionAttempts.prototype.name = 'ExceededConnectionAttempts'
  }
}

/** The client or the request is not in a state that allows the call. Code `ERR_GEARMAN_INVALID_CLIENT_STATE`. */
export class InvalidClientState extends GearmanError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.InvalidClientState })
  }

  static {
    InvalidClientState.prototype.name = 'InvalidClientState'
  }
}

/** The worker is not in a state that allows the call. Code `ERR_GEARMAN_INVALID_WORKER_STATE`. */
export class InvalidWorkerState extends GearmanError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.InvalidWorkerState })
  }

  static {
    InvalidWorkerState.prototype.name = 'InvalidWorkerState'
  }
}

/**
 * An admin command was not answered in time, or the admin client is closed.
 * Code `ERR_GEARMAN_INVALID_ADMIN_CLIENT_STATE`.
 */
export class InvalidAdminClientState extends GearmanError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.InvalidAdminClientState })
  }

  static {
    InvalidAdminClientState.prototype.name = 'InvalidAdminClientState'
  }
}

/**
 * An argument that no call can be made with. Nothing was sent.
 * Code `ERR_GEARMAN_INVALID_ARGUMENT`; {@link argument} names it.
 */
export class InvalidArgumentError extends GearmanError {
  /** The name of the argument or option that is wrong. */
  readonly argument: string

  constructor(argument: string, problem: string, options?: ErrorOptions) {
    super(`${argument} ${problem}`, { ...options, code: GearmanErrorCode.InvalidArgument })
    this.argument = argument
  }

  static {
    InvalidArgumentError.prototype.name = 'InvalidArgumentError'
  }
}

/**
 * The server answered with an ERROR packet or an `ERR` line. The connection goes on.
 * Code `ERR_GEARMAN_SERVER`; what the server said stands in {@link serverCode} and {@link serverText}.
 */
export class ServerError extends GearmanError {
  /** The server's own code, such as `QUEUE_ERROR`, `ARGUMENT_TOO_LARGE`, `UNKNOWN_JOB`. */
  readonly serverCode: string
  /** The server's own text, such as `Job queue is full`. */
  readonly serverText: string
  /** The server as `host:port`. */
  readonly server: string | undefined

  constructor(serverCode: string, serverText: string, options?: ServerErrorOptions) {
    super(`the server answered ${serverCode}${serverText === '' ? '' : `: ${serverText}`}`, {
      ...options,
      code: GearmanErrorCode.Server,
    })
    this.serverCode = serverCode
    this.serverText = serverText
    this.server = options?.server
  }

  static {
    ServerError.prototype.name = 'ServerError'
  }
}

/** What the errors about one job accept. */
export interface JobErrorOptions extends ErrorOptions {
  /** The task (the protocol's function) of the job. */
  readonly task: string
  /** The unique id of the job. */
  readonly unique: string
  /** The handle that the server gave it, when it did. */
  readonly handle: string | undefined
}

/** The base of the errors about one job. */
export abstract class JobError extends GearmanError {
  /** The task of the job. */
  readonly task: string
  /** The unique id of the job. */
  readonly unique: string
  /** The handle of the job; `undefined` when no server had accepted it. */
  readonly handle: string | undefined

  constructor(message: string, options: JobErrorOptions & GearmanErrorOptions) {
    super(message, options)
    this.task = options.task
    this.unique = options.unique
    this.handle = options.handle
  }
}

/** The worker, or the server, reported WORK_FAIL. Code `ERR_GEARMAN_JOB_FAILED`. */
export class JobFailedError extends JobError {
  constructor(message: string, options: JobErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.JobFailed })
  }

  static {
    JobFailedError.prototype.name = 'JobFailedError'
  }
}

/**
 * The worker reported WORK_EXCEPTION. Its `cause` is what the worker threw as an error again, where that can be told.
 * Code `ERR_GEARMAN_JOB_EXCEPTION`.
 */
export class JobExceptionError extends JobError {
  /** What the worker threw, decoded by the task's encoder; a `Buffer` when it could not be decoded. */
  readonly exception: unknown

  constructor(message: string, options: JobErrorOptions & { readonly exception: unknown }) {
    super(message, { ...options, code: GearmanErrorCode.JobException })
    this.exception = options.exception
  }

  static {
    JobExceptionError.prototype.name = 'JobExceptionError'
  }
}

/** The clock ran out on a job that was sent. The job goes on. Code `ERR_GEARMAN_JOB_TIMEOUT`. */
export class JobTimeoutError extends JobError {
  constructor(message: string, options: JobErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.JobTimeout })
  }

  static {
    JobTimeoutError.prototype.name = 'JobTimeoutError'
  }
}

/**
 * The connection was lost before the job ended. {@link delivery} tells how much is known.
 * Code `ERR_GEARMAN_JOB_LOST`.
 */
export class JobLostError extends JobError {
  /** How much is known of the submission. */
  readonly delivery: Delivery

  constructor(message: string, options: JobErrorOptions & { readonly delivery: Delivery }) {
    super(message, { ...options, code: GearmanErrorCode.JobLost })
    this.delivery = options.delivery
  }

  static {
    JobLostError.prototype.name = 'JobLostError'
  }
}

/**
 * A value cannot be encoded, or bytes cannot be decoded, or they are larger than the limit.
 * Nothing was sent; the connection goes on. Code `ERR_GEARMAN_ENCODING`.
 */
export class EncodingError extends GearmanError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.Encoding })
  }

  static {
    EncodingError.prototype.name = 'EncodingError'
  }
}

/**
 * Bytes are no pickle, hold something that is not read, or more than the limits allow. Nothing of them was run.
 * Code `ERR_GEARMAN_ENCODING`.
 */
export class UnpicklingError extends EncodingError {
  /** The opcode that was refused, by its name in Python's pickletools, as in `REDUCE`. */
  readonly opcode: string
  /** Where it stands in the payload, counted from 0. */
  readonly offset: number
  /** What the pickle wants from a Python module, as in `os.system`, when that is what was refused. */
  readonly global: string | undefined

  constructor(
    problem: string,
    options: ErrorOptions & {
      readonly opcode: string
      readonly offset: number
      readonly global?: string | undefined
    },
  ) {
    super(`${options.opcode} at offset ${options.offset} of a pickle: ${problem}`, options)
    this.opcode = options.opcode
    this.offset = options.offset
    this.global = options.global
  }

  static {
    UnpicklingError.prototype.name = 'UnpicklingError'
  }
}

/** A value has no form in a pickle. Nothing was sent. Code `ERR_GEARMAN_ENCODING`. */
export class PicklingError extends EncodingError {
  /** Where it was found, from the value `$` that was to be written, as in `$.users[3].picture`. */
  readonly path: string

  constructor(problem: string, options: ErrorOptions & { readonly path: string }) {
    super(`${options.path}: ${problem}`, options)
    this.path = options.path
  }

  static {
    PicklingError.prototype.name = 'PicklingError'
  }
}

/**
 * The store of a job server cannot be opened, read or written. {@link store} names it; the message is one
 * line for an operator, what the database said is the `cause`. Code `ERR_GEARMAN_STORE`.
 *
 * From `listen()`: nothing was started. As an event: the jobs that were to be stored were refused with
 * `QUEUE_ERROR`, the server goes on and tries again.
 */
export class StoreError extends GearmanError {
  /** The kind and the place of the store, as in `sqlite /var/lib/jobs.db`. */
  readonly store: string

  constructor(message: string, options: ErrorOptions & { readonly store: string }) {
    super(message, { ...options, code: GearmanErrorCode.Store })
    this.store = options.store
  }

  static {
    StoreError.prototype.name = 'StoreError'
  }
}
