import type { QueryConfig } from 'pg'
import type { QueueChanges, StoredOutcome } from '../stores/queue-store.ts'
import { arrayOf, batchEnd, packBytes, piecesOfJob } from './packed-bytes.ts'
import type { PostgresSession } from './postgres-session.ts'

const FORGET = 'DELETE FROM gearman_sdk_outcomes WHERE queue = $1 AND key = ANY ($2::bigint[])'

const KEEP = `INSERT INTO gearman_sdk_outcomes
  SELECT $1, a.key, substring($2::bytea FROM a.start FOR a.f), substring($2 FROM a.start + a.f FOR a.u),
    substring($2 FROM a.start + a.f + a.u FOR a.r), a.priority, a.run_at, a.accepted_at, a.retries,
    substring($2 FROM a.start + a.f + a.u + a.r FOR a.d), a.kind, a.can_requeue, a.ended_at,
    substring($2 FROM a.start + a.f + a.u + a.r + a.d FOR a.o)
  FROM unnest($3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::integer[],
    $9::bigint[], $10::smallint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::boolean[],
    $16::bigint[])
    AS a (start, f, u, r, d, o, key, priority, run_at, accepted_at, retries, kind, can_requeue, ended_at)
  ON CONFLICT (queue, key) DO UPDATE SET function_name = excluded.function_name,
    unique_id = excluded.unique_id, reducer = excluded.reducer, priority = excluded.priority,
    run_at = excluded.run_at, accepted_at = excluded.accepted_at, retries = excluded.retries,
    data = excluded.data, kind = excluded.kind, can_requeue = excluded.can_requeue,
    ended_at = excluded.ended_at, output = excluded.output`

/** Whether a commit changes anything about jobs that are over. */
export function changesOutcomes({ outcomes = [], forgotten = [] }: QueueChanges): boolean {
  return outcomes.length + forgotten.length > 0
}

/** Makes the changes of a commit to jobs that are over, within a transaction. */
export async function applyOutcomes(
  session: PostgresSession,
  queue: number,
  { outcomes = [], forgotten = [] }: QueueChanges,
): Promise<void> {
  // One statement cannot write a row twice.
  const kept = new Map(outcomes.map((outcome) => [outcome.job.key, outcome]))
  for (const key of forgotten) kept.delete(key)
  if (forgotten.length > 0) {
    const values = [queue, arrayOf(forgotten)]
    await session.query({ name: 'gearman_sdk_forget', text: FORGET, values })
  }
  const rows = Array.from(kept.values())
  for (let start = 0; start < rows.length; ) {
    const end = batchEnd(rows, start, bytesOfOutcome)
    await session.query(statement(queue, rows.slice(start, end)))
    start = end
  }
}

function bytesOfOutcome({ job, output }: StoredOutcome): number {
  return job.data.length + output.length
}

function statement(queue: number, outcomes: readonly StoredOutcome[]): QueryConfig {
  const pieces = outcomes.map(({ job, output }) => [...piecesOfJob(job), output])
  const { bytes, starts, lengths } = packBytes(pieces, 5)
  const column = (get: (outcome: StoredOutcome) => number): string => arrayOf(outcomes.map(get))
  return {
    name: 'gearman_sdk_keep',
    text: KEEP,
    values: [
      queue,
      bytes,
      starts,
      ...lengths,
      column(({ job }) => job.key),
      column(({ job }) => job.priority),
      column(({ job }) => job.runAtEpochSeconds),
      column(({ job }) => job.acceptedAtMs),
      column(({ job }) => job.retries),
      outcomes.map(({ kind }) => kind),
      outcomes.map(({ canRequeue }) => canRequeue),
      column(({ endedAtMs }) => endedAtMs),
    ],
  }
}
