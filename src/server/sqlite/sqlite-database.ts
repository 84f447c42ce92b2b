import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ExportedJobs, StoredJob } from '../stores/queue-store.ts'
import { wrongTable } from '../stores/wrong-table.ts'
import { type Database, loadDriver, type Statement } from './driver.ts'
import { exportToTable } from './export-table.ts'
import { importGearmandTable } from './gearmand-table.ts'
import { type JobBlock, unpackJobs } from './job-block.ts'
import { JobInserter } from './job-inserter.ts'
import { JobReader } from './job-reader.ts'
import { type JobRow, jobOfRow } from './job-row.ts'
import type { ThreadData, ThreadNews, ThreadRequest } from './messages.ts'
import type { OutcomeBlock } from './outcome-block.ts'
import { OutcomeTable } from './outcome-table.ts'
import { migrate, readMeta, writeMeta } from './schema.ts'
import { BUSY_TIMEOUT_MS, releaseLock, takeLock } from './sqlite-lock.ts'

/** One batch of an export: so many jobs, or so many bytes of data and at least one job. */
const BATCH_JOBS = 1000
const BATCH_BYTES = 4 * 1024 * 1024

/** How long the write-ahead log may stay when it has been longer. */
const MAX_IDLE_LOG_BYTES = 16 * 1024 * 1024

type Commit = Extract<ThreadRequest, { readonly type: 'commit' }>

interface Connections {
  readonly database: Database
  readonly lock: Database
  readonly jobs: JobReader
  readonly inserter: JobInserter
  readonly update: Statement
  readonly remove: Statement
  readonly outcomes: OutcomeTable
}

/** The file of a store. Everything here blocks: it runs in a thread of its own. */
export class SqliteDatabase {
  readonly #data: ThreadData
  readonly #tell: (news: ThreadNews) => void
  #open: Connections | undefined

  constructor(data: ThreadData, tell: (news: ThreadNews) => void) {
    this.#data = data
    this.#tell = tell
  }

  /**
   * @param isFirst - whether a replay follows: only then may jobs of gearmand's come in
   * @returns the highest key
   */
  async open(owner: string, isFirst: boolean): Promise<number> {
    const Driver = await loadDriver()
    checkPath(this.#data.path)
    // Two names of one file must not be two locks.
    const path = existsSync(this.#data.path) ? realpathSync(this.#data.path) : this.#data.path
    const lock = takeLock(Driver, path)
    try {
      const database = new Driver(path, { timeout: BUSY_TIMEOUT_MS })
      try {
        this.#prepare(database, owner, isFirst)
        this.#open = { database, lock, ...prepareStatements(database) }
        return highestKey(database)
      } catch (error) {
        database.close()
        throw error
      }
    } catch (error) {
      releaseLock(lock)
      throw error
    }
  }

  /** The next batch of jobs behind a key; empty at the end. */
  replay(afterKey: number): JobBlock {
    return this.#connections().jobs.read(afterKey)
  }

  /** All that gearmand can hold goes into its table, in one transaction. */
  export(): ExportedJobs {
    const { database } = this.#connections()
    database.exec('BEGIN IMMEDIATE')
    try {
      const exported = exportToTable(database, this.#data.gearmandTable, allJobs(database))
      database.exec('COMMIT')
      return exported
    } catch (error) {
      rollBack(database)
      throw error
    }
  }

  /** The next batch of outcomes behind a key; empty at the end. */
  replayOutcomes(afterKey: number): OutcomeBlock {
    return this.#connections().outcomes.read(afterKey)
  }

  /** One transaction; it is on the disk when this returns. */
  commit({ added, updated, removed, outcomes, forgotten, highestKey: mark }: Commit): void {
    const { database, inserter, update, remove, outcomes: table } = this.#connections()
    database.exec('BEGIN IMMEDIATE')
    try {
      inserter.insert(unpackJobs(added))
      for (const { key, retries } of updated) update.run([retries, key])
      for (const key of removed) remove.run([key])
      table.write(outcomes, forgotten)
      if (mark !== undefined) writeMeta(database, 'highest_key', mark)
      database.exec('COMMIT')
    } catch (error) {
      rollBack(database)
      throw error
    }
  }

  /** Gives the file back. */
  close(): void {
    const { database, lock } = this.#connections()
    this.#open = undefined
    try {
      database.exec("DELETE FROM gearman_sdk_meta WHERE name = 'owner'")
      database.close()
    } finally {
      releaseLock(lock)
    }
  }

  #connections(): Connections {
    if (this.#open === undefined) throw new Error('the store is not open')
    return this.#open
  }

  #prepare(database: Database, owner: string, isFirst: boolean): void {
    try {
      checkEncoding(database)
      const mode = database.prepare('PRAGMA journal_mode = WAL').get([])
      // FULL: the promise of a commit is kept by an fsync of the log at each of them.
      database.exec('PRAGMA synchronous = FULL')
      // SQLite writes the log into the file at 4 MiB and uses it again; what one large commit made it is cut off.
      database.exec(`PRAGMA journal_size_limit = ${MAX_IDLE_LOG_BYTES}`)
      migrate(database)
      database.exec('BEGIN IMMEDIATE')
      writeMeta(database, 'owner', owner)
      if (isFirst) this.#import(database)
      database.exec('COMMIT')
      if ((mode as { readonly journal_mode: string }).journal_mode !== 'wal') {
        const message = 'the file system allows no write-ahead log: commits are slower'
        this.#tell({ type: 'notice', message })
      }
    } catch (error) {
      rollBack(database)
      throw error
    }
  }

  #import(database: Database): void {
    const { gearmandTable, isGearmandTableNamed } = this.#data
    const imported = importGearmandTable(database, gearmandTable, highestKey(database) + 1)
    if (typeof imported === 'string') {
      const problem = wrongTable(gearmandTable, imported, isGearmandTableNamed)
      if (problem !== undefined) this.#tell({ type: 'notice', message: problem })
      return
    }
    for (const row of imported.setAside) this.#tell({ type: 'setAside', row })
    if (imported.jobs === 0) return
    this.#tell({
      type: 'notice',
      message: `${imported.jobs} jobs of gearmand's table ${gearmandTable} were moved into its own`,
    })
  }
}

/**
 * The driver says "unable to open", whatever is wrong.
 *
 * @throws Error that says what keeps a file from being opened or made there
 */
function checkPath(path: string): void {
  accessSync(dirname(path), constants.W_OK | constants.X_OK)
  if (!existsSync(path)) return
  if (!statSync(path).isFile()) throw new Error('it is no file')
  accessSync(path, constants.R_OK | constants.W_OK)
}

/** @throws Error for a file in which text is not what its bytes are */
function checkEncoding(database: Database): void {
  const { encoding } = database.prepare('PRAGMA encoding').get([]) as { readonly encoding: string }
  if (encoding !== 'UTF-8') throw new Error(`its text is ${encoding}; only UTF-8 will do`)
}

function prepareStatements(database: Database): Omit<Connections, 'database' | 'lock'> {
  return {
    jobs: new JobReader(database),
    inserter: new JobInserter(database),
    update: database.prepare('UPDATE gearman_sdk_jobs SET retries = ? WHERE key = ?'),
    remove: database.prepare('DELETE FROM gearman_sdk_jobs WHERE key = ?'),
    outcomes: new OutcomeTable(database),
  }
}

function highestKey(database: Database): number {
  const row = database.prepare('SELECT max(key) AS key FROM gearman_sdk_jobs').get([])
  const { key } = row as { readonly key: number | null }
  return Math.max(Number(readMeta(database, 'highest_key') ?? 0), key ?? 0)
}

function rollBack(database: Database): void {
  // Some errors roll back by themselves.
  if (database.inTransaction) database.exec('ROLLBACK')
}

/** The jobs behind a key, so many as fit into one batch; none at the end. */
function jobsAfter(database: Database, afterKey: number): StoredJob[] {
  const sizes = database
    .prepare(
      `SELECT key, length(data) AS bytes FROM gearman_sdk_jobs WHERE key > ? ORDER BY key LIMIT ${BATCH_JOBS}`,
    )
    .all([afterKey]) as { readonly key: number; readonly bytes: number }[]
  let lastKey = sizes[0]?.key ?? afterKey
  let total = 0
  for (const { key, bytes } of sizes) {
    total += bytes
    if (total > BATCH_BYTES) break
    lastKey = key
  }
  const rows = database
    .prepare('SELECT * FROM gearman_sdk_jobs WHERE key > ? AND key <= ? ORDER BY key')
    .raw()
    .all([afterKey, lastKey]) as JobRow[]
  return rows.map(jobOfRow)
}

function* allJobs(database: Database): Generator<readonly StoredJob[]> {
  let jobs = jobsAfter(database, 0)
  while (jobs.length > 0) {
    yield jobs
    jobs = jobsAfter(database, jobs.at(-1)?.key ?? 0)
  }
}
