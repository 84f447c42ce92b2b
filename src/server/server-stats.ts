/**
 * Why a submission was rejected.
 *
 * - `queue-full`: the limit of `maxqueue` was reached
 * - `shutting-down`: the server stops gracefully
 * - `not-stored`: the store could not keep it
 */
export type JobRejectReason = 'queue-full' | 'shutting-down' | 'not-stored'

/**
 * Why a running job was taken back from its worker.
 *
 * - `disconnected`: the worker's connection is gone
 * - `timeout`: it took longer than its CAN_DO_TIMEOUT
 * - `unregistered`: the worker sent CANT_DO or RESET_ABILITIES
 */
export type JobReturnReason = 'disconnected' | 'timeout' | 'unregistered'

/**
 * Durations in milliseconds, counted in buckets that are the same for all functions and all servers. It has the
 * shape of a Prometheus histogram.
 */
export interface ServerHistogram {
  /** The upper bounds in milliseconds: 31 powers of two, from 1/64 (15.6 microseconds) to 16,777,216 (4.7 hours). */
  readonly bounds: readonly number[]
  /** For each bound: how many durations were not longer. */
  readonly counts: readonly number[]
  /** How many durations there were; those that are over the last bound included. */
  readonly count: number
  /** All durations together, in milliseconds. */
  readonly sum: number
}

/** What happened to jobs since the server was made. */
export interface JobTotals {
  /** New jobs, by the kind of the submission. Submissions that joined a job are in {@link coalesced}. */
  readonly accepted: {
    /** Whose clients wait for the result. */
    readonly foreground: number
    /** Whose clients do not. */
    readonly background: number
  }
  /** Background jobs of an earlier server that the store had kept. They are not in {@link accepted}. */
  readonly restored: number
  /** Submissions that joined a job which was there already. */
  readonly coalesced: number
  /** Submissions that were answered with an error, by reason. */
  readonly rejected: Readonly<Record<JobRejectReason, number>>
  /** How often a worker got a job. */
  readonly assigned: number
  /** How often a job was taken back from a worker and queued again, by reason. */
  readonly returned: Readonly<Record<JobReturnReason, number>>
  /** Jobs that ended with WORK_COMPLETE. */
  readonly completed: number
  /** Jobs that ended with WORK_FAIL, or with a result that was over `maxPacketBytes`. */
  readonly failed: number
  /** Jobs that ended with WORK_EXCEPTION. */
  readonly exceptions: number
  /** Jobs that were given up after `jobRetries` workers were lost with them. */
  readonly lost: number
  /** Jobs that an admin cancelled. One that ran then is counted when its worker lets go of it. */
  readonly cancelled: number
  /** Foreground jobs that were dropped since their last client left. */
  readonly abandoned: number
}

/** Where jobs are now. */
export interface JobGauges {
  /** Ready for workers. */
  readonly queued: number
  /** Waiting for their time (SUBMIT_JOB_EPOCH). */
  readonly delayed: number
  /** With a worker. */
  readonly running: number
  /** On their way to the store, and not accepted yet. */
  readonly storing: number
}

/** One function. */
export interface FunctionStats extends JobGauges {
  /** Its name, which may be any bytes: each is one latin1 character. */
  readonly name: string
  /** How often connections registered it. */
  readonly workers: number
  /** What happened to its jobs, since the server was made or the function was dropped. */
  readonly totals: JobTotals
  /** From when a job could be grabbed until a worker got it: one duration for each assignment. */
  readonly waitTime: ServerHistogram
  /** From when a worker got a job until it reported that it completed or failed, by exception or without. */
  readonly runTime: ServerHistogram
}

/** What {@link GearmanServer.stats} tells: a copy, which does not change any more. */
export interface ServerStats extends JobGauges {
  /** How long ago the server was made, in milliseconds. */
  readonly uptime: number
  /** Connections, those over HTTP too. */
  readonly connections: {
    /** How many are open. */
    readonly open: number
    /** How many of them can do some function. */
    readonly workers: number
    /** How many there were since the server was made. */
    readonly total: number
  }
  /** What went through them. */
  readonly traffic: {
    /** Bytes that peers sent; with TLS: before encryption. */
    readonly received: number
    /** Bytes that were handed to the system for peers; with TLS: before encryption. */
    readonly sent: number
  }
  /** How many requests were answered with ERROR, by its code. Rejected submissions are not among them. */
  readonly refused: Readonly<Record<string, number>>
  /** What happened to the jobs of all functions, of dropped ones too. */
  readonly totals: JobTotals
  /** All functions that were mentioned and not dropped. */
  readonly functions: readonly FunctionStats[]
}
