import type {
  ExportedJobs,
  OpenedStore,
  QueueChanges,
  QueueStore,
  StoreCapabilities,
  StoreContext,
  StoredJob,
  StoredOutcome,
} from '../stores/queue-store.ts'
import { loadDriver } from './driver.ts'
import { RedisConnection } from './redis-connection.ts'
import { readInfo } from './redis-durability.ts'
import {
  type RedisStoreOptions,
  type ResolvedRedisOptions,
  resolveRedisOptions,
} from './redis-options.ts'
import { RedisQueue } from './redis-queue.ts'

export type { RedisStoreOptions } from './redis-options.ts'

/** The first version whose scripts write what they did, not what they were. */
const FIRST_VERSION = 5

/** Redis takes 512 MiB for a value (`proto-max-bulk-len`); the names of a job need some of it. */
const MAX_DATA_BYTES = 511 * 1024 * 1024

/**
 * Background jobs in Redis: `new GearmanServer({ store: new RedisStore({ url: 'redis://127.0.0.1:6379' }) })`.
 *
 * Needs the package `ioredis`, and Redis 5 or later (or Valkey). Each commit is one script, in one round trip.
 * How much of it survives a crash of Redis is up to its settings: with `appendonly yes` and `appendfsync always`
 * everything does; anything less is told by an event `storeNotice` at the start.
 */
export class RedisStore implements QueueStore {
  readonly name: string
  readonly #options: ResolvedRedisOptions
  #queue: RedisQueue | undefined
  #isDurable = false

  /** @throws InvalidArgumentError naming the option that is wrong */
  constructor(options: RedisStoreOptions = {}) {
    this.#options = resolveRedisOptions(options)
    const { address, queueName } = this.#options
    const { host, port, db } = address
    const place = `${host.includes(':') ? `[${host}]` : host}:${port}/${db}`
    this.name = `redis ${place}${queueName === 'default' ? '' : ` queue ${queueName}`}`
  }

  /** Whether it is durable is known when it is open. */
  get capabilities(): StoreCapabilities {
    return { isDurable: this.#isDurable, isAtomic: true, isExclusive: true, keepsOutcomes: true }
  }

  async open(context: StoreContext): Promise<OpenedStore> {
    const Driver = await loadDriver()
    const { address, timeoutMs } = this.#options
    const connection = new RedisConnection(Driver, address, timeoutMs)
    try {
      await connection.connect()
      await checkVersion(connection)
      const queue = new RedisQueue(connection, this.#options, context)
      const { highestKey, isDurable } = await queue.open()
      this.#queue = queue
      this.#isDurable = isDurable
      return { highestKey, maxDataBytes: MAX_DATA_BYTES }
    } catch (error) {
      connection.close()
      throw error
    }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    let afterKey = 0
    for (;;) {
      const batch = await this.#running().next(afterKey)
      if (batch === undefined) return
      afterKey = batch.lastKey
      yield batch.jobs
    }
  }

  async *replayOutcomes(): AsyncGenerator<readonly StoredOutcome[]> {
    yield* this.#running().outcomes()
  }

  async exportToGearmand(): Promise<ExportedJobs> {
    return await this.#running().exportJobs()
  }

  async commit(changes: QueueChanges): Promise<void> {
    await this.#running().commit(changes)
  }

  async close(): Promise<void> {
    const queue = this.#running()
    this.#queue = undefined
    await queue.close()
  }

  #running(): RedisQueue {
    if (this.#queue === undefined) throw new Error('the store is not open')
    return this.#queue
  }
}

async function checkVersion(connection: RedisConnection): Promise<void> {
  const version = (await readInfo(connection)).get('redis_version') ?? ''
  if (Number.parseInt(version, 10) < FIRST_VERSION) {
    throw new Error(`it has Redis ${version}; ${FIRST_VERSION} is the first that will do`)
  }
}
