import { sleep } from '../../core/sleep.ts'
import { packJob, unpackJob } from '../stores/job-value.ts'
import type { QueueChanges, StoreContext, StoredJob } from '../stores/queue-store.ts'
import { JobIndex } from './job-index.ts'
import type { MemcachedCommand, MemcachedConnection } from './memcached-connection.ts'
import { MemcachedLock } from './memcached-lock.ts'
import type { ResolvedMemcachedOptions } from './memcached-options.ts'

const SCHEMA_VERSION = 1

/** One batch of a replay. Values have at most the size that memcached allows, by default 1 MiB. */
const BATCH_JOBS = 100

/** A lock is renewed so often in the time that it holds. */
const RENEWALS = 4
const FIRST_DELAY_MS = 20
const MAX_DELAY_MS = 1000

interface Meta {
  readonly version: number
  readonly highestKey: number
  readonly chunks: readonly number[]
}

/** A queue that is open. Lock, index and facts are in the first memcached, jobs in all of them. */
export class MemcachedQueue {
  readonly #connections: readonly MemcachedConnection[]
  readonly #first: MemcachedConnection
  readonly #prefix: string
  readonly #timeoutMs: number
  readonly #lockTimeoutMs: number
  readonly #context: StoreContext
  readonly #lock: MemcachedLock
  readonly #index = new JobIndex()
  readonly #closing = new AbortController()
  #highestKey = 0
  #isMarkWritten = true
  #renewal: NodeJS.Timeout | undefined

  constructor(
    connections: readonly MemcachedConnection[],
    first: MemcachedConnection,
    options: ResolvedMemcachedOptions,
    context: StoreContext,
  ) {
    this.#connections = connections
    this.#first = first
    this.#prefix = `gearman-sdk:${options.queueName}:`
    this.#timeoutMs = options.timeoutMs
    this.#lockTimeoutMs = options.lockTimeoutMs
    this.#context = context
    this.#lock = new MemcachedLock(
      first,
      `${this.#prefix}lock`,
      context.owner,
      options.lockTimeoutMs,
    )
  }

  /**
   * Locks it and reads its index.
   *
   * @returns the highest key
   */
  async open(): Promise<number> {
    await this.#lock.take()
    const renew = (): void => void this.#lock.renew().catch(() => undefined) // The next commit tells.
    this.#renewal = setInterval(renew, this.#lockTimeoutMs / RENEWALS).unref()
    const { values } = await this.#first.ask(`get ${this.#prefix}meta`)
    if (values[0] === undefined) return 0
    const meta = JSON.parse(values[0].data.toString()) as Meta
    if (meta.version > SCHEMA_VERSION) {
      throw new Error(
        `its keys have version ${meta.version}, made by a later gearman-sdk; this one knows version ${SCHEMA_VERSION}`,
      )
    }
    for (const number of meta.chunks) await this.#readChunk(number)
    this.#highestKey = Math.max(meta.highestKey, this.#index.sortedKeys().at(-1) ?? 0)
    return this.#highestKey
  }

  /** All jobs that are still there. */
  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    const keys = this.#index.sortedKeys()
    let gone = 0
    for (let at = 0; at < keys.length; at += BATCH_JOBS) {
      const batch = keys.slice(at, at + BATCH_JOBS)
      const jobs: StoredJob[] = []
      for (const [key, value] of await this.#readJobs(batch)) {
        if (value === undefined) gone += 1
        const job = value === undefined ? undefined : this.#read(key, value)
        if (job === undefined) this.#index.remove(key)
        else jobs.push(job)
      }
      yield jobs
    }
    if (gone > 0) this.#context.notice(`${gone} jobs are gone: memcached has evicted or lost them`)
  }

  /** Writes changes, again when a connection was lost: each of them may be done twice. */
  async commit(changes: QueueChanges): Promise<void> {
    const commands = packChanges(changes)
    const deadline = performance.now() + this.#timeoutMs
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
      try {
        await this.#write(changes, commands)
        return
      } catch (error) {
        this.#closing.signal.throwIfAborted()
        const isLost = (error as NodeJS.ErrnoException).code !== undefined
        if (!isLost || deadline - performance.now() <= delayMs) throw error
      }
      await sleep(delayMs, { signal: this.#closing.signal })
    }
  }

  /** Gives it back. */
  async close(): Promise<void> {
    clearInterval(this.#renewal)
    try {
      await this.#lock.release()
    } catch {
      // It expires.
    } finally {
      this.#closing.abort(new Error('the store was closed'))
      for (const connection of this.#connections) connection.close()
    }
  }

  async #write(changes: QueueChanges, values: ReadonlyMap<number, Buffer>): Promise<void> {
    const state = await this.#lock.hold()
    if (state === 'taken') {
      throw new Error(
        `it was taken over by ${await this.#lock.owner()}: this server did not answer for too long`,
      )
    }
    if (state === 'anew') this.#index.forgetWritten()
    const updated = await this.#updated(changes, values)
    await this.#sendJobs([...values, ...updated], (key, value) =>
      setCommand(this.#jobKey(key), value),
    )
    for (const { key } of changes.added) this.#index.add(key)
    for (const key of changes.removed) this.#index.remove(key)
    if (changes.highestKey !== undefined) {
      this.#highestKey = changes.highestKey
      this.#isMarkWritten = false
    }
    await this.#writeIndex()
    const removed = changes.removed.map((key) => [key, undefined] as const)
    await this.#sendJobs(removed, (key) => ({ line: `delete ${this.#jobKey(key)}` }))
  }

  async #writeIndex(): Promise<void> {
    const chunks = this.#index.changes()
    const written = chunks.flatMap(([number, keys]) =>
      keys === undefined ? [] : [setCommand(this.#chunkKey(number), Buffer.from(keys))],
    )
    if (this.#index.isListChanged || !this.#isMarkWritten) {
      const meta: Meta = {
        version: SCHEMA_VERSION,
        highestKey: this.#highestKey,
        chunks: this.#index.numbers,
      }
      written.push(setCommand(`${this.#prefix}meta`, Buffer.from(JSON.stringify(meta))))
    }
    await this.#first.send(written)
    const gone = chunks.filter(([, keys]) => keys === undefined)
    await this.#first.send(gone.map(([number]) => ({ line: `delete ${this.#chunkKey(number)}` })))
    this.#index.onWritten()
    this.#isMarkWritten = true
  }

  /** An update is a job written anew: memcached changes no part of a value. */
  async #updated(
    { updated, removed }: QueueChanges,
    added: ReadonlyMap<number, Buffer>,
  ): Promise<ReadonlyMap<number, Buffer>> {
    const retries = new Map(updated.map(({ key, retries: count }) => [key, count]))
    for (const key of removed) retries.delete(key)
    const found = new Map<number, Buffer>()
    for (const key of retries.keys()) {
      const value = added.get(key)
      if (value !== undefined) found.set(key, value)
    }
    const others = [...retries.keys()].filter((key) => !found.has(key))
    for (let at = 0; at < others.length; at += BATCH_JOBS) {
      for (const [key, value] of await this.#readJobs(others.slice(at, at + BATCH_JOBS))) {
        if (value !== undefined) found.set(key, value)
      }
    }
    return new Map(
      Array.from(found, ([key, value]) => {
        const job = unpackJob(key, value)
        return [key, packJob({ ...job, retries: retries.get(key) ?? job.retries })]
      }),
    )
  }

  async #readChunk(number: number): Promise<void> {
    const { values } = await this.#first.ask(`get ${this.#chunkKey(number)}`)
    if (values[0] === undefined) {
      this.#context.notice('a part of the index is gone: memcached has evicted or lost it')
    }
    const words = values[0]?.data.toString().split(' ').filter(Boolean) ?? []
    this.#index.restore(number, words.map(Number))
  }

  async #readJobs(
    keys: readonly number[],
  ): Promise<readonly (readonly [number, Buffer | undefined])[]> {
    const found = new Map<string, Buffer>()
    for (const [index, connection] of this.#connections.entries()) {
      const own = keys.filter((key) => key % this.#connections.length === index)
      if (own.length === 0) continue
      const { values } = await connection.ask(
        `get ${own.map((key) => this.#jobKey(key)).join(' ')}`,
      )
      for (const { key, data } of values) found.set(key, data)
    }
    return keys.map((key) => [key, found.get(this.#jobKey(key))])
  }

  async #sendJobs<T>(
    jobs: readonly (readonly [number, T])[],
    command: (key: number, value: T) => MemcachedCommand,
  ): Promise<void> {
    const count = this.#connections.length
    await Promise.all(
      this.#connections.map((connection, index) =>
        connection.send(
          jobs.filter(([key]) => key % count === index).map(([key, value]) => command(key, value)),
        ),
      ),
    )
  }

  #read(key: number, value: Buffer): StoredJob | undefined {
    try {
      return unpackJob(key, value)
    } catch (error) {
      this.#context.setAside({ row: `key ${this.#jobKey(key)}`, reason: (error as Error).message })
      return undefined
    }
  }

  #jobKey(key: number): string {
    return `${this.#prefix}job:${key}`
  }

  #chunkKey(number: number): string {
    return `${this.#prefix}index:${number}`
  }
}

function packChanges({ added, removed }: QueueChanges): ReadonlyMap<number, Buffer> {
  const values = new Map(added.map((job) => [job.key, packJob(job)]))
  for (const key of removed) values.delete(key)
  return values
}

function setCommand(key: string, data: Buffer): MemcachedCommand {
  return { line: `set ${key} 0 0 ${data.length}`, data }
}
