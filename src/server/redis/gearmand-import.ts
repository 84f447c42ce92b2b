import { parseGearmandKey, problemOfGearmandJob } from '../stores/gearmand-key.ts'
import { packJob } from '../stores/job-value.ts'
import type { SetAsideRow, StoredJob } from '../stores/queue-store.ts'
import type { RedisArgument, RedisReply } from './driver.ts'
import { OWN_PREFIX, type QueueKeys } from './queue-keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import { MOVE_GEARMAND_SCRIPT, READ_GEARMAND_SCRIPT } from './redis-scripts.ts'

const SCAN_COUNT = 1000
const BATCH_BYTES = 4 * 1024 * 1024

/** What an import moved. */
export interface ImportedKeys {
  readonly jobs: number
  readonly setAside: readonly SetAsideRow[]
}

interface Move {
  readonly keys: QueueKeys
  readonly token: string
  readonly prefix: string
  nextKey: number
  jobs: number
  readonly setAside: SetAsideRow[]
}

/**
 * Moves gearmand's keys into a queue, batch by batch: each is one script, so a key is here or there whenever
 * this ends (gearmand `libgearman-server/plugins/queue/redis/queue.cc`: a hash at `PREFIX-FUNCTION-UNIQUE` with
 * data and priority, up to 1.1.15 a string).
 *
 * gearmand keeps no order, so there is none. Its data is whole in Redis; gearmand itself cuts it at the first
 * NUL byte when it reads it.
 *
 * @param firstKey - the key of the first job
 */
export async function importGearmandKeys(
  connection: RedisConnection,
  keys: QueueKeys,
  token: string,
  prefix: string,
  firstKey: number,
): Promise<ImportedKeys> {
  const move: Move = { keys, token, prefix, nextKey: firstKey, jobs: 0, setAside: [] }
  const pattern = `${prefix.replace(/[[\]*?\\^]/g, '\\$&')}-*`
  let cursor = '0'
  do {
    const reply = await connection.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT)
    const [next, found] = reply as readonly [Buffer, readonly Buffer[]]
    cursor = String(next)
    let left = found.filter((key) => !key.toString('latin1').startsWith(OWN_PREFIX))
    while (left.length > 0) left = left.slice(await moveSome(connection, move, left))
  } while (cursor !== '0')
  return move
}

/** @returns how many of the keys were looked at */
async function moveSome(
  connection: RedisConnection,
  move: Move,
  found: readonly Buffer[],
): Promise<number> {
  const values = await connection.run(READ_GEARMAND_SCRIPT, found, [BATCH_BYTES])
  const count = values.length / FIELDS
  const jobs: RedisArgument[] = []
  const jobKeys: Buffer[] = []
  const otherKeys: Buffer[] = []
  for (const [index, key] of found.slice(0, count).entries()) {
    const fields = values.slice(index * FIELDS, (index + 1) * FIELDS)
    const read = readJob(key, fields, move)
    if (read === 'gone') continue
    if (typeof read === 'string') {
      otherKeys.push(key)
      const row = `key ${key.toString('latin1')}, now ${move.keys.setAside}${key.toString('latin1')}`
      move.setAside.push({ row, reason: read })
    } else {
      jobKeys.push(key)
      jobs.push(read.key, packJob(read))
    }
  }
  await moveKeys(connection, move, jobs, jobKeys, otherKeys)
  move.jobs += jobKeys.length
  return count
}

/** Type, data, priority, function, unique. */
const FIELDS = 5

async function moveKeys(
  connection: RedisConnection,
  { keys, token }: Move,
  jobs: readonly RedisArgument[],
  jobKeys: readonly Buffer[],
  otherKeys: readonly Buffer[],
): Promise<void> {
  const names = otherKeys.map((key) => Buffer.concat([Buffer.from(keys.setAside), key]))
  const [answer, owner] = await connection.run(
    MOVE_GEARMAND_SCRIPT,
    [keys.meta, keys.lock, keys.jobs, keys.index, keys.retries, ...jobKeys, ...otherKeys],
    [token, jobKeys.length, otherKeys.length, ...jobs, ...names],
  )
  if (String(answer) === 'taken') throw new Error(`it was taken over by ${String(owner)}`)
}

/** @returns why it is no job, when it is none */
function readJob(key: Buffer, fields: readonly RedisReply[], move: Move): StoredJob | string {
  const [kind, data, priority, functionName, unique] = fields.map((field) => field as Buffer)
  const type = String(kind)
  if (type === 'none') return 'gone'
  if (type !== 'hash' && type !== 'string') return `it is a ${type}`
  const text = key.toString('latin1').slice(move.prefix.length + 1)
  const named =
    functionName === undefined || functionName.length === 0
      ? parseGearmandKey(text)
      : { functionName: functionName.toString('latin1'), unique: unique?.toString('latin1') ?? '' }
  const number = Number(String(priority) || Number.NaN)
  const problem = problemOfGearmandJob(named, number)
  if (problem !== undefined || named === undefined) return problem ?? ''
  move.nextKey += 1
  return {
    key: move.nextKey - 1,
    ...named,
    reducer: '',
    priority: number as StoredJob['priority'],
    data: data ?? Buffer.alloc(0),
    runAtEpochSeconds: 0,
    acceptedAtMs: Date.now(),
    retries: 0,
  }
}
