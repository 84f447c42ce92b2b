import { hostname } from 'node:os'
import { createLog } from '../../core/log.ts'
import { GearmanError, GearmanErrorCode, StoreError } from '../../errors.ts'
import type { StoreObserver } from '../queue/job-commits.ts'
import type { JobTable } from '../queue/job-table.ts'
import type { QueueStore, SetAsideRow, StoreContext } from './queue-store.ts'
import { replayJobs } from './replay-jobs.ts'
import { replayOutcomes } from './replay-outcomes.ts'
import type { StoreReports } from './store-reports.ts'

const log = createLog('server')

/** Opens the store of a server, puts its jobs into the job table, and closes it in the end. */
export class StoreKeeper implements StoreObserver {
  readonly #store: QueueStore
  readonly #table: () => JobTable
  readonly #reports: StoreReports
  #isOpen = false
  #setAsideCount = 0

  /** @param table - asked for when it is needed: the table is made with its observer */
  constructor(store: QueueStore, table: () => JobTable, reports: StoreReports) {
    this.#store = store
    this.#table = table
    this.#reports = reports
  }

  /**
   * Opens the store and replays it; then everything that the store holds is in the job table.
   *
   * Rejects with StoreError, and has closed the store then.
   */
  async open(): Promise<void> {
    this.#setAsideCount = 0
    try {
      const opened = await this.#store.open(this.#context())
      this.#isOpen = true
      await this.#replay(opened.highestKey, opened.maxDataBytes)
    } catch (error) {
      await this.close()
      throw this.#wrapped('cannot be used', error)
    }
  }

  /** Closes the store if it is open. What is queued stays in it. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    try {
      await this.#store.close()
    } catch (error) {
      this.#reports.onFailed({ error: this.#wrapped('cannot be closed', error), refusedJobs: 0 })
    }
  }

  /** Writes what is still to be written and closes. */
  async end(): Promise<void> {
    if (!this.#isOpen) return
    const table = this.#table()
    await table.commits?.end(table.handles.lastNumber)
    await this.close()
  }

  onStoreFailed(error: unknown, refusedJobs: number): void {
    this.#reports.onFailed({ error: this.#wrapped('does not take changes', error), refusedJobs })
  }

  onStoreRecovered(): void {
    log('%s takes changes again', this.#store.name)
    this.#reports.onRecovered()
  }

  onStoreIdle(): void {
    this.#reports.onIdle()
  }

  async #replay(markedKey: number, maxDataBytes: number | undefined): Promise<void> {
    const table = this.#table()
    const { jobs, highestKey } = await replayJobs(this.#store, table, (row) => this.#setAside(row))
    table.handles.continueAfter(Math.max(markedKey, highestKey))
    await this.#replayOutcomes(table)
    if (table.commits !== undefined) {
      table.commits.maxDataBytes = maxDataBytes ?? Number.POSITIVE_INFINITY
      await table.commits.start()
    }
    const setAside = this.#setAsideCount
    log('%s: %d jobs, %d rows set aside', this.#store.name, jobs, setAside)
    this.#reports.onReplayed({ jobs, setAside })
  }

  async #replayOutcomes(table: JobTable): Promise<void> {
    const { capabilities } = this.#store
    if (capabilities?.keepsOutcomes === true) {
      await replayOutcomes(this.#store, table, (row) => this.#setAside(row))
    } else if (table.outcomes.isOn) {
      this.#notice('it keeps no failed jobs and results: they are in memory only')
    }
  }

  #context(): StoreContext {
    return {
      owner: { hostname: hostname(), pid: process.pid, since: new Date() },
      setAside: (row) => this.#setAside(row),
      notice: (message) => this.#notice(message),
    }
  }

  #notice(message: string): void {
    log('%s: %s', this.#store.name, message)
    this.#reports.onNotice(message)
  }

  #setAside(row: SetAsideRow): void {
    this.#setAsideCount += 1
    log('%s: %s was set aside: %s', this.#store.name, row.row, row.reason)
    this.#reports.onSetAside(row)
  }

  #wrapped(problem: string, cause: unknown): StoreError {
    if (isStoreError(cause)) return cause
    const { name } = this.#store
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new StoreError(`${name} ${problem}: ${reason}`, { store: name, cause })
  }
}

/** Also one of another copy of the package. */
function isStoreError(error: unknown): error is StoreError {
  return GearmanError.is(error) && error.code === GearmanErrorCode.Store
}
