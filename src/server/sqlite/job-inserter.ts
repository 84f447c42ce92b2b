import type { Database, Statement } from './driver.ts'
import type { PackedJob } from './job-block.ts'

const COLUMNS = 9
/** How many rows one statement writes: each costs the driver a call of its own otherwise, more than SQLite takes for a row. */
const ROWS = 32

/** Writes jobs into their table, many with one statement. */
export class JobInserter {
  readonly #many: Statement
  readonly #one: Statement

  constructor(database: Database) {
    this.#many = database.prepare(insertInto(ROWS))
    this.#one = database.prepare(insertInto(1))
  }

  /** Writes all; one whose key is there takes its place. */
  insert(jobs: Iterable<PackedJob>): void {
    let parameters: unknown[] = []
    for (const job of jobs) {
      parameters.push(job.key, job.functionName, job.unique, job.reducer, job.priority)
      parameters.push(job.runAtEpochSeconds, job.acceptedAtMs, job.retries, job.data)
      if (parameters.length < ROWS * COLUMNS) continue
      this.#many.run(parameters)
      parameters = []
    }
    for (let at = 0; at < parameters.length; at += COLUMNS) {
      this.#one.run(parameters.slice(at, at + COLUMNS))
    }
  }
}

function insertInto(rows: number): string {
  const row = `(${Array.from({ length: COLUMNS }, () => '?').join(', ')})`
  const values = Array.from({ length: rows }, () => row).join(', ')
  return `INSERT OR REPLACE INTO gearman_sdk_jobs VALUES ${values}`
}
