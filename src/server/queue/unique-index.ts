import { createHash } from 'node:crypto'
import type { FunctionQueue } from './function-queue.ts'
import type { Job } from './job.ts'
import { type Submission, submittedData } from './submission.ts'

/** Up to this length data is its own key; beyond it a digest is. */
const SHORT_DATA_BYTES = 64

/**
 * What a submission coalesces by, within its function: the unique id itself, or for `-` the data.
 *
 * Never for an empty unique, nor for `-` without data (gearmand `libgearman-server/job.cc`
 * gearman_server_job_add_reducer). A unique holds no NUL, so the two kinds of keys cannot meet.
 */
export function coalescingKey(submission: Submission): string | undefined {
  const { unique } = submission
  if (unique === '') return undefined
  if (unique !== '-') return unique
  const data = submittedData(submission)
  if (data.length === 0) return undefined
  if (data.length <= SHORT_DATA_BYTES) return `-\0${data.toString('latin1')}`
  return `-\0${data.length}\0${createHash('sha256').update(data).digest('base64')}`
}

/** Of a chain that is longer a table is made. */
const MAX_STEPS = 16

/**
 * Jobs by what they coalesce by. GET_STATUS_UNIQUE asks without a function, so one map serves all
 * functions; jobs of several functions with one key are chained, the newest first.
 */
export class UniqueIndex {
  readonly #newest = new Map<string, Job>()
  /** The chains in which somebody had to go far. Usually there are none. */
  readonly #tables = new Map<string, Map<FunctionQueue, Job>>()

  /** The job of that function that a submission with this key joins. */
  find(queue: FunctionQueue, key: string): Job | undefined {
    let job = this.#newest.get(key)
    for (let steps = 0; job !== undefined && job.queue !== queue; steps += 1) {
      if (steps === MAX_STEPS) return this.#tableOf(key).get(queue)
      job = job.olderOfKey
    }
    return job
  }

  /** The newest job with that unique id, of whatever function; `-` finds none, as in gearmand. */
  findUnique(unique: string): Job | undefined {
    return this.#newest.get(unique)
  }

  /** Makes a job findable, if it has a key. */
  add(job: Job): void {
    if (job.key === undefined) return
    const older = this.#newest.get(job.key)
    this.#newest.set(job.key, job)
    if (older === undefined) return
    job.olderOfKey = older
    older.newerOfKey = job
    if (this.#tables.size > 0) this.#tables.get(job.key)?.set(job.queue, job)
  }

  /** Forgets a job; no harm when it is not there. */
  remove(job: Job): void {
    const { key, olderOfKey, newerOfKey } = job
    if (key === undefined) return
    if (newerOfKey !== undefined) newerOfKey.olderOfKey = olderOfKey
    else if (this.#newest.get(key) !== job) return
    else if (olderOfKey !== undefined) this.#newest.set(key, olderOfKey)
    else this.#newest.delete(key)
    if (olderOfKey !== undefined) olderOfKey.newerOfKey = newerOfKey
    job.olderOfKey = undefined
    job.newerOfKey = undefined
    if (this.#tables.size > 0) this.#removeFromTable(key, job)
  }

  #tableOf(key: string): Map<FunctionQueue, Job> {
    let table = this.#tables.get(key)
    if (table === undefined) {
      table = new Map()
      for (let job = this.#newest.get(key); job !== undefined; job = job.olderOfKey) {
        table.set(job.queue, job)
      }
      this.#tables.set(key, table)
    }
    return table
  }

  #removeFromTable(key: string, job: Job): void {
    const table = this.#tables.get(key)
    table?.delete(job.queue)
    if (table?.size === 0) this.#tables.delete(key)
  }
}
