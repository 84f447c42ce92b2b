/**
 * Every error that this package throws or rejects with. Match on `code`, never on `message`.
 *
 * The class names are python-gearman's where Python has the class. All of them extend
 * {@link GearmanError}; what went wrong stands in fields, the reason below it in `cause`.
 */

export {
  ConnectionError,
  ExceededConnectionAttempts,
  ProtocolError,
  ServerError,
  type ServerErrorOptions,
  type ServerFailure,
  ServerUnavailable,
  TlsError,
  UnknownCommandError,
} from './errors/connection-errors.ts'
export {
  EncodingError,
  PicklingError,
  UnpicklingError,
} from './errors/data-errors.ts'
export {
  type Delivery,
  GearmanError,
  GearmanErrorCode,
  type GearmanErrorOptions,
} from './errors/gearman-error.ts'
export {
  JobError,
  type JobErrorOptions,
  JobExceptionError,
  JobFailedError,
  JobLostError,
  JobTimeoutError,
} from './errors/job-errors.ts'
export { StoreError } from './errors/store-error.ts'
export {
  InvalidAdminClientState,
  InvalidArgumentError,
  InvalidClientState,
  InvalidWorkerState,
} from './errors/usage-errors.ts'
