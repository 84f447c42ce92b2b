import { parseGearmandKey, problemOfGearmandJob } from '../stores/gearmand-key.ts'
import type { StoreContext, StoredJob } from '../stores/queue-store.ts'
import type { MemcachedCommand, MemcachedConnection } from './memcached-connection.ts'
import type { MemcachedQueue } from './memcached-queue.ts'
import type { MemcachedValue } from './reply-reader.ts'

const BATCH_KEYS = 100

/**
 * Moves gearmand's keys into a queue (gearmand `libgearman-server/plugins/queue/libmemcached/queue.cc`: data at
 * `PREFIXFUNCTION-UNIQUE`, the priority as flags). Written here before it is deleted there: a crash between the
 * two leaves some twice.
 *
 * @param firstKey - the key of the first job
 * @returns how many
 */
export async function importGearmandKeys(
  connections: readonly MemcachedConnection[],
  queue: MemcachedQueue,
  prefix: string,
  firstKey: number,
  context: StoreContext,
): Promise<number> {
  let jobs = 0
  for (const connection of connections) {
    const keys = await listKeys(connection, context)
    for (let at = 0; at < keys.length; at += BATCH_KEYS) {
      const batch = keys.slice(at, at + BATCH_KEYS)
      jobs += await moveSome(connection, queue, prefix, batch, firstKey + jobs, context)
    }
  }
  if (jobs > 0) {
    context.notice(`${jobs} jobs of gearmand's keys ${prefix}* were moved into the queue's own`)
  }
  return jobs
}

/** Those with gearmand's prefix. A list of keys is there from 1.4.31 on, unless it is forbidden. */
async function listKeys(
  connection: MemcachedConnection,
  context: StoreContext,
): Promise<readonly string[]> {
  try {
    const { line, lines } = await connection.ask('lru_crawler metadump all')
    if (line !== 'END') throw new Error(`memcached says ${line}`)
    return lines
  } catch (error) {
    const reason = (error as Error).message
    context.notice(`its keys cannot be listed, so jobs of a gearmand are not found: ${reason}`)
    return []
  }
}

async function moveSome(
  connection: MemcachedConnection,
  queue: MemcachedQueue,
  prefix: string,
  keys: readonly string[],
  firstKey: number,
  context: StoreContext,
): Promise<number> {
  const { values } = await connection.ask(`get ${keys.join(' ')}`)
  const added: StoredJob[] = []
  const moved: MemcachedCommand[] = []
  for (const value of values) {
    const job = readJob(value, prefix, firstKey + added.length)
    if (typeof job === 'string') {
      context.setAside({ row: `key ${value.key}, left there`, reason: job })
    } else {
      added.push(job)
      moved.push({ line: `delete ${value.key}` })
    }
  }
  if (added.length === 0) return 0
  await queue.commit({ added, updated: [], removed: [], highestKey: undefined })
  await connection.send(moved)
  return added.length
}

/** @returns why it is no job, when it is none */
function readJob(
  { key, flags, data }: MemcachedValue,
  prefix: string,
  number: number,
): StoredJob | string {
  const named = parseGearmandKey(key.slice(prefix.length))
  const problem = problemOfGearmandJob(named, flags)
  if (problem !== undefined || named === undefined) return problem ?? ''
  return {
    key: number,
    ...named,
    reducer: '',
    priority: flags as StoredJob['priority'],
    data,
    runAtEpochSeconds: 0,
    acceptedAtMs: Date.now(),
    retries: 0,
  }
}
