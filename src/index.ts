/**
 * Gearman for Node.js: client, worker and admin client over one connection manager.
 *
 * The bundled job server is in `gearman-sdk/server`.
 *
 * @packageDocumentation
 */
export type {
  AdminCallOptions,
  AdminClientOptions,
  AdminHost,
  FailedJobsFilter,
  MaxqueueSizes,
} from './admin/admin-options.ts'
export { GearmanAdminClient } from './admin/gearman-admin-client.ts'
export type {
  DoOptions,
  GearmanClientOptions,
  JobOptions,
  JobToSubmit,
  SubmitJobOptions,
  SubmitMultipleJobsOptions,
  SubmitMultipleRequestsOptions,
  WaitOptions,
} from './client/client-options.ts'
export { GearmanClient } from './client/gearman-client.ts'
export type { JobByHandle, JobByUnique } from './client/job-questions.ts'
export { GearmanJobRequest, type JobRequestExtras } from './client/job-request.ts'
export type {
  CompleteJobResult,
  ExceptionJobResult,
  JobResult,
  JobResultOptions,
  JobResultSource,
  JobWithoutResult,
} from './client/job-result.ts'
export type { JobStatus } from './client/job-status.ts'
export type { AnyRequest, TaskRequest } from './client/task-request.ts'
export type { JobUpdate } from './client/update-queue.ts'
export type { ClientTlsOptions } from './connection/client-tls.ts'
export { GearmanConnection } from './connection/connection.ts'
export type { ConnectionEvents } from './connection/connection-events.ts'
export { GearmanConnectionManager } from './connection/connection-manager.ts'
export type { ConnectionManagerOptions } from './connection/connection-settings.ts'
export type {
  ConnectionRoleName,
  ConnectionSnapshot,
  ConnectionState,
  ConnectionStateEvent,
} from './connection/connection-state.ts'
export type { ReadyOptions } from './connection/readiness.ts'
export {
  DEFAULT_GEARMAN_PORT,
  type HostList,
  type ServerAddress,
} from './connection/server-address.ts'
export type {
  JobToPlace,
  ServerCandidate,
  ServerStrategy,
  ServerStrategyName,
} from './connection/server-selection.ts'
export {
  type SignalStop,
  type StopOnSignalsOptions,
  type Stoppable,
  stopOnSignals,
} from './core/stop-on-signals.ts'
export { AesGcmDataEncoder, type AesGcmOptions } from './encoders/aes-gcm-data-encoder.ts'
export {
  CompressingEncoder,
  type Compression,
  type CompressionOptions,
} from './encoders/compressing-encoder.ts'
export {
  type AnyEncoder,
  DataEncoder,
  type EncoderInput,
  type EncoderOutput,
} from './encoders/data-encoder.ts'
export type { EncoderSource } from './encoders/encoder-source.ts'
export type { ErrorReport } from './encoders/error-report.ts'
export { GzipDataEncoder } from './encoders/gzip-data-encoder.ts'
export { JSONDataEncoder } from './encoders/json-data-encoder.ts'
export type { ModGearmanOptions } from './encoders/mod-gearman/envelope.ts'
export {
  type ModGearmanJob,
  ModGearmanJobDataEncoder,
  type ModGearmanJobType,
} from './encoders/mod-gearman/mod-gearman-job-data-encoder.ts'
export {
  type ModGearmanResult,
  ModGearmanResultDataEncoder,
} from './encoders/mod-gearman/mod-gearman-result-data-encoder.ts'
export { PhpDataEncoder, type PhpDataEncoderOptions } from './encoders/php/php-data-encoder.ts'
export type { PhpArrayForm } from './encoders/php/php-frames.ts'
export type { PhpStringForm } from './encoders/php/php-reader.ts'
export {
  PhpCustomObject,
  PhpEnum,
  PhpObject,
  type PhpProperties,
} from './encoders/php/php-values.ts'
export type {
  PickleClass,
  PickleClassParts,
  PickleConstructor,
} from './encoders/pickle/class-registry.ts'
export { PickleDataEncoder } from './encoders/pickle/pickle-data-encoder.ts'
export type {
  PickleLimits,
  PickleOptions,
  PickleStrEncoding,
} from './encoders/pickle/pickle-options.ts'
export {
  PyByteArray,
  PyCounter,
  PyDefaultDict,
  PyDeque,
  PyFrozenSet,
  PyGlobal,
  PyOrderedDict,
  PyTuple,
} from './encoders/pickle/python-containers.ts'
export {
  PyDate,
  PyDateTime,
  type PyDateTimeFields,
  PyTime,
  PyTimeDelta,
  type PyTimeFields,
  type PyWallClock,
} from './encoders/pickle/python-dates.ts'
export { PythonError, type PythonErrorOptions } from './encoders/pickle/python-error.ts'
export { PyComplex, PyDecimal, PyFloat, PyUUID } from './encoders/pickle/python-numbers.ts'
export { PyTimeZone } from './encoders/pickle/python-time-zones.ts'
export { NoopEncoder, RawDataEncoder, type RawInput } from './encoders/raw-data-encoder.ts'
export { RemoteError } from './encoders/remote-error.ts'
export { StringDataEncoder } from './encoders/string-data-encoder.ts'
export { ZstdDataEncoder } from './encoders/zstd-data-encoder.ts'
export {
  ConnectionError,
  type Delivery,
  EncodingError,
  ExceededConnectionAttempts,
  GearmanError,
  GearmanErrorCode,
  type GearmanErrorOptions,
  InvalidAdminClientState,
  InvalidArgumentError,
  InvalidClientState,
  InvalidWorkerState,
  JobError,
  type JobErrorOptions,
  JobExceptionError,
  JobFailedError,
  JobLostError,
  JobTimeoutError,
  PicklingError,
  ProtocolError,
  ServerError,
  type ServerErrorOptions,
  type ServerFailure,
  ServerUnavailable,
  StoreError,
  TlsError,
  UnknownCommandError,
  UnpicklingError,
} from './errors.ts'
export {
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_FAILED,
  JOB_PENDING,
  JOB_UNKNOWN,
  type JobPriority,
  type JobState,
  PRIORITY_HIGH,
  PRIORITY_LOW,
  PRIORITY_NONE,
} from './jobs/constants.ts'
export { GearmanJob, type GearmanJobDict } from './jobs/gearman-job.ts'
export type {
  ClientTasks,
  DefaultTasks,
  DefaultWorkerTasks,
  TaskData,
  TaskMap,
  TaskName,
  TaskResult,
  TaskTypes,
  TaskUpdate,
  UntypedTasks,
  WorkerTasks,
} from './jobs/task-map.ts'
export type { FailedJob, FailedJobReason } from './protocol/admin-failed-replies.ts'
export type { JobDetails, ListedJobState, TaskDetails } from './protocol/admin-list-replies.ts'
export type {
  QueuedJob,
  TaskPriorityStatus,
  TaskStatus,
  UniqueJob,
  WorkerConnection,
} from './protocol/admin-replies.ts'
export { GearmanWorker } from './worker/gearman-worker.ts'
export { type AssignmentState, JobAssignment } from './worker/job-assignment.ts'
export type { CallbackResult, TaskCallback, TaskJob } from './worker/task-callback.ts'
export type {
  JobFailedEvent,
  JobLostEvent,
  OvercommitEvent,
  OverrunEvent,
  ResultDroppedEvent,
  ServerErrorEvent,
  WorkerEvents,
  WorkerJobEvent,
} from './worker/worker-events.ts'
export { GearmanWorkerJob } from './worker/worker-job.ts'
export type {
  GearmanWorkerOptions,
  RegisterTaskOptions,
  StopOptions,
  WorkOptions,
} from './worker/worker-options.ts'
