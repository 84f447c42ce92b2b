/** What OPTION_REQ asks for before packets of type 1000 and up are sent: only a server of this package says yes. */
export const OWN_PACKETS_OPTION = 'gearman-sdk'

/**
 * What RESULT_RES says of a job.
 *
 * - `unknown`: the server never had it, keeps its result no longer, or it was cancelled.
 * - `queued`: for a worker, for its time, or for the store.
 * - `running`: a worker has it.
 * - `complete`: the data is its result.
 * - `failed`: its worker said so, or too many workers were lost with it.
 * - `exception`: the data is what its worker threw.
 */
export type ResultState = 'unknown' | 'queued' | 'running' | 'complete' | 'failed' | 'exception'

/** All of {@link ResultState}. */
export const RESULT_STATES: readonly ResultState[] = [
  'unknown',
  'queued',
  'running',
  'complete',
  'failed',
  'exception',
]
