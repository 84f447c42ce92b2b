/**
 * The job server: `import { GearmanServer } from 'gearman-sdk/server'`.
 *
 * @module
 */
export { GearmanServer, type ServerCloseOptions } from './gearman-server.ts'
export type { ServerHttpOptions } from './http/http-options.ts'
export { MemcachedStore, type MemcachedStoreOptions } from './memcached/memcached-store.ts'
export type { MongodbStoreOptions } from './mongodb/mongodb-options.ts'
export { MongodbStore } from './mongodb/mongodb-store.ts'
export type { MysqlStoreOptions, MysqlTlsOptions } from './mysql/mysql-options.ts'
export { MysqlStore } from './mysql/mysql-store.ts'
export type { KeepFailedOptions, KeepResultsOptions } from './outcome-options.ts'
export type { PostgresConnectionOptions } from './postgres/client-config.ts'
export { PostgresStore, type PostgresStoreOptions } from './postgres/postgres-store.ts'
export { RedisStore, type RedisStoreOptions } from './redis/redis-store.ts'
export type { ServerEvents, ServerJob, ServerPeer } from './server-events.ts'
export type { ServerEndpoint } from './server-listener.ts'
export type {
  ServerCompat,
  ServerKeepAlive,
  ServerLogLevel,
  ServerOptions,
  ServerTlsOptions,
} from './server-options.ts'
export type {
  FunctionStats,
  JobGauges,
  JobRejectReason,
  JobReturnReason,
  JobTotals,
  ServerHistogram,
  ServerStats,
} from './server-stats.ts'
export { SqliteStore, type SqliteStoreOptions } from './sqlite/sqlite-store.ts'
export type {
  ExportedJobs,
  ExportNote,
  OpenedStore,
  QueueChanges,
  QueueStore,
  SetAsideRow,
  StoreCapabilities,
  StoreContext,
  StoredJob,
  StoredJobUpdate,
  StoredOutcome,
  StoredOutcomeKind,
  StoreOwner,
} from './stores/queue-store.ts'
export {
  TokyocabinetStore,
  type TokyocabinetStoreOptions,
} from './tokyocabinet/tokyocabinet-store.ts'
export { GEARMAND_VERSION, SDK_VERSION, SERVER_VERSION } from './version.ts'
