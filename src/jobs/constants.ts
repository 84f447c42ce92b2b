/** Normal priority. */
export const PRIORITY_NONE = null
/** Runs after jobs of normal priority. */
export const PRIORITY_LOW = 'LOW' as const
/** Runs before jobs of normal priority. */
export const PRIORITY_HIGH = 'HIGH' as const

/** The priority of a job; `undefined` is normal as well. */
export type JobPriority = typeof PRIORITY_NONE | typeof PRIORITY_LOW | typeof PRIORITY_HIGH

/** Never submitted, or its connection was lost: see `delivery` for how much is known. */
export const JOB_UNKNOWN = 'UNKNOWN' as const
/** Sent; the server has not accepted it yet. */
export const JOB_PENDING = 'PENDING' as const
/** Accepted by the server: queued or running. */
export const JOB_CREATED = 'CREATED' as const
/** The job failed. */
export const JOB_FAILED = 'FAILED' as const
/** The job is done, its result is there. */
export const JOB_COMPLETE = 'COMPLETE' as const

/** The state of a job request. */
export type JobState =
  | typeof JOB_UNKNOWN
  | typeof JOB_PENDING
  | typeof JOB_CREATED
  | typeof JOB_FAILED
  | typeof JOB_COMPLETE
