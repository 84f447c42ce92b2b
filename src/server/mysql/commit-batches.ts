import type { QueueChanges, StoredJob } from '../stores/queue-store.ts'
import type { Value } from './mysql-session.ts'

/** What is sent at once: statements without parameters, or one with some. */
export interface Batch {
  readonly sql: string
  readonly values: readonly Value[] | undefined
}

/** A round trip for this much costs little more than one for less, and nobody's memory suffers. */
const MAX_BATCH_BYTES = 1024 * 1024
/** The database looks keys of longer lists up in other ways, some of them slow. */
const MAX_KEYS = 500
/** What a packet holds beside the jobs. */
const PACKET_MARGIN_BYTES = 1024

const INSERT = `REPLACE INTO gearman_sdk_jobs (queue_id, job_key, function_name, unique_id, reducer, priority,
  run_at, accepted_at, retries, data) VALUES `

/**
 * One transaction, in as few packets as it takes: usually one. Bytes are written in hexadecimal, which no
 * setting of the database reads otherwise. A job that would be large so goes as a parameter, byte by byte.
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
  { added, updated, removed, highestKey }: QueueChanges,
  queueId: number,
  maxBytes: number,
): Generator<string | Batch> {
  yield* insertions(added, queueId, maxBytes)
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
  if (highestKey !== undefined) {
    yield `UPDATE gearman_sdk_queues SET highest_key = ${whole(highestKey)} WHERE id = ${queueId}`
  }
}

/** In their order: a key may be in the list twice. */
function* insertions(
  jobs: readonly StoredJob[],
  queueId: number,
  maxBytes: number,
): Generator<string | Batch> {
  let rows = ''
  for (const job of jobs) {
    const { data, functionName } = job
    const isLarge = 2 * (data.length + functionName.length) > maxBytes / 2
    const row = isLarge ? '' : rowOf(job, queueId)
    if (rows !== '' && (isLarge || INSERT.length + rows.length + row.length > maxBytes)) {
      yield INSERT + rows
      rows = ''
    }
    if (isLarge)
      yield { sql: `${INSERT}(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, values: valuesOf(job, queueId) }
    else rows += rows === '' ? row : `,\n${row}`
  }
  if (rows !== '') yield INSERT + rows
}

function rowOf(job: StoredJob, queueId: number): string {
  const { key, functionName, unique, reducer, priority, data } = job
  const times = `${whole(job.runAtEpochSeconds)},${whole(job.acceptedAtMs)},${whole(job.retries)}`
  return `(${queueId},${whole(key)},${hex(functionName)},${hex(unique)},${hex(reducer)},${whole(priority)},${times},x'${data.toString('hex')}')`
}

function valuesOf(job: StoredJob, queueId: number): readonly Value[] {
  const names = [job.functionName, job.unique, job.reducer].map((text) =>
    Buffer.from(text, 'latin1'),
  )
  const numbers = [job.priority, job.runAtEpochSeconds, job.acceptedAtMs, job.retries].map(whole)
  return [String(queueId), whole(job.key), ...names, ...numbers, job.data]
}

function hex(text: string): string {
  return `x'${Buffer.from(text, 'latin1').toString('hex')}'`
}

/** Only numbers get into SQL unquoted, whatever the types of a caller promise. */
function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error('the number of a job is no whole number')
  return String(value)
}

function* keyLists(keys: readonly number[]): Generator<string> {
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    yield keys
      .slice(start, start + MAX_KEYS)
      .map(whole)
      .join(',')
  }
}
