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
