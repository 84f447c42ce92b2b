import { randomUUID } from 'node:crypto'
import { checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
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
import { wrongTable } from '../stores/wrong-table.ts'
import { applyChanges } from './apply-changes.ts'
import {
  clientConfig,
  connectionText,
  type PostgresConnectionOptions,
  type ResolvedConnection,
  resolveConnection,
} from './client-config.ts'
import { loadDriver } from './driver.ts'
import { exportToTable } from './export-table.ts'
import { importGearmandTable } from './gearmand-table.ts'
import { nextJobs } from './next-jobs.ts'
import { nextOutcomes } from './next-outcomes.ts'
import { PostgresSession } from './postgres-session.ts'
import { giveQueue, type Ownership, openQueue, retakeQueue, takeQueue } from './queue-lock.ts'
import { prepareTables } from './schema.ts'
import { applySettings, checkServer, weakSettings } from './session-settings.ts'

/** Options of {@link PostgresStore}. */
export interface PostgresStoreOptions extends PostgresConnectionOptions {
  /**
   * Servers with different names keep their jobs apart in the same tables. One server at a time has a queue.
   * @defaultValue `'default'`
   */
  readonly queueName?: string | undefined
  /**
   * The table of a gearmand that used this database before (its option `--libpq-table`). Its jobs are moved
   * into the store's own table whenever the store is opened. A table of that name which is not gearmand's is an error
   * where it was named here, and left alone where it was not.
   * @defaultValue `'queue'`
   */
  readonly gearmandTable?: string | undefined
  /**
   * How long a commit may wait for the database, which may be away meanwhile, until its jobs are refused.
   * Milliseconds.
   * @defaultValue 15,000
   */
  readonly timeout?: number | undefined
}

/** The driver reads data as text of twice its length, and text in JavaScript has at most 2^29 characters. */
const MAX_DATA_BYTES = 256_000_000
/** The longest time that a timer takes. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
const DEFAULT_TIMEOUT_MS = 15_000

/** What there is while the store is open. */
interface Opened {
  readonly link: StoreLink<PostgresSession>
  readonly ownership: Ownership
}

/**
 * Background jobs in a PostgreSQL database (12 or later): `new GearmanServer({ store: new PostgresStore({
 * connectionString: 'postgres://user:password@host/database' }) })`.
 *
 * Needs the package `pg`. Makes its own tables `gearman_sdk_*` in the first schema of the search path. A commit is
 * one statement or one transaction; how safe it is then is up to the settings of the database, and a weak one is told. The
 * connection holds a lock on the queue, so that a second server is refused; when it is lost it is made anew.
 */
export class PostgresStore implements QueueStore {
  readonly name: string
  /** What it promises. */
  readonly capabilities: StoreCapabilities = {
    isDurable: true,
    isAtomic: true,
    isExclusive: true,
    keepsOutcomes: true,
  }
  readonly #connection: ResolvedConnection
  readonly #queueName: string
  readonly #gearmandTable: string
  readonly #isGearmandTableNamed: boolean
  readonly #timeoutMs: number
  #opened: Opened | undefined

  /** @throws InvalidArgumentError naming the option that is wrong */
  constructor(options: PostgresStoreOptions = {}) {
    this.#connection = resolveConnection(options)
    this.#queueName = checkName('queueName', options.queueName ?? 'default')
    this.#gearmandTable = checkName('gearmandTable', options.gearmandTable ?? 'queue')
    this.#isGearmandTableNamed = options.gearmandTable !== undefined
    this.#timeoutMs = checkInteger(
      'timeout',
      options.timeout ?? DEFAULT_TIMEOUT_MS,
      1,
      MAX_TIMEOUT_MS,
    )
    const queue = this.#queueName === 'default' ? '' : ` queue ${this.#queueName}`
    this.name = `postgres ${connectionText(this.#connection)}${queue}`
  }

  async open(context: StoreContext): Promise<OpenedStore> {
    const connect = await this.#connector()
    const session = await connect()
    try {
      await applySettings(session)
      await checkServer(session)
      await prepareTables(session)
      const queue = await openQueue(session, this.#queueName)
      const ownership = { owner: context.owner, token: randomUUID(), queue }
      await takeQueue(session, ownership)
      await this.#import(session, queue, context)
      for (const problem of await weakSettings(session)) context.notice(problem)
      const dial = async (signal: AbortSignal): Promise<PostgresSession> =>
        await resume(await connect(signal), ownership, signal)
      const link = new StoreLink(session, { dial, timeoutMs: this.#timeoutMs })
      this.#opened = { link, ownership }
      return { highestKey: await highestKey(session, queue), maxDataBytes: MAX_DATA_BYTES }
    } catch (error) {
      this.#opened?.link.end()
      this.#opened = undefined
      await session.end()
      throw error
    }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    // The next batch is on its way while the server queues the last one.
    let jobs = await this.#nextJobs(0)
    for (let last = jobs.at(-1); last !== undefined; last = jobs.at(-1)) {
      const next = this.#nextJobs(last.key)
      next.catch(() => undefined) // Whoever gives the replay up does not wait for it.
      yield jobs
      jobs = await next
    }
  }

  async *replayOutcomes(): AsyncGenerator<readonly StoredOutcome[]> {
    const { link, ownership } = this.#running()
    let afterKey = 0
    for (;;) {
      const outcomes = await link.run((session) => nextOutcomes(session, ownership.queue, afterKey))
      const last = outcomes.at(-1)
      if (last === undefined) return
      afterKey = last.job.key
      yield outcomes
    }
  }

  async commit(changes: QueueChanges): Promise<void> {
    const { link, ownership } = this.#running()
    await link.run((session) => applyChanges(session, ownership.queue, changes))
  }

  async exportToGearmand(): Promise<ExportedJobs> {
    const { link, ownership } = this.#running()
    const { queue } = ownership
    const work = (session: PostgresSession): Promise<ExportedJobs> =>
      exportToTable(session, queue, this.#gearmandTable)
    return await link.run(work, MAX_TIMEOUT_MS)
  }

  async close(): Promise<void> {
    const { link, ownership } = this.#running()
    this.#opened = undefined
    const session = link.end()
    // Without a connection there is no lock either.
    if (session === undefined) return
    try {
      await giveQueue(session, ownership)
    } finally {
      await session.end()
    }
  }

  async #nextJobs(afterKey: number): Promise<readonly StoredJob[]> {
    const { link, ownership } = this.#running()
    return await link.run((session) => nextJobs(session, ownership.queue, afterKey))
  }

  #running(): Opened {
    if (this.#opened === undefined) throw new Error('the store is not open')
    return this.#opened
  }

  async #connector(): Promise<(signal?: AbortSignal) => Promise<PostgresSession>> {
    const Driver = await loadDriver()
    const config = await clientConfig(this.#connection)
    const place = connectionText(this.#connection)
    return async (signal) => await PostgresSession.connect(Driver, config, place, signal)
  }

  async #import(
    session: PostgresSession,
    queue: number,
    { setAside, notice }: StoreContext,
  ): Promise<void> {
    const firstKey = (await highestKey(session, queue)) + 1
    const table = this.#gearmandTable
    const imported = await importGearmandTable(session, queue, table, firstKey)
    if (typeof imported === 'string') {
      const problem = wrongTable(table, imported, this.#isGearmandTableNamed)
      if (problem !== undefined) notice(problem)
      return
    }
    for (const row of imported.setAside) setAside(row)
    if (imported.jobs === 0) return
    notice(`${imported.jobs} jobs of gearmand's table ${table} were moved into its own`)
  }
}

/** Makes a session that was connected anew as good as the lost one. */
async function resume(
  session: PostgresSession,
  ownership: Ownership,
  signal: AbortSignal,
): Promise<PostgresSession> {
  const onAbort = (): void => session.destroy(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await applySettings(session)
    await checkServer(session)
    await retakeQueue(session, ownership)
    return session
  } catch (error) {
    await session.end()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function highestKey(session: PostgresSession, queue: number): Promise<number> {
  const { key } = await session.queryRow({
    text: `SELECT greatest(highest_key, (SELECT max(key) FROM gearman_sdk_jobs WHERE queue = $1)) AS key
           FROM gearman_sdk_queues WHERE id = $1`,
    values: [queue],
  })
  return Number(key)
}

function checkName(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new InvalidArgumentError(option, `must be a name, not ${show(value)}`)
  }
  return value
}
