import type { StoredJob } from '../stores/queue-store.ts'
import type { PostgresSession, Row } from './postgres-session.ts'

/** One batch: so many rows, or so many bytes and at least one row. */
const BATCH_ROWS = 1000
const BATCH_BYTES = 4 * 1024 * 1024

const NEXT_BATCH = batchAfter('gearman_sdk_jobs', 'octet_length(data)')

/** The statement that reads the rows of the queue `$1` behind the key `$2`, as many as fit into a batch. */
export function batchAfter(table: string, bytes: string): string {
  return `SELECT * FROM ${table} WHERE queue = $1 AND key > $2 AND key <= (
    SELECT max(key) FROM (
      SELECT key, sum(bytes) OVER (ORDER BY key) - bytes AS bytes_before FROM (
        SELECT key, ${bytes} AS bytes FROM ${table}
        WHERE queue = $1 AND key > $2 ORDER BY key LIMIT ${BATCH_ROWS}
      ) AS page
    ) AS sums WHERE bytes_before < ${BATCH_BYTES}
  ) ORDER BY key`
}

/** The next batch of jobs behind a key; empty at the end. */
export async function nextJobs(
  session: PostgresSession,
  queue: number,
  afterKey: number,
): Promise<readonly StoredJob[]> {
  const values = [queue, afterKey]
  const rows = await session.query({ name: 'gearman_sdk_replay', text: NEXT_BATCH, values })
  return rows.map(jobOfRow)
}

/** The job in a row. The driver has texts for `bigint`. */
export function jobOfRow(row: Row): StoredJob {
  const text = (column: string): string => (row[column] as Buffer).toString('latin1')
  return {
    key: Number(row['key']),
    functionName: text('function_name'),
    unique: text('unique_id'),
    reducer: text('reducer'),
    priority: row['priority'] as StoredJob['priority'],
    data: row['data'] as Buffer,
    runAtEpochSeconds: Number(row['run_at']),
    acceptedAtMs: Number(row['accepted_at']),
    retries: Number(row['retries']),
  }
}
