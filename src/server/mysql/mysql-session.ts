import { connect, type Socket } from 'node:net'
import { createDeferred, type Deferred } from '../../core/deferred.ts'
import type { LinkSession } from '../stores/store-link.ts'
import type { MysqlConnection, MysqlDriver, MysqlError } from './driver.ts'
import type { ResolvedMysqlOptions } from './mysql-options.ts'

/** A row of a result. */
export type Row = Readonly<Record<string, unknown>>

/** A parameter of a statement. Numbers go as text: the driver would send them as floating point. */
export type Value = string | Buffer

/**
 * The database drops a connection that has been silent for so long, and its locks with it: of a server whose
 * machine has vanished nothing else would tell.
 */
const SILENCE_SECONDS = 60
/** Often enough that the database does not take us for gone. */
const HEARTBEAT_MS = 20_000

/** Steps of `open()` that may rightly take long: a migration, the import of a million rows. */
export const LONG_STEP_MS = 3_600_000

const FIRST_QUERY = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1,
  wait_timeout = ${SILENCE_SECONDS}, innodb_lock_wait_timeout = 10`

/**
 * One connection to the database, which answers one query after the other. When one is not answered in time
 * the connection counts as lost: what is sent on it later would wait behind.
 */
export class MysqlSession implements LinkSession {
  /** Called once, when the connection is lost. */
  onLost: () => void = () => undefined
  /** The largest packet that the database takes. */
  maxPacketBytes = 0
  readonly #socket: Socket
  readonly #connection: MysqlConnection
  readonly #timeoutMs: number
  readonly #waiting = new Set<Deferred<unknown>>()
  #failure: Error | undefined
  #heartbeat: NodeJS.Timeout | undefined

  /** Begins to connect; {@link prepare} tells how that went. */
  constructor(driver: MysqlDriver, options: ResolvedMysqlOptions) {
    const { host, port, user, password, database, socketPath, timeoutMs } = options
    this.#timeoutMs = timeoutMs
    this.#socket = socketPath === undefined ? connect({ host, port }) : connect(socketPath)
    this.#socket.setNoDelay(true).setKeepAlive(true)
    this.#connection = driver.createConnection({
      ...{ host, user, password, database },
      charset: 'utf8mb4',
      connectTimeout: timeoutMs,
      multipleStatements: true,
      supportBigNumbers: true,
      // A database must not be able to ask for files of this machine.
      flags: ['-LOCAL_FILES'],
      stream: () => this.#socket,
      ...(options.tls === undefined ? {} : { ssl: tlsOf(options.tls) }),
    })
    this.#connection.on('error', (error) => this.#lose(error))
    this.#socket.on('close', () => this.#lose(new Error('the database closed the connection')))
  }

  /** Waits for the connection, and sets what the statements of this folder rely on. */
  async prepare(): Promise<void> {
    await this.query(FIRST_QUERY)
    await this.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    const [row] = await this.rows('SELECT @@max_allowed_packet AS bytes')
    this.maxPacketBytes = Number(row?.['bytes'])
    this.#heartbeat = setInterval(() => this.#ping(), HEARTBEAT_MS)
  }

  get isLost(): boolean {
    return this.#failure !== undefined
  }

  /** Sends SQL as it is: one statement or several. */
  query(sql: string, timeoutMs: number = this.#timeoutMs): Promise<unknown> {
    return this.#ask(timeoutMs, (callback) => this.#connection.query(sql, callback))
  }

  /** Runs one statement with parameters. */
  run(
    sql: string,
    values: readonly Value[],
    timeoutMs: number = this.#timeoutMs,
  ): Promise<unknown> {
    return this.#ask(timeoutMs, (callback) => this.#connection.execute(sql, values, callback))
  }

  /** The rows of one statement. */
  async rows(
    sql: string,
    values: readonly Value[] = [],
    timeoutMs: number = this.#timeoutMs,
  ): Promise<readonly Row[]> {
    return (await this.run(sql, values, timeoutMs)) as readonly Row[]
  }

  /** Cuts the connection: the database gives up its locks and what was not committed. */
  destroy(reason: Error): void {
    this.#lose(reason)
  }

  #ping(): void {
    // One that fails is lost, which the session has told by then.
    if (this.#waiting.size === 0) this.query('SELECT 1').catch(() => undefined)
  }

  async #ask(timeoutMs: number, send: (callback: Callback) => unknown): Promise<unknown> {
    if (this.#failure !== undefined) throw this.#failure
    const answer = createDeferred<unknown>()
    this.#waiting.add(answer)
    const timer = setTimeout(() => {
      this.#lose(new Error(`the database has not answered for ${timeoutMs} ms`))
    }, timeoutMs)
    try {
      send((error, result) => {
        if (error === null) answer.resolve(result)
        else if (error.fatal === true) this.#lose(error)
        else answer.reject(error)
      })
      return await answer.promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(answer)
    }
  }

  #lose(cause: MysqlError): void {
    if (this.#failure !== undefined) return
    const failure = new Error(messageOf(cause), { cause })
    this.#failure = failure
    clearInterval(this.#heartbeat)
    this.#connection.destroy()
    this.#socket.destroy()
    this.onLost()
    for (const answer of this.#waiting) answer.reject(failure)
  }
}

type Callback = (error: MysqlError | null, result: unknown) => void

/** Node reports `localhost` with several addresses in an error without text. */
function messageOf({ message, code }: MysqlError): string {
  return message === '' ? `the connection failed (${code})` : message
}

function tlsOf(tls: NonNullable<ResolvedMysqlOptions['tls']>): {
  readonly rejectUnauthorized: boolean
  readonly verifyIdentity: boolean
} {
  const isChecked = tls.rejectUnauthorized ?? true
  return { ...tls, rejectUnauthorized: isChecked, verifyIdentity: isChecked }
}
