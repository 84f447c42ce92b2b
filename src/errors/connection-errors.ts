import { GearmanError, GearmanErrorCode, type GearmanErrorOptions } from './gearman-error.ts'

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
