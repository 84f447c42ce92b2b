import type { StoredOutcome } from '../stores/queue-store.ts'
import type { Database, Statement } from './driver.ts'
import { type JobRow, jobOfRow } from './job-row.ts'
import { type OutcomeBlock, packOutcomes, unpackOutcomes } from './outcome-block.ts'

/** One batch of a replay: so many outcomes, or so many bytes and at least one. */
const BATCH_OUTCOMES = 1000
const BATCH_BYTES = 4 * 1024 * 1024

/** The table of jobs that are over and kept. */
export class OutcomeTable {
  readonly #database: Database
  readonly #insert: Statement
  readonly #remove: Statement

  constructor(database: Database) {
    this.#database = database
    const places = new Array<string>(13).fill('?').join(', ')
    this.#insert = database.prepare(
      `INSERT OR REPLACE INTO gearman_sdk_outcomes VALUES (${places})`,
    )
    this.#remove = database.prepare('DELETE FROM gearman_sdk_outcomes WHERE key = ?')
  }

  /** Inside of a transaction. */
  write(outcomes: OutcomeBlock | undefined, forgotten: readonly number[]): void {
    for (const { job, kind, canRequeue, endedAtMs, output } of outcomes === undefined
      ? []
      : unpackOutcomes(outcomes)) {
      const { key, functionName, unique, reducer, priority, data } = job
      const times = [job.runAtEpochSeconds, job.acceptedAtMs, job.retries]
      const ending = [kind, canRequeue ? 1 : 0, endedAtMs, output]
      this.#insert.run([key, functionName, unique, reducer, priority, ...times, data, ...ending])
    }
    for (const key of forgotten) this.#remove.run([key])
  }

  /** The next batch behind a key; empty at the end. */
  read(afterKey: number): OutcomeBlock {
    const sizes = this.#database
      .prepare(
        `SELECT key, length(data) + length(output) AS bytes FROM gearman_sdk_outcomes
         WHERE key > ? ORDER BY key LIMIT ${BATCH_OUTCOMES}`,
      )
      .all([afterKey]) as { readonly key: number; readonly bytes: number }[]
    let lastKey = sizes[0]?.key ?? afterKey
    let total = 0
    for (const { key, bytes } of sizes) {
      total += bytes
      if (total > BATCH_BYTES) break
      lastKey = key
    }
    const rows = this.#database
      .prepare('SELECT * FROM gearman_sdk_outcomes WHERE key > ? AND key <= ? ORDER BY key')
      .raw()
      .all([afterKey, lastKey]) as OutcomeRow[]
    return packOutcomes(rows.map(outcomeOfRow))
  }
}

/** In the order of the columns. */
type OutcomeRow = readonly [
  ...job: JobRow,
  kind: StoredOutcome['kind'],
  canRequeue: number,
  endedAtMs: number,
  output: Buffer,
]

function outcomeOfRow(row: OutcomeRow): StoredOutcome {
  const [kind, canRequeue, endedAtMs, output] = row.slice(9) as unknown as readonly [
    StoredOutcome['kind'],
    number,
    number,
    Buffer,
  ]
  const job = jobOfRow(row.slice(0, 9) as unknown as JobRow)
  return { job, kind, canRequeue: canRequeue === 1, endedAtMs, output }
}
