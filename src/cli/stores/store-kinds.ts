import { DRIZZLE_KIND } from './drizzle-kind.ts'
import { MEMCACHED_KIND } from './memcached-kind.ts'
import { MONGODB_KIND } from './mongodb-kind.ts'
import { MYSQL_KIND } from './mysql-kind.ts'
import { POSTGRES_KIND } from './postgres-kind.ts'
import { REDIS_KIND } from './redis-kind.ts'
import { SQLITE_KIND } from './sqlite-kind.ts'
import type { StoreKind } from './store-kind.ts'
import { TOKYOCABINET_KIND } from './tokyocabinet-kind.ts'

/** Every kind of persistent queue, in the order of `--help`. A kind is a row here, and a file of its own. */
export const STORE_KINDS: readonly StoreKind[] = [
  SQLITE_KIND,
  REDIS_KIND,
  MEMCACHED_KIND,
  POSTGRES_KIND,
  MYSQL_KIND,
  DRIZZLE_KIND,
  TOKYOCABINET_KIND,
  MONGODB_KIND,
]

/** The queue type of gearmand that keeps jobs in memory. */
export const BUILTIN = 'builtin'

/** All that `--queue-type` takes. */
export const QUEUE_TYPES: readonly string[] = [
  BUILTIN,
  ...STORE_KINDS.flatMap(({ names }) => names),
]

/** The kind that a queue type names; `undefined` for `builtin`. */
export function findStoreKind(queueType: string): StoreKind | undefined {
  return STORE_KINDS.find(({ names }) => names.includes(queueType))
}
