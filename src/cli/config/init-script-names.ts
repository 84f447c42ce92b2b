/**
 * The names that init scripts use in the files they read: `PARAMS` in Debian's
 * `/etc/default/gearman-job-server`, `OPTIONS` in Red Hat's `/etc/sysconfig/gearmand`, `GEARMAND_PARAMS` and
 * the `PERSISTENT` names in Gentoo's `/etc/conf.d/gearmand`.
 */

/** Names whose value holds command-line words. */
export const WORD_NAMES: ReadonlySet<string> = new Set(['PARAMS', 'GEARMAND_PARAMS', 'OPTIONS'])

const PERSISTENT = 'PERSISTENT'

/** What stands behind `PERSISTENT_`, each a part of what a store is reached by. */
const STORE_PARTS = [
  'HOST',
  'PORT',
  'USER',
  'PASS',
  'DB',
  'TABLE',
  'SOCKET',
  'FILE',
  'SERVERLIST',
] as const

type StorePart = (typeof STORE_PARTS)[number]
type PartOptions = { readonly [P in StorePart]?: string }

/** A kind of queue as init scripts name it: gearmand's queue type, and the option for each part. */
interface InitScriptStore {
  readonly queueType: string
  readonly options: PartOptions
}

const MYSQL: InitScriptStore = {
  queueType: 'MySQL',
  options: {
    HOST: 'mysql-host',
    PORT: 'mysql-port',
    USER: 'mysql-user',
    PASS: 'mysql-password',
    DB: 'mysql-db',
    TABLE: 'mysql-table',
  },
}

const STORES: ReadonlyMap<string, InitScriptStore> = new Map([
  ['mysql', MYSQL],
  ['drizzle', { queueType: 'libdrizzle', options: {} }],
  ['memcache', { queueType: 'libmemcached', options: { SERVERLIST: 'libmemcached-servers' } }],
  ['postgre', { queueType: 'Postgres', options: { TABLE: 'libpq-table' } }],
  ['sqlite', { queueType: 'libsqlite3', options: { FILE: 'libsqlite3-db' } }],
  ['tokyocabinet', { queueType: 'libtokyocabinet', options: { FILE: 'libtokyocabinet-file' } }],
])

/** What PostgreSQL's connection string calls the parts; gearmand has no options of their own for them. */
const POSTGRES_PARTS: PartOptions = {
  HOST: 'host',
  PORT: 'port',
  USER: 'user',
  PASS: 'password',
  DB: 'dbname',
}

/** True for every name of the `PERSISTENT` family. */
export function isStoreName(name: string): boolean {
  return name === PERSISTENT || STORE_PARTS.some((part) => name === `${PERSISTENT}_${part}`)
}

/**
 * The command-line words that the `PERSISTENT` names stand for: none without `PERSISTENT`, as in the init script.
 * A store that nobody knows is handed on as a queue type, to be refused there.
 */
export function storeWords(values: ReadonlyMap<string, string>): readonly string[] {
  const persistent = values.get(PERSISTENT) ?? ''
  if (persistent === '' || persistent === 'none') return []
  const store = STORES.get(persistent) ?? { queueType: persistent, options: {} }
  const words = [`--queue-type=${store.queueType}`]
  const parts: string[] = []
  for (const part of STORE_PARTS) {
    const value = values.get(`${PERSISTENT}_${part}`) ?? ''
    if (value === '') continue
    const option = store.options[part]
    const key = store.queueType === 'Postgres' ? POSTGRES_PARTS[part] : undefined
    if (option !== undefined) words.push(`--${option}=${value}`)
    if (key !== undefined) parts.push(`${key}='${value.replace(/['\\]/g, '\\$&')}'`)
  }
  if (parts.length > 0) words.push(`--libpq-conninfo=${parts.join(' ')}`)
  return words
}
