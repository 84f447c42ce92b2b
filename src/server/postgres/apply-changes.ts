import type { QueryConfig } from 'pg'
import { foldChanges } from '../stores/fold-changes.ts'
import type { QueueChanges, StoredJob } from '../stores/queue-store.ts'
import { applyOutcomes, changesOutcomes } from './apply-outcomes.ts'
import { arrayOf, batchEnd, packBytes, piecesOfJob } from './packed-bytes.ts'
import type { PostgresSession } from './postgres-session.ts'

/**
 * A whole commit, in any order since no two parts are about one job. All bytes of the added jobs are one
 * value, which needs no text form, and are cut up by the database.
 */
const APPLY = `WITH removed AS (
    DELETE FROM gearman_sdk_jobs WHERE queue = $1 AND key = ANY ($2::bigint[])
  ), updated AS (
    UPDATE gearman_sdk_jobs AS j SET retries = u.retries
    FROM unnest($3::bigint[], $4::bigint[]) AS u (key, retries) WHERE j.queue = $1 AND j.key = u.key
  ), marked AS (
    UPDATE gearman_sdk_queues SET highest_key = $5 WHERE id = $1 AND $5::bigint IS NOT NULL
  )
  INSERT INTO gearman_sdk_jobs SELECT $1, a.key, substring($6::bytea FROM a.start FOR a.f),
    substring($6 FROM a.start + a.f FOR a.u), substring($6 FROM a.start + a.f + a.u FOR a.r),
    a.priority, a.run_at, a.accepted_at, a.retries, substring($6 FROM a.start + a.f + a.u + a.r FOR a.d)
  FROM unnest($7::bigint[], $8::integer[], $9::integer[], $10::integer[], $11::integer[], $12::integer[],
    $13::smallint[], $14::bigint[], $15::bigint[], $16::bigint[])
    AS a (key, start, f, u, r, d, priority, run_at, accepted_at, retries)
  ON CONFLICT (queue, key) DO UPDATE SET function_name = excluded.function_name,
    unique_id = excluded.unique_id, reducer = excluded.reducer, priority = excluded.priority,
    run_at = excluded.run_at, accepted_at = excluded.accepted_at, retries = excluded.retries,
    data = excluded.data`

/**
 * Makes the changes of a commit: one round trip, or a transaction of several when there is much to add, or
 * something of jobs that are over.
 */
export async function applyChanges(
  session: PostgresSession,
  queue: number,
  changes: QueueChanges,
): Promise<void> {
  const { added, updated, removed, highestKey } = foldChanges(changes)
  const head = [
    queue,
    arrayOf(removed),
    arrayOf(Array.from(updated.keys())),
    arrayOf(Array.from(updated.values())),
    highestKey ?? null,
  ]
  const firstEnd = batchEnd(added, 0, bytesOfJob)
  if (firstEnd === added.length && !changesOutcomes(changes)) {
    await session.query(statement(head, added))
    return
  }
  await session.transaction(async () => {
    await session.query(statement(head, added.slice(0, firstEnd)))
    const rest = [queue, '{}', '{}', '{}', null]
    for (let start = firstEnd; start < added.length; ) {
      const end = batchEnd(added, start, bytesOfJob)
      await session.query(statement(rest, added.slice(start, end)))
      start = end
    }
    await applyOutcomes(session, queue, changes)
  })
}

function bytesOfJob({ data }: StoredJob): number {
  return data.length
}

function statement(head: readonly unknown[], jobs: readonly StoredJob[]): QueryConfig {
  const { bytes, starts, lengths } = packBytes(jobs.map(piecesOfJob), 4)
  const column = (get: (job: StoredJob) => number): string => arrayOf(jobs.map(get))
  return {
    name: 'gearman_sdk_apply',
    text: APPLY,
    values: [
      ...head,
      bytes,
      column((job) => job.key),
      starts,
      ...lengths,
      column((job) => job.priority),
      column((job) => job.runAtEpochSeconds),
      column((job) => job.acceptedAtMs),
      column((job) => job.retries),
    ],
  }
}
