import { GearmanError, GearmanErrorCode } from './gearman-error.ts'

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
