import type { QueueChanges } from '../stores/queue-store.ts'
import { type Batch, insertions } from './insertions.ts'
import { jobForm } from './job-form.ts'
import { outcomeForm } from './outcome-form.ts'
import { keyLists, whole } from './sql-text.ts'

/** A round trip for this much costs little more than one for less, and nobody's memory suffers. */
const MAX_BATCH_BYTES = 1024 * 1024
/** What a packet holds beside the jobs. */
const PACKET_MARGIN_BYTES = 1024

/**
 * One transaction, in as few packets as it takes: usually one. Bytes are written in hexadecimal, which no
 * setting of the database reads otherwise. What would be large so goes as a parameter, byte by byte.
 *
 * @param maxPacketBytes - what the database takes at once
 */
export function* commitBatches(
  changes: QueueChanges,
  queueId: number,
  maxPacketBytes: number,
): Generator<Batch> {
  const maxBytes = Math.min(MAX_BATCH_BYTES, maxPacketBytes) - PACKET_MARGIN_BYTES
  let sql = 'START TRANSACTION'
  for (const statement of statements(changes, queueId, maxBytes)) {
    const isAlone = typeof statement !== 'string'
    if (isAlone || sql.length + statement.length > maxBytes) {
      if (sql !== '') yield { sql, values: undefined }
      sql = ''
    }
    if (isAlone) yield statement
    else sql += sql === '' ? statement : `;\n${statement}`
  }
  yield { sql: sql === '' ? 'COMMIT' : `${sql};\nCOMMIT`, values: undefined }
}

function* statements(
  { added, updated, removed, outcomes = [], forgotten = [], highestKey }: QueueChanges,
  queueId: number,
  maxBytes: number,
): Generator<string | Batch> {
  yield* insertions(added, jobForm(queueId), maxBytes)
  const keysByRetries = new Map<number, number[]>()
  for (const { key, retries } of updated) {
    const keys = keysByRetries.get(retries)
    if (keys === undefined) keysByRetries.set(retries, [key])
    else keys.push(key)
  }
  for (const [retries, keys] of keysByRetries) {
    for (const list of keyLists(keys)) {
      yield `UPDATE gearman_sdk_jobs SET retries = ${whole(retries)} WHERE queue_id = ${queueId} AND job_key IN (${list})`
    }
  }
  for (const list of keyLists(removed)) {
    yield `DELETE FROM gearman_sdk_jobs WHERE queue_id = ${queueId} AND job_key IN (${list})`
  }
  yield* insertions(outcomes, outcomeForm(queueId), maxBytes)
  for (const list of keyLists(forgotten)) {
    yield `DELETE FROM gearman_sdk_outcomes WHERE queue_id = ${queueId} AND job_key IN (${list})`
  }
  if (highestKey !== undefined) {
    yield `UPDATE gearman_sdk_queues SET highest_key = ${whole(highestKey)} WHERE id = ${queueId}`
  }
}
