import type {
  ExportedJobs,
  OpenedStore,
  QueueChanges,
  QueueStore,
  StoreCapabilities,
  StoreContext,
  StoredJob,
} from '../stores/queue-store.ts'
import { exportToKeys } from './gearmand-export-keys.ts'
import { importGearmandKeys } from './gearmand-import.ts'
import { MemcachedConnection } from './memcached-connection.ts'
import {
  type MemcachedStoreOptions,
  type ResolvedMemcachedOptions,
  resolveMemcachedOptions,
} from './memcached-options.ts'
import { MemcachedQueue } from './memcached-queue.ts'

export type { MemcachedStoreOptions } from './memcached-options.ts'

const DEFAULT_ITEM_BYTES = 1024 * 1024

/** What beside the data of a job may be in an item: names at their longest, escaped, and memcached's own. */
const HEAD_BYTES = 52 * 1024

/**
 * Background jobs in memcached: `new GearmanServer({ store: new MemcachedStore({ servers: 'cache:11211' }) })`.
 *
 * **Best effort**: jobs survive a restart of the job server, not of memcached, and memcached drops what was
 * not used for longest when its memory is full. A job with more data than an item holds (1 MiB by default,
 * less 52 KiB) is refused.
 */
export class MemcachedStore implements QueueStore {
  readonly name: string
  /** What it promises. */
  readonly capabilities: StoreCapabilities = {
    isDurable: false,
    isAtomic: false,
    isExclusive: true,
  }
  readonly #options: ResolvedMemcachedOptions
  #queue: MemcachedQueue | undefined
  #connections: readonly MemcachedConnection[] = []

  /** @throws InvalidArgumentError naming the option that is wrong */
  constructor(options: MemcachedStoreOptions = {}) {
    this.#options = resolveMemcachedOptions(options)
    const { addresses, queueName } = this.#options
    const places = addresses.map(
      ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
    )
    this.name = `memcached ${places.join(',')}${queueName === 'default' ? '' : ` queue ${queueName}`}`
  }

  async open(context: StoreContext): Promise<OpenedStore> {
    const { addresses, timeoutMs, gearmandPrefix } = this.#options
    const connections = addresses.map(
      (address) => new MemcachedConnection(address, timeoutMs, gearmandPrefix),
    )
    const [first] = connections
    if (first === undefined) throw new Error('it has no servers')
    const queue = new MemcachedQueue(connections, first, this.#options, context)
    try {
      const maxDataBytes = (await smallestItem(connections)) - HEAD_BYTES
      const marked = await queue.open()
      context.notice('jobs are in the memory of memcached only, which may evict them')
      const imported = await importGearmandKeys(
        connections,
        queue,
        gearmandPrefix,
        marked + 1,
        context,
      )
      this.#queue = queue
      this.#connections = connections
      return { highestKey: marked + imported, maxDataBytes }
    } catch (error) {
      await queue.close()
      throw error
    }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    yield* this.#running().replay()
  }

  async commit(changes: QueueChanges): Promise<void> {
    await this.#running().commit(changes)
  }

  async exportToGearmand(): Promise<ExportedJobs> {
    return await exportToKeys(this.#connections, this.#running(), this.#options.gearmandPrefix)
  }

  async close(): Promise<void> {
    const queue = this.#running()
    this.#queue = undefined
    await queue.close()
  }

  #running(): MemcachedQueue {
    if (this.#queue === undefined) throw new Error('the store is not open')
    return this.#queue
  }
}

/** Shows that all of them are there, and speak memcached's protocol. */
async function smallestItem(connections: readonly MemcachedConnection[]): Promise<number> {
  const sizes = connections.map(async (connection) => {
    const { line } = await connection.ask('version')
    if (!line.startsWith('VERSION ')) throw new Error('what answers there is no memcached')
    const { lines } = await connection.ask('stats settings')
    const found = lines.find((stat) => stat.startsWith('STAT item_size_max '))
    return Number(found?.split(' ')[2] ?? DEFAULT_ITEM_BYTES)
  })
  return Math.min(...(await Promise.all(sizes)))
}
