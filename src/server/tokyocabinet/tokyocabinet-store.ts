import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import { foldChanges } from '../stores/fold-changes.ts'
import { GearmandExport } from '../stores/gearmand-export.ts'
import { ownerText } from '../stores/owner-text.ts'
import type {
  ExportedJobs,
  OpenedStore,
  QueueChanges,
  QueueStore,
  StoreCapabilities,
  StoreContext,
  StoredJob,
} from '../stores/queue-store.ts'
import { GearmandFile } from './gearmand-file.ts'
import { gearmandKey, gearmandValue, keyProblems } from './gearmand-record.ts'
import { FIRST_JOB_KEY, META_KEYS, readRecord, recordKey, recordValue } from './job-record.ts'
import { type Library, loadLibrary } from './library.ts'
import { identityOf, TAKEN_OVER, takeOver } from './take-over.ts'
import { TreeFile, TreeFileInUse } from './tree-file.ts'

/** Options of {@link TokyocabinetStore}. */
export interface TokyocabinetStoreOptions {
  /**
   * gearmand's file (its option `--libtokyocabinet-file`), ending in `.tch` or `.tcb`; need not be there. Jobs in it
   * are taken over when the store is opened. The store's own file is beside it: this name and `.gearman-sdk`.
   */
  readonly file: string
}

/** Sizes are ints in the library; a job has some bytes beside its data. */
const MAX_DATA_BYTES = 1024 * 1024 * 1024

/** One batch of a replay: so many jobs, or so many bytes and at least one job. */
const BATCH_JOBS = 1000
const BATCH_BYTES = 4 * 1024 * 1024

const SCHEMA_VERSION = 1

/** What there is while the store is open. */
interface Opened {
  readonly library: Library
  readonly setAside: StoreContext['setAside']
  tree: TreeFile
  /** A disk that failed: the file is to be opened anew before the next commit. */
  isBroken: boolean
}

/**
 * Background jobs in a file of Tokyo Cabinet, for those who have their queue there:
 * `new GearmanServer({ store: new TokyocabinetStore({ file: '/var/lib/gearman/queue.tch' }) })`.
 *
 * Needs the package `koffi` and the library (Debian: `libtokyocabinet9`). A commit is one transaction that is
 * synced to the disk. SQLite is faster and better kept up.
 */
export class TokyocabinetStore implements QueueStore {
  readonly name: string
  /** What it promises. */
  readonly capabilities: StoreCapabilities = { isDurable: true, isAtomic: true, isExclusive: true }
  readonly #file: string
  #opened: Opened | undefined

  /** @throws InvalidArgumentError naming the option that is wrong */
  constructor(options: TokyocabinetStoreOptions) {
    const file: unknown = options?.file
    if (typeof file !== 'string' || !/^[^\0#]+\.tc[hb]$/.test(file)) {
      const problem = `must be a path that ends in .tch or .tcb, without #, not ${show(file)}`
      throw new InvalidArgumentError('file', problem)
    }
    this.name = `tokyocabinet ${file}`
    this.#file = resolve(file)
  }

  async open({ owner, setAside, notice }: StoreContext): Promise<OpenedStore> {
    const library = await loadLibrary()
    const tree = await this.#openTree(library)
    try {
      checkVersion(tree)
      // For the second server, which can read nothing else.
      writeFileSync(this.#ownerFile, ownerText(owner))
      const marked = Number(tree.get(META_KEYS.highestKey) ?? 0)
      const last = tree.last()
      const highest = Math.max(marked, Number(/^job (\d+)$/.exec(String(last?.key))?.[1] ?? 0))
      const taken = await takeOver(library, tree, this.#file, highest)
      for (const row of taken.setAside) setAside(row)
      if (taken.jobs > 0) {
        const moved = `${this.#file}, which is now ${this.#file}${TAKEN_OVER}`
        notice(`${taken.jobs} jobs were taken over from gearmand's ${moved}`)
      }
      await tree.write(new Map([[META_KEYS.version, Buffer.from(String(SCHEMA_VERSION))]]))
      this.#opened = { library, setAside, tree, isBroken: false }
      return { highestKey: taken.highestKey, maxDataBytes: MAX_DATA_BYTES }
    } catch (error) {
      await tree.close()
      throw error
    }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    const { tree, setAside } = this.#running()
    let from = Buffer.from(FIRST_JOB_KEY)
    for (;;) {
      const records = tree.from(from, BATCH_JOBS, BATCH_BYTES)
      const last = records.at(-1)
      if (last === undefined) return
      const jobs: StoredJob[] = []
      for (const { key, value } of records) {
        const job = readRecord(key, value)
        if (job !== undefined) jobs.push(job)
        else setAside({ row: `record ${show(key.toString('latin1'))}`, reason: 'it is no job' })
      }
      yield jobs
      from = Buffer.concat([last.key, Buffer.of(0)])
    }
  }

  async commit(changes: QueueChanges): Promise<void> {
    const opened = this.#running()
    const tree = await this.#usable(opened)
    const records = recordsOf(tree, changes)
    try {
      await tree.write(records)
    } catch (error) {
      opened.isBroken = true
      throw error
    }
  }

  async exportToGearmand(): Promise<ExportedJobs> {
    const { library, tree } = this.#running()
    const exported = new GearmandExport()
    const limits = { canDelay: true, problemOf: keyProblems() }
    const path = `${this.#file}.exporting${extname(this.#file)}`
    const file = await GearmandFile.open(library, path, 'wct')
    const removed = new Map<string, Buffer | undefined>()
    try {
      for await (const batch of this.replay()) {
        for (const job of batch) {
          const row = exported.take(job, limits)
          if (row === undefined) continue
          await file.put(gearmandKey(row.functionName, row.unique), gearmandValue(row))
          removed.set(recordKey(job.key), undefined)
        }
      }
    } catch (error) {
      await file.close()
      rmSync(path, { force: true })
      throw error
    }
    await file.finish()
    // Should this stop half-way, the file is known and not taken over: the jobs are still here then.
    await tree.write(new Map([[META_KEYS.knownFile, Buffer.from(identityOf(path))]]))
    renameSync(path, this.#file)
    await tree.write(removed.set(META_KEYS.knownFile, undefined))
    return exported.report(`file ${this.#file}`)
  }

  async close(): Promise<void> {
    const { tree } = this.#running()
    this.#opened = undefined
    rmSync(this.#ownerFile, { force: true })
    await tree.close()
  }

  get #treePath(): string {
    const path = `${this.#file}.gearman-sdk`
    // Two names of one file must not be two locks.
    return existsSync(path) ? realpathSync(path) : path
  }

  get #ownerFile(): string {
    return `${this.#treePath}.owner`
  }

  async #openTree(library: Library): Promise<TreeFile> {
    try {
      return await TreeFile.open(library, this.#treePath)
    } catch (cause) {
      if (!(cause instanceof TreeFileInUse)) throw cause
      throw new Error(`it is in use by ${this.#owner()}`, { cause })
    }
  }

  #owner(): string {
    try {
      return readFileSync(this.#ownerFile, 'utf8')
    } catch {
      return 'another server, which is just starting' // It has written nothing yet.
    }
  }

  /** The file, opened anew after a failure: the library takes nothing more with the old one. */
  async #usable(opened: Opened): Promise<TreeFile> {
    if (opened.isBroken) {
      await opened.tree.close().catch(() => undefined)
      opened.tree = await this.#openTree(opened.library)
      opened.isBroken = false
    }
    return opened.tree
  }

  #running(): Opened {
    if (this.#opened === undefined) throw new Error('the store is not open')
    return this.#opened
  }
}

function checkVersion(tree: TreeFile): void {
  const version = Number(tree.get(META_KEYS.version) ?? 0)
  if (version <= SCHEMA_VERSION) return
  throw new Error(
    `its records have version ${version}, made by a later gearman-sdk; this one knows version ${SCHEMA_VERSION}`,
  )
}

function recordsOf(tree: TreeFile, changes: QueueChanges): Map<string, Buffer | undefined> {
  const { added, updated, removed, highestKey } = foldChanges(changes)
  const records = new Map<string, Buffer | undefined>()
  for (const job of added) records.set(recordKey(job.key), recordValue(job))
  for (const [key, retries] of updated) {
    const name = recordKey(key)
    const value = tree.get(name)
    const job = value === undefined ? undefined : readRecord(Buffer.from(name), value)
    if (job !== undefined) records.set(name, recordValue({ ...job, retries }))
  }
  for (const key of removed) records.set(recordKey(key), undefined)
  if (highestKey !== undefined) records.set(META_KEYS.highestKey, Buffer.from(String(highestKey)))
  return records
}
