import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'

/** What a query is answered with: rows, or what changed; for several statements an array of these. */
export type MysqlCallback = (error: MysqlError | null, result: unknown) => void

/** An error of the database or of the connection. */
export interface MysqlError extends Error {
  readonly code?: string
  /** The number that the database gives to the kind of error. */
  readonly errno?: number
  /** The connection is gone. */
  readonly fatal?: boolean
}

/** What is used of a connection of `mysql2`. */
export interface MysqlConnection {
  query(sql: string, callback: MysqlCallback): unknown
  execute(
    sql: string,
    values: readonly (string | number | Buffer)[],
    callback: MysqlCallback,
  ): unknown
  destroy(): void
  on(event: 'error', listener: (error: MysqlError) => void): unknown
}

/** What is told to `mysql2` about a connection. */
export interface MysqlConnectionConfig {
  readonly host: string
  readonly user: string
  readonly password: string
  readonly database: string
  readonly charset: string
  readonly connectTimeout: number
  readonly multipleStatements: boolean
  readonly supportBigNumbers: boolean
  readonly flags: readonly string[]
  readonly stream: () => Socket
  readonly ssl?: MysqlTls
}

/** TLS of a connection. */
export type MysqlTls = Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> & {
  readonly rejectUnauthorized: boolean
  readonly verifyIdentity: boolean
}

/** What is used of the package `mysql2`. */
export interface MysqlDriver {
  createConnection(config: MysqlConnectionConfig): MysqlConnection
}

/** Loads the driver, which is an optional peer dependency. */
export async function loadDriver(): Promise<MysqlDriver> {
  try {
    const { default: driver } = (await import('mysql2')) as unknown as { default: MysqlDriver }
    return driver
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    const reason = isMissing ? 'it is not installed' : message
    throw new Error(`it needs the package mysql2 (npm install mysql2): ${reason}`, { cause })
  }
}
