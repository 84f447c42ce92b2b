import type { StoredOutcome } from '../stores/queue-store.ts'
import { batchAfter, jobOfRow } from './next-jobs.ts'
import type { PostgresSession, Row } from './postgres-session.ts'

const NEXT_BATCH = batchAfter('gearman_sdk_outcomes', 'octet_length(data) + octet_length(output)')

/** The next batch of jobs that are over, behind a key; empty at the end. */
export async function nextOutcomes(
  session: PostgresSession,
  queue: number,
  afterKey: number,
): Promise<readonly StoredOutcome[]> {
  const values = [queue, afterKey]
  const name = 'gearman_sdk_replay_outcomes'
  const rows = await session.query({ name, text: NEXT_BATCH, values })
  return rows.map(outcomeOfRow)
}

function outcomeOfRow(row: Row): StoredOutcome {
  return {
    job: jobOfRow(row),
    kind: row['kind'] as StoredOutcome['kind'],
    canRequeue: row['can_requeue'] as boolean,
    endedAtMs: Number(row['ended_at']),
    output: row['output'] as Buffer,
  }
}
