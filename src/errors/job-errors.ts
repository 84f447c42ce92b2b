import {
  type Delivery,
  GearmanError,
  GearmanErrorCode,
  type GearmanErrorOptions,
} from './gearman-error.ts'

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
