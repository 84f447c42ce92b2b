import { join } from 'node:path'
import { startMariadb } from '../../../test/helpers/mariadb.ts'
import { startMemcached } from '../../../test/helpers/memcached.ts'
import { startPostgres } from '../../../test/helpers/postgres.ts'
import { startRedis } from '../../../test/helpers/redis.ts'
import { temporaryFolder } from '../../harness/temporary-folder.ts'

/** An empty queue somewhere, for one server after the other. */
export interface Place {
  /** What both servers' command lines call it. */
  readonly args: readonly string[]
  remove(): Promise<void>
}

/** A kind of store. */
export interface StoreRow {
  readonly title: string
  /** What gearmand does at each commit, and so do we. */
  readonly durability: string
  /** Starts its database, for this benchmark alone; rejects where it is not installed. */
  prepare(): Promise<Place>
}

/** What is measured. A new kind of store is a row here. */
export const STORE_ROWS: readonly StoreRow[] = [
  {
    title: 'sqlite',
    durability: 'synchronous = FULL',
    prepare: async () => {
      const folder = temporaryFolder()
      const file = join(folder.path, 'jobs.db')
      return {
        args: ['-q', 'libsqlite3', `--libsqlite3-db=${file}`],
        remove: async () => folder.remove(),
      }
    },
  },
  {
    title: 'mysql',
    durability: 'innodb_flush_log_at_trx_commit = 1',
    prepare: async () => {
      const mariadb = await startMariadb()
      const { host, port, user, password } = mariadb
      const at = [`--mysql-host=${host}`, `--mysql-port=${port}`, `--mysql-user=${user}`]
      const database = await mariadb.createDatabase()
      const args = ['-q', 'mysql', ...at, `--mysql-password=${password}`, `--mysql-db=${database}`]
      return { args, remove: () => mariadb.remove() }
    },
  },
  {
    title: 'postgres',
    durability: 'fsync and synchronous_commit = on',
    prepare: async () => {
      const postgres = await startPostgres()
      const { connectionString } = await postgres.createSchema()
      const args = ['-q', 'postgres', `--libpq-conninfo=${connectionString}`]
      return { args, remove: () => postgres.remove() }
    },
  },
  {
    title: 'redis',
    durability: 'appendfsync = always',
    prepare: async () => {
      const redis = await startRedis()
      const args = ['-q', 'redis', '--redis-server=127.0.0.1', `--redis-port=${redis.port}`]
      return { args, remove: () => redis.remove() }
    },
  },
  {
    title: 'memcached',
    durability: 'none: memory',
    prepare: async () => {
      const memcached = await startMemcached('-m', '1024')
      const args = ['-q', 'libmemcached', `--libmemcached-servers=${memcached.address}`]
      return { args, remove: () => memcached.process.stop('SIGKILL') }
    },
  },
]
