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
import { StoreLink } from '../stores/store-link.ts'
import { commitBatches } from './commit-batches.ts'
import { loadDriver, type MysqlError } from './driver.ts'
import { exportJobs } from './export-jobs.ts'
import { releaseLock } from './mysql-lock.ts'
import {
  type MysqlStoreOptions,
  type ResolvedMysqlOptions,
  resolveMysqlOptions,
} from './mysql-options.ts'
import { MysqlSession } from './mysql-session.ts'
import { nextJobs } from './next-jobs.ts'
import { nextOutcomes } from './next-outcomes.ts'
import { lockOf, type OpenQueue, openQueue, reopenQueue } from './open-queue.ts'

/** What a packet holds beside the data of a job: names, numbers, and what the protocol adds. */
const PACKET_MARGIN_BYTES = 64 * 1024

const MAX_TRIES = 3
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
  /** What it promises. */
  readonly capabilities: StoreCapabilities = {
    isDurable: true,
    isAtomic: true,
    isExclusive: true,
    keepsOutcomes: true,
  }
  readonly #options: ResolvedMysqlOptions
  #open: { readonly link: StoreLink<MysqlSession>; readonly queue: OpenQueue } | undefined

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
      const link = new StoreLink(session, {
        dial: (signal) => reopenQueue(driver, this.#options, queue, signal),
        timeoutMs: this.#options.timeoutMs,
      })
      this.#open = { link, queue }
      return {
        highestKey: queue.highestKey,
        maxDataBytes: Math.max(0, session.maxPacketBytes - PACKET_MARGIN_BYTES),
      }
    } catch (error) {
      session.destroy(error as Error)
      throw error
    }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    const { link, queue } = this.#running()
    let afterKey = 0
    for (;;) {
      const jobs = await link.run((session) => nextJobs(session, queue.id, afterKey))
      const last = jobs.at(-1)
      if (last === undefined) return
      afterKey = last.key
      yield jobs
    }
  }

  async *replayOutcomes(): AsyncGenerator<readonly StoredOutcome[]> {
    const { link, queue } = this.#running()
    let afterKey = 0
    for (;;) {
      const outcomes = await link.run((session) => nextOutcomes(session, queue.id, afterKey))
      const last = outcomes.at(-1)
      if (last === undefined) return
      afterKey = last.job.key
      yield outcomes
    }
  }

  async commit(changes: QueueChanges): Promise<void> {
    const { link, queue } = this.#running()
    // Whether a lost connection took the last COMMIT with it nobody knows: written twice is as once.
    await link.run((session) => write(session, changes, queue.id))
  }

  async exportToGearmand(): Promise<ExportedJobs> {
    const { link, queue } = this.#running()
    const session = await link.run(async (current) => current)
    return await exportJobs(session, this.#options.gearmandTable, queue.id)
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
      session.destroy(new Error('the store is closed'))
    }
  }

  #running(): { readonly link: StoreLink<MysqlSession>; readonly queue: OpenQueue } {
    if (this.#open === undefined) throw new Error('the store is not open')
    return this.#open
  }
}

/** One transaction; again when others were in its way. */
async function write(session: MysqlSession, changes: QueueChanges, queueId: number): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      for (const { sql, values } of commitBatches(changes, queueId, session.maxPacketBytes)) {
        if (values === undefined) await session.query(sql)
        else await session.run(sql, values)
      }
      return
    } catch (error) {
      // A lost connection cannot be asked for it, and needs it not.
      if (!session.isLost) await session.query('ROLLBACK')
      if (!LOCK_ERRORS.has((error as MysqlError).errno) || tries === MAX_TRIES) throw error
    }
  }
}
