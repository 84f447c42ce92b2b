/** The keys of a queue. The braces keep them together in a cluster. */
export interface QueueKeys {
  /** A hash: version of the schema, highest key, and who opened it last. */
  readonly meta: string
  /** Who has it open; expires. */
  readonly lock: string
  /** A hash: key of the job, and the job. */
  readonly jobs: string
  /** A sorted set of the keys of jobs. */
  readonly index: string
  /** A hash: key of the job, and retries where they have changed. */
  readonly retries: string
  /** A hash: key of a job that is over, and what is kept of it. */
  readonly outcomes: string
  /** The front of the new names of what is no job. */
  readonly setAside: string
}

/** What all keys of this package begin with. */
export const OWN_PREFIX = 'gearman-sdk:'

/** Names the keys of a queue. */
export function queueKeys(queueName: string): QueueKeys {
  const prefix = `${OWN_PREFIX}{${queueName}}:`
  return {
    meta: `${prefix}meta`,
    lock: `${prefix}lock`,
    jobs: `${prefix}jobs`,
    index: `${prefix}index`,
    retries: `${prefix}retries`,
    outcomes: `${prefix}outcomes`,
    setAside: `${prefix}set-aside:`,
  }
}
