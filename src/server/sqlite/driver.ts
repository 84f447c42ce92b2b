/** What is used of `libsql`; the interface of `better-sqlite3`. */
export interface Statement {
  /** From now on rows are arrays, and their bytes Buffers: cheaper by half than objects with names. */
  raw(): Statement
  run(params: readonly unknown[]): unknown
  get(params: readonly unknown[]): unknown
  all(params: readonly unknown[]): unknown[]
}

/** A connection. */
export interface Database {
  readonly inTransaction: boolean
  prepare(sql: string): Statement
  exec(sql: string): void
  close(): void
}

/** The class that the package exports. */
export type DatabaseClass = new (path: string, options: { readonly timeout: number }) => Database

/** Loads the driver, which is an optional peer dependency. */
export async function loadDriver(): Promise<DatabaseClass> {
  try {
    const { default: Driver } = (await import('libsql')) as unknown as { default: DatabaseClass }
    return Driver
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    const reason = isMissing ? 'it is not installed' : message
    throw new Error(`it needs the package libsql (npm install libsql): ${reason}`, { cause })
  }
}
