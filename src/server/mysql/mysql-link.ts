import { sleep } from '../../core/sleep.ts'
import { reconnect, waitQuietly } from '../../transport/reconnect.ts'
import type { MysqlSession } from './mysql-session.ts'

const MIN_DELAY_MS = 50
const MAX_DELAY_MS = 2000

/** Often enough that the database does not take us for gone, see `SILENCE_SECONDS`. */
const HEARTBEAT_MS = 20_000

/** The queue is somebody else's now: coming back would be wrong. */
export class QueueTakenError extends Error {}

/** Keeps the one connection of a store: dials again when it is lost, until the store is closed. */
export class MysqlLink {
  readonly #dial: (signal: AbortSignal) => Promise<MysqlSession>
  readonly #ending = new AbortController()
  readonly #heartbeat: NodeJS.Timeout
  /** Rejects when there will be none any more. */
  #session: Promise<MysqlSession>
  #current: MysqlSession | undefined
  #lastFailure: Error | undefined

  /**
   * @param dial - connects and takes the queue again; rejects with QueueTakenError when that is over. When its
   * signal aborts it gives up at once
   */
  constructor(first: MysqlSession, dial: (signal: AbortSignal) => Promise<MysqlSession>) {
    this.#dial = dial
    this.#session = Promise.resolve(this.#use(first))
    this.#heartbeat = setInterval(() => this.#ping(), HEARTBEAT_MS)
  }

  /**
   * The connection; waits for it while it is lost.
   *
   * @throws Error when it has not come back in time, with what the last attempt said
   */
  async session(timeoutMs: number): Promise<MysqlSession> {
    if (this.#current !== undefined) return this.#current
    const waiting = new AbortController()
    const timeout = sleep(timeoutMs, { signal: waiting.signal }).then(() => {
      const reason = this.#lastFailure?.message ?? 'it does not answer'
      throw new Error(`there is no connection: ${reason}`, { cause: this.#lastFailure })
    })
    timeout.catch(() => undefined) // It is aborted when there is a connection.
    try {
      return await Promise.race([this.#session, timeout])
    } finally {
      waiting.abort()
    }
  }

  /** Stops dialling, and hands out the connection if there is one. */
  end(): MysqlSession | undefined {
    clearInterval(this.#heartbeat)
    this.#ending.abort(new Error('the store was closed'))
    const session = this.#current
    this.#current = undefined
    if (session !== undefined) session.onLost = () => undefined
    return session
  }

  #use(session: MysqlSession): MysqlSession {
    if (this.#ending.signal.aborted) {
      session.destroy()
      throw this.#ending.signal.reason
    }
    this.#current = session
    session.onLost = (failure) => {
      this.#current = undefined
      this.#lastFailure = failure
      this.#session = this.#redial()
      this.#session.catch(() => undefined) // Whoever needs it is told; at other times nobody has to be.
    }
    if (session.failure !== undefined) session.onLost(session.failure)
    return session
  }

  async #redial(): Promise<MysqlSession> {
    const outcome = await reconnect(() => this.#attempt(), {
      minDelayMs: MIN_DELAY_MS,
      maxDelayMs: MAX_DELAY_MS,
      failuresBefore: 0,
      signal: this.#ending.signal,
      onFailure: (error) => {
        this.#lastFailure = error
      },
      wait: waitQuietly,
    })
    if (outcome instanceof QueueTakenError) throw outcome
    return this.#use(outcome)
  }

  async #attempt(): Promise<MysqlSession | QueueTakenError> {
    try {
      return await this.#dial(this.#ending.signal)
    } catch (error) {
      if (error instanceof QueueTakenError) return error
      throw error
    }
  }

  #ping(): void {
    // One that fails is lost, which the session has told by then.
    if (this.#current?.isBusy === false) this.#current.query('SELECT 1').catch(() => undefined)
  }
}
