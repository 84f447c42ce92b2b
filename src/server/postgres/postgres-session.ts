import { Socket } from 'node:net'
import type { Client, ClientConfig, QueryConfig } from 'pg'
import type { LinkSession } from '../stores/store-link.ts'
import type { ClientClass } from './driver.ts'

/** How long a server may take to let us in, and to say goodbye. Milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000
const GOODBYE_MS = 2000

/** What a statement gave: its rows, by column. */
export type Row = Readonly<Record<string, unknown>>

/** One connection to the database. */
export class PostgresSession implements LinkSession {
  onLost: () => void = () => undefined
  readonly #client: Client
  /** The raw one: TLS, if any, is on top of it. */
  readonly #socket: Socket
  #lostBy: Error | undefined

  private constructor(client: Client, socket: Socket) {
    this.#client = client
    this.#socket = socket
    client.on('error', (error: Error) => this.#lose(error))
    client.on('end', () => this.#lose(new Error('the database closed the connection')))
  }

  /** Connects and logs in. Rejects with a message that says to whom. */
  static async connect(
    Driver: ClientClass,
    config: ClientConfig,
    place: string,
    signal?: AbortSignal,
  ): Promise<PostgresSession> {
    const socket = new Socket()
    const client = new Driver({ ...config, stream: () => socket })
    const session = new PostgresSession(client, socket)
    let problem: Error | undefined
    const stop = (reason: Error): void => {
      problem = reason
      session.destroy(reason)
    }
    const onAbort = (): void => stop(signal?.reason as Error)
    const timeout = new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)
    const timer = setTimeout(() => stop(timeout), CONNECT_TIMEOUT_MS)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      signal?.throwIfAborted()
      await client.connect()
      return session
    } catch (cause) {
      session.destroy(cause as Error)
      throw new Error(`cannot connect to ${place}: ${reasonOf(problem ?? cause)}`, { cause })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  get isLost(): boolean {
    return this.#lostBy !== undefined
  }

  /** One statement, or several without values. */
  async query(query: string | QueryConfig): Promise<readonly Row[]> {
    if (this.#lostBy !== undefined) throw this.#lostBy
    try {
      const { rows } = await this.#client.query(query)
      return rows ?? []
    } catch (error) {
      if (!isAnswer(error)) this.destroy(error as Error)
      throw this.#lostBy ?? error
    }
  }

  /** One statement that gives one row. */
  async queryRow(query: string | QueryConfig): Promise<Row> {
    const [row] = await this.query(query)
    if (row === undefined) throw new Error('the database gave no row')
    return row
  }

  /** All that is done is done in one transaction, or not at all. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN')
    try {
      const result = await work()
      await this.query('COMMIT')
      return result
    } catch (error) {
      // Without a connection there is no transaction any more.
      if (!this.isLost) await this.query('ROLLBACK')
      throw error
    }
  }

  destroy(reason: Error): void {
    this.#lose(reason)
    this.#socket.destroy()
  }

  /** Says goodbye. Never rejects. */
  async end(): Promise<void> {
    this.onLost = () => undefined
    if (this.isLost) return
    const timer = setTimeout(() => this.#socket.destroy(), GOODBYE_MS)
    await this.#client.end().catch(() => this.#socket.destroy())
    clearTimeout(timer)
  }

  #lose(reason: Error): void {
    if (this.#lostBy !== undefined) return
    this.#lostBy = reason
    this.onLost()
  }
}

/**
 * Whether the database answered and will answer again. Class 08 and 57P are ends of the connection; a database
 * that only reads has become a standby: another one may be in its place now (PostgreSQL manual, "Error Codes").
 */
function isAnswer(error: unknown): boolean {
  const { code, severity } = error as { readonly code?: string; readonly severity?: string }
  if (severity === undefined || code === undefined) return false
  return !/^(08|57P|25006)/.test(code)
}

/** The driver has errors without words, and words that name no cause. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  if (error instanceof AggregateError && message === '') {
    return error.errors.map((each: unknown) => reasonOf(each)).join(', ')
  }
  if (message.includes('password must be a string'))
    return 'it asks for a password, and none is given'
  return message === '' ? (code ?? 'unknown error') : message
}
