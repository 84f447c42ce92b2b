import { resolve } from 'node:path'
import { show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import { ownerText } from '../stores/owner-text.ts'
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
import { type JobBlock, memoryOf, type PackedJob, packJobs, unpackJobs } from './job-block.ts'
import type { ThreadData } from './messages.ts'
import {
  memoryOfOutcomes,
  type OutcomeBlock,
  packOutcomes,
  unpackOutcomes,
} from './outcome-block.ts'
import { SqliteThread } from './sqlite-thread.ts'

/** Options of {@link SqliteStore}. */
export interface SqliteStoreOptions {
  /** The database file; made when it is not there. Its folder must be. On a disk of this machine. */
  readonly path: string
  /**
   * The table of a gearmand that used this file before (its option `--libsqlite3-table`). Its jobs are moved
   * into the store's own table whenever the store is opened. A table of that name which is not gearmand's is an error
   * where it was named here, and left alone where it was not.
   * @defaultValue `'gearman_queue'`
   */
  readonly gearmandTable?: string | undefined
}

/** More is no blob in SQLite: a billion bytes for a row, less what the other columns take. */
const MAX_DATA_BYTES = 999_000_000

/**
 * Background jobs in a SQLite file: `new GearmanServer({ store: new SqliteStore({ path: 'jobs.db' }) })`.
 *
 * Needs the package `libsql`. It runs in a thread of its own, writes each commit with an fsync, and keeps other
 * servers away from the file by a lock on the file `PATH-lock`. Anybody may read the database meanwhile.
 */
export class SqliteStore implements QueueStore {
  readonly name: string
  /** What it promises. */
  readonly capabilities: StoreCapabilities = {
    isDurable: true,
    isAtomic: true,
    isExclusive: true,
    keepsOutcomes: true,
  }
  readonly #data: ThreadData
  #thread: SqliteThread | undefined
  #context: StoreContext | undefined

  /** @throws InvalidArgumentError naming the option that is wrong */
  constructor(options: SqliteStoreOptions) {
    const path = checkName('path', options?.path)
    const gearmandTable = checkName('gearmandTable', options.gearmandTable ?? 'gearman_queue')
    this.name = `sqlite ${path}`
    const isGearmandTableNamed = options.gearmandTable !== undefined
    this.#data = { path: resolve(path), gearmandTable, isGearmandTableNamed }
  }

  async open(context: StoreContext): Promise<OpenedStore> {
    const highestKey = await this.#start(context, true)
    return { highestKey, maxDataBytes: MAX_DATA_BYTES }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    let next = this.#askForJobs(0)
    for (;;) {
      const jobs = Array.from(unpackJobs(await next), storedJob)
      const last = jobs.at(-1)
      if (last === undefined) return
      // The thread reads the next batch while the server queues this one.
      next = this.#askForJobs(last.key)
      yield jobs
    }
  }

  async *replayOutcomes(): AsyncGenerator<readonly StoredOutcome[]> {
    let afterKey = 0
    for (;;) {
      const reply = await this.#running().ask({ type: 'replayOutcomes', afterKey })
      const outcomes = Array.from(unpackOutcomes(reply as OutcomeBlock), (outcome) => {
        return { ...outcome, job: storedJob(outcome.job) }
      })
      const last = outcomes.at(-1)
      if (last === undefined) return
      afterKey = last.job.key
      yield outcomes
    }
  }

  async commit(changes: QueueChanges): Promise<void> {
    const { updated, forgotten = [], highestKey } = changes
    const added = packJobs(changes.added)
    const removed = Float64Array.from(changes.removed)
    const outcomes = changes.outcomes === undefined ? undefined : packOutcomes(changes.outcomes)
    const transferred = [...memoryOf(added), removed.buffer]
    if (outcomes !== undefined) transferred.push(...memoryOfOutcomes(outcomes))
    if (this.#running().failure !== undefined) await this.#restart()
    await this.#running().ask(
      { type: 'commit', added, updated, removed, outcomes, forgotten, highestKey },
      transferred,
    )
  }

  async exportToGearmand(): Promise<ExportedJobs> {
    return (await this.#running().ask({ type: 'export' })) as ExportedJobs
  }

  async close(): Promise<void> {
    const thread = this.#running()
    this.#thread = undefined
    try {
      // A thread that died has given the file back.
      if (thread.failure === undefined) await thread.ask({ type: 'close' })
    } finally {
      await thread.end()
    }
  }

  /** @returns the highest key */
  async #start(context: StoreContext, isFirst: boolean): Promise<number> {
    const thread = new SqliteThread(this.#data, (news) => {
      if (news.type === 'notice') context.notice(news.message)
      else context.setAside(news.row)
    })
    try {
      const owner = ownerText(context.owner)
      const highestKey = await thread.ask({ type: 'open', owner, isFirst })
      this.#thread = thread
      this.#context = context
      return Number(highestKey)
    } catch (error) {
      await thread.end()
      throw error
    }
  }

  /** The thread died: another one goes on with the file. */
  async #restart(): Promise<void> {
    const dead = this.#running()
    // Only when it is gone altogether its lock is, too.
    await dead.end()
    const context = this.#context
    if (context === undefined) throw new Error('the store is not open')
    await this.#start(context, false)
    context.notice(`its thread was lost, and started again: ${dead.failure?.message}`)
  }

  #askForJobs(afterKey: number): Promise<JobBlock> {
    const reply = this.#running().ask({ type: 'replay', afterKey }) as Promise<JobBlock>
    // Whoever gives the replay up does not wait for it.
    reply.catch(() => undefined)
    return reply
  }

  #running(): SqliteThread {
    if (this.#thread === undefined) throw new Error('the store is not open')
    return this.#thread
  }
}

function storedJob(job: PackedJob): StoredJob {
  return {
    key: job.key,
    functionName: job.functionName.toString('latin1'),
    unique: job.unique.toString('latin1'),
    reducer: job.reducer.toString('latin1'),
    priority: job.priority as StoredJob['priority'],
    data: job.data,
    runAtEpochSeconds: job.runAtEpochSeconds,
    acceptedAtMs: job.acceptedAtMs,
    retries: job.retries,
  }
}

function checkName(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new InvalidArgumentError(option, `must be a name, not ${show(value)}`)
  }
  return value
}
