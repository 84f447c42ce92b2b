import type { StoredJob } from '../stores/queue-store.ts'
import type { MysqlSession, Row } from './mysql-session.ts'

/** One batch of a replay: so many rows, or so many bytes and at least one row. */
export const BATCH_ROWS = 2000
const BATCH_BYTES = 4 * 1024 * 1024

/**
 * The next jobs of a queue behind a key, in the order of their keys; none at the end. The sizes are looked at
 * first: memory is for one batch.
 */
export async function nextJobs(
  session: MysqlSession,
  queueId: number,
  afterKey: number,
): Promise<readonly StoredJob[]> {
  const sizes = await session.rows(
    `SELECT job_key, LENGTH(data) AS bytes FROM gearman_sdk_jobs WHERE queue_id = ? AND job_key > ?
     ORDER BY job_key LIMIT ${BATCH_ROWS}`,
    [String(queueId), String(afterKey)],
  )
  if (sizes.length === 0) return []
  const rows = await session.rows(
    `SELECT * FROM gearman_sdk_jobs WHERE queue_id = ? AND job_key > ? AND job_key <= ? ORDER BY job_key`,
    [String(queueId), String(afterKey), String(lastKeyOfBatch(sizes))],
  )
  return rows.map(jobOfRow)
}

/** Of the rows behind a key, with their keys and bytes, the last one that still fits into one batch. */
export function lastKeyOfBatch(sizes: readonly Row[]): number {
  let lastKey = Number(sizes[0]?.['job_key'])
  let total = 0
  for (const row of sizes) {
    total += Number(row['bytes'])
    if (total > BATCH_BYTES) break
    lastKey = Number(row['job_key'])
  }
  return lastKey
}

/** The job in a row. What that holds is looked at by the server, which sets aside what is no job. */
export function jobOfRow(row: Row): StoredJob {
  const text = (name: string): string => (row[name] as Buffer).toString('latin1')
  return {
    key: Number(row['job_key']),
    functionName: text('function_name'),
    unique: text('unique_id'),
    reducer: text('reducer'),
    priority: Number(row['priority']) as StoredJob['priority'],
    data: row['data'] as Buffer,
    runAtEpochSeconds: Number(row['run_at']),
    acceptedAtMs: Number(row['accepted_at']),
    retries: Number(row['retries']),
  }
}
