import { GearmandExport, type GearmandLimits } from '../stores/gearmand-export.ts'
import type { ExportedJobs } from '../stores/queue-store.ts'
import type { MemcachedCommand, MemcachedConnection } from './memcached-connection.ts'
import type { MemcachedQueue } from './memcached-queue.ts'

/** What memcached takes as a key (memcached `doc/protocol.txt`, "Keys"). */
const MAX_KEY_BYTES = 250
const KEY = /^[!-~\x80-\xff]+$/

/**
 * Moves jobs to gearmand's keys (gearmand `libgearman-server/plugins/queue/libmemcached/queue.cc`), a batch at a time.
 * Written there before it is deleted here: a crash between the two leaves some twice.
 *
 * @throws Error where there are several servers: libmemcached has a way of its own to choose one for a key
 */
export async function exportToKeys(
  connections: readonly MemcachedConnection[],
  queue: MemcachedQueue,
  prefix: string,
): Promise<ExportedJobs> {
  const [connection] = connections
  if (connection === undefined || connections.length > 1) {
    throw new Error('jobs can be moved back on one memcached, not on several')
  }
  const exported = new GearmandExport()
  const limits = limitsOf(prefix)
  for await (const batch of queue.replay()) {
    const written: MemcachedCommand[] = []
    const removed: number[] = []
    for (const job of batch) {
      const moved = exported.take(job, limits)
      if (moved === undefined) continue
      const { functionName, unique, priority, data } = moved
      const key = keyOf(prefix, functionName, unique)
      written.push({ line: `set ${key} ${priority} 0 ${data.length}`, data })
      removed.push(job.key)
    }
    if (removed.length === 0) continue
    await connection.send(written)
    await queue.commit({ added: [], updated: [], removed, highestKey: undefined })
  }
  return exported.report(`keys ${prefix}*`)
}

function limitsOf(prefix: string): GearmandLimits {
  return {
    canDelay: false,
    problemOf({ functionName, unique }) {
      if (functionName.includes('-'))
        return 'have a hyphen in the task name, where gearmand ends it'
      // An id that gearmand needs and the job does not have is one of 32 characters.
      const id = unique === '' || unique === '-' ? '0'.repeat(32) : unique
      const key = keyOf(prefix, functionName, id)
      return key.length <= MAX_KEY_BYTES && KEY.test(key)
        ? undefined
        : 'have a task name and unique id that are no key of memcached'
    },
  }
}

function keyOf(prefix: string, functionName: string, unique: string): string {
  return `${prefix}${functionName}-${unique}`
}
