import type {
  OpenedStore,
  QueueChanges,
  QueueStore,
  StoreCapabilities,
  StoreContext,
  StoredJob,
} from '../stores/queue-store.ts'
import { commitBatches } from './commit-batches.ts'
import { loadDriver, type MysqlError } from './driver.ts'
import { MysqlLink } from './mysql-link.ts'
import { releaseLock } from './mysql-lock.ts'
import {
  type MysqlStoreOptions,
  type ResolvedMysqlOptions,
  resolveMysqlOptions,
} from './mysql-options.ts'
import { ConnectionLostError, MysqlSession } from './mysql-session.ts'
import { lockOf, type OpenQueue, openQueue, reopenQueue } from './open-queue.ts'
import { replayBatches } from './replay-batches.ts'

/** What a packet holds beside the data of a job: names, numbers, and what the protocol adds. */
const PACKET_MARGIN_BYTES = 64 * 1024

/** A deadlock, and a lock that was waited for too long: nothing was written, and trying again helps. */
const LOCK_ERRORS: ReadonlySet<number | undefined> = new Set([1205, 1213])

/**
 * Background jobs in MariaDB or MySQL:
 * `new GearmanServer({ store: new MysqlStore({ url: 'mysql://gearman:secret@127.0.0.1/gearman' }) })`.
 *
 * Needs the package `mysql2`, and an account that may create tables in the database. Each commit is one
 * transaction; it is as durable as the database is told to be, and {@link StoreContext.notice} says where that is
 * less than the disk. A lost connection is dialled again while jobs wait. A lock of the database keeps
 * other servers away from the queue.
 */
export class MysqlStore implements QueueStore {
  readonly name: string
  readonly capabilities: StoreCapabilities = { isDurable: true, isAtomic: true, isExclusive: true }
  readonly #options: ResolvedMysqlOptions
  #open: { readonly link: MysqlLink; readonly queue: OpenQueue } | undefined

  /** @throws InvalidArgumentError naming the option that is wrong */
  constructor(options: MysqlStoreOptions) {
    this.#options = resolveMysqlOptions(options)
    const { host, port, socketPath, database, queueName } = this.#options
    const place = socketPath ?? `${host.includes(':') ? `[${host}]` : host}:${port}`
    this.name = `mysql ${place}/${database}${queueName === 'default' ? '' : ` queue ${queueName}`}`
  }

  async open(context: StoreContext): Promise<OpenedStore> {
    const driver = await loadDriver()
    const session = new MysqlSession(driver, this.#options)
    try {
      const queue = await openQueue(session, this.#options, context)
      const link = new MysqlLink(session, (signal) =>
        reopenQueue(driver, this.#options, queue, signal),
      )
      this.#open = { link, queue }
      return {
        highestKey: queue.highestKey,
        maxDataBytes: Math.max(0, session.maxPacketBytes - PACKET_MARGIN_BYTES),
      }
    } catch (error) {
      session.destroy()
      throw error
    }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    const { link, queue } = this.#running()
    yield* replayBatches(await link.session(this.#options.timeoutMs), queue.id)
  }

  async commit(changes: QueueChanges): Promise<void> {
    const { link, queue } = this.#running()
    const deadline = Date.now() + this.#options.timeoutMs
    for (;;) {
      const session = await link.session(Math.max(0, deadline - Date.now()))
      try {
        await write(session, changes, queue.id)
        return
      } catch (error) {
        // Whether a lost connection took the last COMMIT with it nobody knows: written twice is as once.
        if (!isWorthAnotherTry(error) || Date.now() >= deadline) throw error
      }
    }
  }

  async close(): Promise<void> {
    const { link, queue } = this.#running()
    this.#open = undefined
    const session = link.end()
    if (session === undefined) return
    try {
      const sql = `UPDATE gearman_sdk_queues SET owner = '', owner_token = '' WHERE id = ?`
      await session.run(sql, [String(queue.id)])
      await releaseLock(session, lockOf(this.#options.queueName))
    } finally {
      session.destroy()
    }
  }

  #running(): { readonly link: MysqlLink; readonly queue: OpenQueue } {
    if (this.#open === undefined) throw new Error('the store is not open')
    return this.#open
  }
}

async function write(session: MysqlSession, changes: QueueChanges, queueId: number): Promise<void> {
  try {
    for (const { sql, values } of commitBatches(changes, queueId, session.maxPacketBytes)) {
      if (values === undefined) await session.query(sql)
      else await session.run(sql, values)
    }
  } catch (error) {
    // A lost connection cannot be asked for it, and needs it not.
    if (session.failure === undefined) await session.query('ROLLBACK')
    throw error
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof ConnectionLostError || LOCK_ERRORS.has((error as MysqlError).errno)
}
