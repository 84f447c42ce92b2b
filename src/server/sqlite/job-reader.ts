import type { Database, Statement } from './driver.ts'
import type { JobBlock } from './job-block.ts'

/** One batch of a replay: so many jobs, or so many bytes of data and at least one job. */
const MAX_JOBS = 2000
const MAX_BYTES = 4 * 1024 * 1024

/** Where the next jobs end, and how much data they have. */
const MEASURE = `SELECT max(key), sum(bytes) FROM (
    SELECT key, length(data) AS bytes FROM gearman_sdk_jobs WHERE key > ? ORDER BY key LIMIT ?
  )`

/** In the order of the numbers and the bytes of a {@link JobBlock}. */
const READ = `SELECT group_concat(numbers, ' '), CAST(group_concat(bytes, '') AS BLOB) FROM (
    SELECT key || ' ' || run_at || ' ' || accepted_at || ' ' || retries || ' ' || priority || ' ' ||
      length(function_name) || ' ' || length(unique_id) || ' ' || length(reducer) || ' ' || length(data) AS numbers,
      function_name || unique_id || reducer || data AS bytes
    FROM gearman_sdk_jobs WHERE key > ? AND key <= ? ORDER BY key
  )`

/**
 * Reads the table of jobs in blocks that SQLite puts together: the driver makes an object of each value that it
 * hands out, and a million jobs have nine million. `||` joins bytes as they are in a database of UTF-8.
 */
export class JobReader {
  readonly #measure: Statement
  readonly #read: Statement
  /** The larger the jobs, the fewer in a batch. */
  #jobs = MAX_JOBS

  constructor(database: Database) {
    this.#measure = database.prepare(MEASURE).raw()
    this.#read = database.prepare(READ).raw()
  }

  /** The jobs behind a key, so many as fit into one batch; none at the end. */
  read(afterKey: number): JobBlock {
    const lastKey = this.#endOfBatch(afterKey)
    if (lastKey === undefined) return { numbers: new Float64Array(0), bytes: new ArrayBuffer(0) }
    const [numbers, bytes] = this.#read.get([afterKey, lastKey]) as readonly [string, Buffer]
    const { buffer, byteOffset, byteLength } = bytes
    return {
      numbers: Float64Array.from(numbers.split(' '), Number),
      bytes: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
    }
  }

  #endOfBatch(afterKey: number): number | undefined {
    this.#jobs = Math.min(2 * this.#jobs, MAX_JOBS)
    for (;;) {
      const [lastKey, bytes] = this.#measure.get([afterKey, this.#jobs]) as readonly (
        | number
        | null
      )[]
      if (lastKey === null || lastKey === undefined) return undefined
      if ((bytes ?? 0) <= MAX_BYTES || this.#jobs === 1) return lastKey
      this.#jobs = Math.ceil(this.#jobs / 4)
    }
  }
}
