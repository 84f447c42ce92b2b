import type { StoredOutcome } from '../stores/queue-store.ts'
import { JOB_COLUMNS } from './job-form.ts'
import type { MysqlSession, Row } from './mysql-session.ts'
import { BATCH_ROWS, jobOfRow, lastKeyOfBatch } from './next-jobs.ts'

const BEHIND = 'FROM gearman_sdk_outcomes WHERE queue_id = ? AND job_key > ?'

/**
 * The next jobs of a queue that are over, behind a key; none at the end. A row with its data and its output may be
 * more than a packet holds, so that the two are read one after the other.
 */
export async function nextOutcomes(
  session: MysqlSession,
  queueId: number,
  afterKey: number,
): Promise<readonly StoredOutcome[]> {
  const after = [String(queueId), String(afterKey)]
  const sizes = await session.rows(
    `SELECT job_key, LENGTH(data) + LENGTH(output) AS bytes ${BEHIND} ORDER BY job_key LIMIT ${BATCH_ROWS}`,
    after,
  )
  if (sizes.length === 0) return []
  const range = [...after, String(lastKeyOfBatch(sizes))]
  const upTo = `${BEHIND} AND job_key <= ? ORDER BY job_key`
  const rows = await session.rows(
    `SELECT ${JOB_COLUMNS}, kind, can_requeue, ended_at ${upTo}`,
    range,
  )
  const outputs = await session.rows(`SELECT output ${upTo}`, range)
  return rows.map((row, index) => outcomeOfRow(row, outputs[index]))
}

function outcomeOfRow(row: Row, output: Row | undefined): StoredOutcome {
  return {
    job: jobOfRow(row),
    kind: String(row['kind']) as StoredOutcome['kind'],
    canRequeue: Number(row['can_requeue']) === 1,
    endedAtMs: Number(row['ended_at']),
    output: output?.['output'] as Buffer,
  }
}
