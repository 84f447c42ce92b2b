import { randomBytes } from 'node:crypto'
import { sleep } from '../../core/sleep.ts'
import type { StoreOwner } from '../stores/queue-store.ts'
import type { MemcachedConnection } from './memcached-connection.ts'

const LOOK_MS = 100

/** memcached counts in seconds, and not always from their beginning. */
const ROUNDING_MS = 2000

/**
 * The lock of a queue: a value that expires, with a token, a count of renewals, how long it holds in
 * milliseconds, and the name of the owner.
 */
export class MemcachedLock {
  readonly #connection: MemcachedConnection
  readonly #key: string
  readonly #token = randomBytes(16).toString('hex')
  readonly #owner: string
  readonly #timeoutMs: number
  #renewals = 0

  constructor(
    connection: MemcachedConnection,
    key: string,
    { hostname, pid, since }: StoreOwner,
    timeoutMs: number,
  ) {
    this.#connection = connection
    this.#key = key
    this.#owner = `${hostname}, process ${pid}, since ${since.toISOString()}`
    this.#timeoutMs = timeoutMs
  }

  /**
   * Takes it. One that is renewed while we look belongs to a server that runs; any other one is waited for.
   *
   * Rejects with the name of the owner.
   */
  async take(): Promise<void> {
    let first: string | undefined
    const startedAt = performance.now()
    while ((await this.hold()) === 'taken') {
      // Not behind the answer: a lock that ended meanwhile is none that goes on.
      const askedAt = performance.now()
      const { values } = await this.#connection.ask(`get ${this.#key}`)
      const found = values[0]?.data.toString()
      if (found === undefined) continue
      first ??= found
      const isLate = askedAt - startedAt > timeoutOf(found) + ROUNDING_MS
      if (found !== first || isLate) {
        throw new Error(`it is in use by ${ownerOf(found)}; another queueName makes another queue`)
      }
      await sleep(LOOK_MS)
    }
  }

  /**
   * Whether it is still ours: `held`, or `taken` by another. One that is gone, as after a restart of memcached,
   * is made `anew`.
   */
  async hold(): Promise<'held' | 'anew' | 'taken'> {
    const { values } = await this.#connection.ask(`get ${this.#key}`)
    const found = values[0]?.data.toString()
    if (found !== undefined) return found.startsWith(this.#token) ? 'held' : 'taken'
    const { line } = await this.#write('add')
    return line === 'STORED' ? 'anew' : 'taken'
  }

  /** Makes it hold longer. */
  async renew(): Promise<void> {
    const { values } = await this.#connection.ask(`gets ${this.#key}`)
    const [found] = values
    if (found?.data.toString().startsWith(this.#token) !== true) return
    this.#renewals += 1
    await this.#write('cas', found.cas)
  }

  /** Gives it back. */
  async release(): Promise<void> {
    const { values } = await this.#connection.ask(`get ${this.#key}`)
    const isOurs = values[0]?.data.toString().startsWith(this.#token) === true
    if (isOurs) await this.#connection.ask(`delete ${this.#key}`)
  }

  /** Who has it, when it is not us. */
  async owner(): Promise<string> {
    const { values } = await this.#connection.ask(`get ${this.#key}`)
    return ownerOf(values[0]?.data.toString() ?? '')
  }

  async #write(command: 'add' | 'cas', cas = ''): Promise<{ readonly line: string }> {
    const data = Buffer.from(`${this.#token} ${this.#renewals} ${this.#timeoutMs} ${this.#owner}`)
    // A second of memcached may be over at once.
    const seconds = Math.ceil(this.#timeoutMs / 1000) + 1
    const tail = cas === '' ? '' : ` ${cas}`
    return await this.#connection.ask(
      `${command} ${this.#key} 0 ${seconds} ${data.length}${tail}`,
      data,
    )
  }
}

function timeoutOf(lock: string): number {
  return Number(lock.split(' ')[2]) || 0
}

function ownerOf(lock: string): string {
  return lock.split(' ').slice(3).join(' ') || 'another server'
}
