import { userInfo } from 'node:os'
import type { SecureContextOptions } from 'node:tls'
import { checkDuration, checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import { readMysqlUrl } from './mysql-url.ts'

/** TLS to the database: what `tls.createSecureContext` takes of these. */
export interface MysqlTlsOptions extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> {
  /**
   * Whether the certificate and the host name of the database are checked.
   * @defaultValue `true`
   */
  readonly rejectUnauthorized?: boolean | undefined
}

/** Options of {@link MysqlStore}. */
export interface MysqlStoreOptions {
  /**
   * Where the database is, in one string: `mysql://user:password@host:port/database`. Options beside it take
   * precedence.
   */
  readonly url?: string | undefined
  /** @defaultValue `'127.0.0.1'` */
  readonly host?: string | undefined
  /** @defaultValue `3306` */
  readonly port?: number | undefined
  /** The path of the database's Unix socket, in place of host and port. */
  readonly socketPath?: string | undefined
  /** @defaultValue the account of this process, as for MySQL's own programs */
  readonly user?: string | undefined
  /** @defaultValue none */
  readonly password?: string | undefined
  /** The database for the tables of the store. It must be there; the tables are made. */
  readonly database?: string | undefined
  /**
   * `true`, or certificates, to use TLS.
   * @defaultValue no TLS
   */
  readonly tls?: boolean | MysqlTlsOptions | undefined
  /**
   * Servers with different names have different queues in one database.
   * @defaultValue `'default'`
   */
  readonly queueName?: string | undefined
  /**
   * The table of a gearmand that used this database before (its option `--mysql-table`; Drizzle's was `queue`).
   * Its jobs are moved into the store's own table whenever the store is opened. That gearmand must be stopped. A
   * table of that name which is not gearmand's is an error where it was named here, and left alone where it was not.
   * @defaultValue `'gearman_queue'`
   */
  readonly gearmandTable?: string | undefined
  /**
   * How long, in milliseconds, the database may take for an answer, and how long jobs wait for a lost
   * connection to come back, before they are refused. Above 0.
   * @defaultValue `15_000`
   */
  readonly timeout?: number | undefined
}

/** The options with their defaults. */
export interface ResolvedMysqlOptions {
  readonly host: string
  readonly port: number
  readonly socketPath: string | undefined
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: MysqlTlsOptions | undefined
  readonly queueName: string
  readonly gearmandTable: string
  /** Somebody chose that name: it has to be right. */
  readonly isGearmandTableNamed: boolean
  readonly timeoutMs: number
}

const DEFAULTS = {
  host: '127.0.0.1',
  port: 3306,
  queueName: 'default',
  gearmandTable: 'gearman_queue',
  timeout: 15_000,
} as const

/** The longest name of a table in MySQL; queues have the same limit, in bytes. */
const MAX_NAME = 64

/** @throws InvalidArgumentError naming the option that is wrong */
export function resolveMysqlOptions(options: MysqlStoreOptions): ResolvedMysqlOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  const fromUrl = options.url === undefined ? {} : readMysqlUrl(options.url)
  const {
    host = fromUrl.host ?? DEFAULTS.host,
    port = fromUrl.port ?? DEFAULTS.port,
    user = fromUrl.user ?? accountName(),
    password = fromUrl.password ?? '',
    database = fromUrl.database,
    queueName = DEFAULTS.queueName,
    gearmandTable = DEFAULTS.gearmandTable,
  } = options
  const timeoutMs = checkDuration('timeout', options.timeout ?? DEFAULTS.timeout)
  if (timeoutMs === 0 || timeoutMs === Number.POSITIVE_INFINITY) {
    throw new InvalidArgumentError('timeout', 'must be a time above 0 that ends')
  }
  return {
    host: checkText('host', host),
    port: checkInteger('port', port, 1, 65_535),
    socketPath:
      options.socketPath === undefined ? undefined : checkText('socketPath', options.socketPath),
    user: checkText('user', user),
    password: checkString('password', password),
    database: checkText('database', database),
    tls: resolveTls(options.tls),
    queueName: checkName('queueName', queueName),
    gearmandTable: checkName('gearmandTable', gearmandTable),
    isGearmandTableNamed: options.gearmandTable !== undefined,
    timeoutMs,
  }
}

/** An account may have no name, in a container for instance. */
function accountName(): string {
  try {
    return userInfo().username
  } catch (cause) {
    const problem = 'is needed: the account of this process has no name'
    const error = new InvalidArgumentError('user', problem, { cause })
    throw error
  }
}

function resolveTls(tls: unknown): MysqlTlsOptions | undefined {
  if (tls === undefined || tls === false) return undefined
  if (tls === true) return {}
  if (typeof tls !== 'object' || tls === null) {
    throw new InvalidArgumentError('tls', `must be true, false or an object, not ${show(tls)}`)
  }
  return tls
}

/** A password is shown to nobody. */
function checkString(option: string, value: unknown): string {
  if (typeof value !== 'string') throw new InvalidArgumentError(option, 'must be a string')
  return value
}

function checkText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new InvalidArgumentError(option, `must be a name, not ${show(value)}`)
  }
  return value
}

function checkName(option: string, value: unknown): string {
  const name = checkText(option, value)
  if (Buffer.byteLength(name) > MAX_NAME) {
    throw new InvalidArgumentError(option, `must be at most ${MAX_NAME} bytes long`)
  }
  return name
}
