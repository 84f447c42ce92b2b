import { sleep } from '../../core/sleep.ts'
import type { RedisAddress, RedisArgument, RedisClass, RedisClient, RedisReply } from './driver.ts'

const FIRST_DELAY_MS = 20
const MAX_DELAY_MS = 1000

/** What Redis says while it cannot answer yet, or is no longer the one that may. */
const SOON_OVER = /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN) /

/** A connection to Redis that is dialled again when it is lost. */
export class RedisConnection {
  readonly #Driver: RedisClass
  readonly #address: RedisAddress
  readonly #timeoutMs: number
  #client: RedisClient | undefined
  #dialling: Promise<RedisClient> | undefined
  #lastError: Error | undefined
  readonly #closing = new AbortController()

  constructor(Driver: RedisClass, address: RedisAddress, timeoutMs: number) {
    this.#Driver = Driver
    this.#address = address
    this.#timeoutMs = timeoutMs
  }

  /** Whether it is there right now. */
  get isConnected(): boolean {
    return this.#client !== undefined
  }

  /** Dials once. Rejects with what is wrong. */
  async connect(): Promise<void> {
    await this.#connected(this.#timeoutMs)
  }

  /** Runs a script. */
  async run(
    script: string,
    keys: readonly RedisArgument[],
    args: readonly RedisArgument[],
  ): Promise<readonly RedisReply[]> {
    const reply = await this.call('EVAL', script, keys.length, ...keys, ...args)
    return Array.isArray(reply) ? (reply as readonly RedisReply[]) : []
  }

  /**
   * Sends a command, again when the connection was lost meanwhile: it must be one that may be done twice.
   *
   * Rejects after the timeout, or with what Redis says.
   */
  async call(command: string, ...args: readonly RedisArgument[]): Promise<unknown> {
    const deadline = performance.now() + this.#timeoutMs
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
      const leftMs = deadline - performance.now()
      try {
        const client = await this.#connected(leftMs)
        return await this.#send(client, command, args)
      } catch (error) {
        this.#closing.signal.throwIfAborted()
        if (isReply(error) && !SOON_OVER.test(error.message)) throw error
        if (isReply(error)) this.#drop()
        if (deadline - performance.now() <= delayMs) throw error
      }
      await sleep(delayMs, { signal: this.#closing.signal })
    }
  }

  /** Hangs up; what waits for an answer is rejected. */
  close(): void {
    this.#closing.abort(new Error('the store was closed'))
    this.#drop()
  }

  #drop(): void {
    this.#client?.disconnect()
    this.#client = undefined
  }

  /** One connection for all: a second one that was dialled meanwhile would be closed by nobody. */
  #connected(timeoutMs: number): Promise<RedisClient> {
    if (this.#client !== undefined) return Promise.resolve(this.#client)
    this.#dialling ??= this.#dial(timeoutMs).finally(() => {
      this.#dialling = undefined
    })
    return this.#dialling
  }

  async #dial(timeoutMs: number): Promise<RedisClient> {
    const { db, ...address } = this.#address
    const limitMs = Math.max(1, Math.ceil(Math.min(timeoutMs, this.#timeoutMs)))
    const client = new this.#Driver({
      ...address,
      lazyConnect: true,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      retryStrategy: null,
      connectTimeout: limitMs,
      protocol: 2,
      connectionName: 'gearman-sdk',
    })
    this.#lastError = undefined
    client.on('error', (error) => {
      this.#lastError = error
    })
    client.on('close', () => {
      if (this.#client === client) this.#client = undefined
    })
    try {
      // The driver waits for ever for the answers to what it sends first.
      await this.#within(client, limitMs, client.connect())
      // The driver's own SELECT goes on in another database when it fails.
      await (db === 0 ? this.#send(client, 'PING', []) : this.#send(client, 'SELECT', [db]))
      this.#closing.signal.throwIfAborted()
    } catch (error) {
      client.disconnect()
      // The driver says that the connection is closed; the event before said why.
      throw explain(this.#lastError ?? (error as Error))
    }
    this.#client = client
    return client
  }

  async #send(
    client: RedisClient,
    command: string,
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    try {
      return await this.#within(client, this.#timeoutMs, client.callBuffer(command, ...args))
    } catch (error) {
      if (isReply(error)) throw error
      throw this.#lastError ?? error
    }
  }

  /** What takes too long, or is not wanted any more, loses its connection: what comes later finds a new one. */
  async #within<T>(client: RedisClient, limitMs: number, work: Promise<T>): Promise<T> {
    const { signal } = this.#closing
    let stop: (reason: Error) => void = () => undefined
    const stopped = new Promise<never>((_, reject) => {
      stop = (reason) => {
        client.disconnect()
        reject(reason)
      }
    })
    const timer = setTimeout(() => stop(new Error(`no answer within ${limitMs} ms`)), limitMs)
    const onClose = (): void => stop(signal.reason as Error)
    signal.addEventListener('abort', onClose)
    try {
      return await Promise.race([work, stopped])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onClose)
    }
  }
}

/** The driver asks to be told of what is no Redis. */
function explain(error: Error): Error {
  if (!/\bRESP\b|[Pp]rotocol error/.test(error.message)) return error
  return new Error('what answers there is no Redis', { cause: error })
}

/** Whether an error is Redis' own answer. */
function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}
