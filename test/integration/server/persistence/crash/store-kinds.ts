import { MysqlStore, PostgresStore, type QueueStore, SqliteStore } from 'gearman-sdk/server'

/** A store that a program of its own can make from words: the kind, and where it is. */
export interface StoreSpec {
  readonly kind: 'mysql' | 'postgres' | 'sqlite'
  readonly place: string
}

/** Makes the store. A new kind of store gets its line here. */
export function makeStore({ kind, place }: StoreSpec): QueueStore {
  switch (kind) {
    case 'mysql':
      return new MysqlStore({ url: place })
    case 'sqlite':
      return new SqliteStore({ path: place })
    case 'postgres':
      return new PostgresStore({ connectionString: place })
  }
}
