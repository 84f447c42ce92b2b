import { createLog } from '../../core/log.ts'
import { reconnect, waitQuietly } from '../../transport/reconnect.ts'

const log = createLog('server')

/** The delay after the first failure to connect; it doubles up to the other. Milliseconds. */
const MIN_DELAY_MS = 50
const MAX_DELAY_MS = 3000

/** A session with a database, as the link sees it. */
export interface LinkSession {
  /** Whether it can be used no more. */
  readonly isLost: boolean
  /** To be called once when it is lost. */
  onLost: () => void
  /** Ends it at once; what is under way rejects. */
  destroy(reason: Error): void
}

/** Thrown by a dial function: this server must not use the database any more. */
export class NoWayBack extends Error {}

/** What a {@link StoreLink} needs. */
export interface StoreLinkOptions<Session> {
  /** Makes a session in place of a lost one. Must free everything when `signal` aborts. */
  readonly dial: (signal: AbortSignal) => Promise<Session>
  /** How long one use may take, with all waiting for the database. Milliseconds. */
  readonly timeoutMs: number
}

/**
 * Keeps a server and its database together: a lost session is made anew, at once and with growing delays, and
 * what was under way is done again. So whatever is done must have the same result when it is done twice.
 */
export class StoreLink<Session extends LinkSession> {
  readonly #options: StoreLinkOptions<Session>
  readonly #ending = new AbortController()
  #session: Session | undefined
  #dialled: Promise<Session>
  #lastFailure: Error | undefined

  constructor(session: Session, options: StoreLinkOptions<Session>) {
    this.#options = options
    this.#dialled = Promise.resolve(session)
    this.#use(session)
  }

  /**
   * Does something with the database, again after each loss of the connection, until it has an answer.
   *
   * Rejects with what the database says, or when the time is over. One at a time.
   *
   * @param timeoutMs - for what may take longer than a commit
   */
  async run<T>(
    work: (session: Session) => Promise<T>,
    timeoutMs: number = this.#options.timeoutMs,
  ): Promise<T> {
    let onTimeout: (() => void) | undefined
    const timer = setTimeout(() => onTimeout?.(), timeoutMs)
    const late = (): Error => {
      const reason = this.#lastFailure === undefined ? '' : `: ${this.#lastFailure.message}`
      return new Error(`no answer within ${timeoutMs} ms${reason}`, { cause: this.#lastFailure })
    }
    let isLate = false
    try {
      for (;;) {
        const session = await new Promise<Session>((resolve, reject) => {
          onTimeout = () => reject(late())
          this.#dialled.then(resolve, reject)
        })
        onTimeout = () => {
          isLate = true
          session.destroy(late())
        }
        try {
          return await work(session)
        } catch (error) {
          if (!session.isLost || isLate) throw error
          this.#lastFailure = error as Error
        }
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends it: no session is made any more. Gives back the one that there is, if any. */
  end(): Session | undefined {
    this.#ending.abort(new Error('the store is closed'))
    const session = this.#session
    this.#session = undefined
    return session
  }

  #use(session: Session): void {
    this.#session = session
    this.#lastFailure = undefined
    session.onLost = () => this.#redial()
    if (session.isLost) this.#redial()
  }

  #redial(): void {
    this.#session = undefined
    if (this.#ending.signal.aborted) return
    this.#dialled = reconnect(() => this.#options.dial(this.#ending.signal), {
      minDelayMs: MIN_DELAY_MS,
      maxDelayMs: MAX_DELAY_MS,
      failuresBefore: 0,
      signal: this.#ending.signal,
      onFailure: (error) => {
        log('the database of the store cannot be reached: %s', error.message)
        this.#lastFailure = error
        if (error instanceof NoWayBack) this.#ending.abort(error)
      },
      wait: waitQuietly,
    })
    this.#dialled.then(
      (session) => {
        if (this.#ending.signal.aborted) session.destroy(new Error('the store is closed'))
        else this.#use(session)
      },
      () => undefined, // Whoever needs it hears of it.
    )
  }
}
