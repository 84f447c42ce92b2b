import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import type { ClientConfig } from 'pg'
import { checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import { type ConnectionKeywords, parseConnection } from './connection-keywords.ts'

/** How a {@link PostgresStore} connects. What is left out comes from the variables `PGHOST`, `PGUSER` and so on. */
export interface PostgresConnectionOptions {
  /** As for `psql`: `postgres://user:password@host:5432/database` or `host=db user=jobs dbname=jobs`. */
  readonly connectionString?: string | undefined
  /** The other options win over the connection string. A path is the folder of a Unix domain socket. */
  readonly host?: string | undefined
  /** @defaultValue 5432 */
  readonly port?: number | undefined
  /** The role to log in as. */
  readonly user?: string | undefined
  /** Its password. */
  readonly password?: string | undefined
  /** The database; that of the role's name when it is named nowhere. */
  readonly database?: string | undefined
  /** TLS; `true` verifies certificate and name. */
  readonly ssl?: boolean | ConnectionOptions | undefined
}

/** Where Debian's PostgreSQL has its socket, and its libpq looks for it. */
const SOCKET_FOLDER = '/var/run/postgresql'
const DEFAULT_PORT = 5432
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

type SslMode = (typeof SSL_MODES)[number]

/** A checked {@link PostgresConnectionOptions}. */
export interface ResolvedConnection {
  readonly host: string
  readonly port: number
  readonly database: string | undefined
  readonly keywords: ConnectionKeywords
  readonly sslMode: SslMode
  readonly ssl: boolean | ConnectionOptions | undefined
}

/**
 * Checks the options and puts them over those of the connection string.
 *
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function resolveConnection(options: PostgresConnectionOptions): ResolvedConnection {
  const text = checkText('connectionString', options.connectionString) ?? ''
  const keywords: ConnectionKeywords = { ...parseConnection('connectionString', text) }
  for (const [option, keyword] of [
    ['host', 'host'],
    ['user', 'user'],
    ['password', 'password'],
    ['database', 'dbname'],
  ] as const) {
    const value = checkText(option, options[option])
    if (value !== undefined) keywords[keyword] = value
  }
  const port = checkPort(options.port, keywords)
  const sslMode = checkSslMode(keywords.sslmode ?? process.env['PGSSLMODE'] ?? 'prefer')
  return {
    host: keywords.hostaddr || keywords.host || process.env['PGHOST'] || defaultHost(port),
    port,
    database: keywords.dbname ?? process.env['PGDATABASE'],
    keywords,
    sslMode,
    ssl: options.ssl,
  }
}

/** Where it is, for messages. */
export function connectionText({ host, port, database }: ResolvedConnection): string {
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return database === undefined ? place : `${place}/${database}`
}

/** What the driver takes. Reads the files of certificates and keys. */
export async function clientConfig(connection: ResolvedConnection): Promise<ClientConfig> {
  const { host, port, database, keywords } = connection
  return {
    host,
    port,
    database,
    user: keywords.user,
    password: keywords.password,
    options: keywords.options,
    application_name: keywords.application_name ?? 'gearman-sdk',
    ssl: connection.ssl ?? (await sslOf(connection)),
    keepAlive: true,
  }
}

/** The words of libpq: `prefer` and less ask for no TLS here, `require` for no certain certificate. */
async function sslOf({
  sslMode,
  keywords,
}: ResolvedConnection): Promise<boolean | ConnectionOptions> {
  if (sslMode === 'disable' || sslMode === 'allow' || sslMode === 'prefer') return false
  const [ca, cert, key] = await Promise.all(
    [keywords.sslrootcert, keywords.sslcert, keywords.sslkey].map(async (path) =>
      path === undefined || path === 'system' ? undefined : await readFile(path),
    ),
  )
  const mode = sslMode === 'require' && ca !== undefined ? 'verify-ca' : sslMode
  return {
    rejectUnauthorized: mode !== 'require',
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  }
}

function defaultHost(port: number): string {
  return existsSync(join(SOCKET_FOLDER, `.s.PGSQL.${port}`)) ? SOCKET_FOLDER : 'localhost'
}

function checkPort(option: unknown, keywords: ConnectionKeywords): number {
  if (option !== undefined) return checkInteger('port', option, 1, 65_535)
  const text = keywords.port || process.env['PGPORT'] || String(DEFAULT_PORT)
  return checkInteger('port', /^\d+$/.test(text) ? Number(text) : text, 1, 65_535)
}

function checkText(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && !value.includes('\0')) return value
  const shown = option === 'password' || option === 'connectionString' ? '' : `, not ${show(value)}`
  throw new InvalidArgumentError(option, `must be a text without NUL${shown}`)
}

function checkSslMode(value: string): SslMode {
  const mode = SSL_MODES.find((name) => name === value)
  if (mode !== undefined) return mode
  throw new InvalidArgumentError(
    'connectionString',
    `has the sslmode ${show(value)}; it must be one of ${SSL_MODES.join(', ')}`,
  )
}
