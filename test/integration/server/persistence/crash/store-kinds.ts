import {
  MemcachedStore,
  MysqlStore,
  PostgresStore,
  type QueueStore,
  RedisStore,
  SqliteStore,
  TokyocabinetStore,
} from 'gearman-sdk/server'

/** A store that a program of its own can make from words: the kind, and where it is. */
export interface StoreSpec {
  readonly kind: 'memcached' | 'mysql' | 'postgres' | 'redis' | 'sqlite' | 'tokyocabinet'
  readonly place: string
}

/** Makes the store. A new kind of store gets its line here. */
export function makeStore({ kind, place }: StoreSpec): QueueStore {
  switch (kind) {
    case 'mysql':
      return new MysqlStore({ url: place })
    // The next server waits for the lock of the one that was killed: not for long here.
    case 'memcached':
      return new MemcachedStore({ servers: place, lockTimeout: 1000 })
    case 'redis':
      return new RedisStore({ url: place, lockTimeout: 500 })
    case 'sqlite':
      return new SqliteStore({ path: place })
    case 'tokyocabinet':
      return new TokyocabinetStore({ file: place })
    case 'postgres':
      return new PostgresStore({ connectionString: place })
  }
}
