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

/**
 * Jobs by what they coalesce by. GET_STATUS_UNIQUE asks without a function, so one map serves all
 * functions; jobs of several functions with one key are chained, the newest first.
 */
export class UniqueIndex {
  readonly #newest = new Map<string, Job>()

  /** The job of that function that a submission with this key joins. */
  find(queue: FunctionQueue, key: string): Job | undefined {
    let job = this.#newest.get(key)
    while (job !== undefined && job.queue !== queue) job = job.olderOfKey
    return job
  }

  /** The newest job with that unique id, of whatever function; `-` finds none, as in gearmand. */
  findUnique(unique: string): Job | undefined {
    return this.#newest.get(unique)
  }

  /** Makes a job findable, if it has a key. */
  add(job: Job): void {
    if (job.key === undefined) return
    job.olderOfKey = this.#newest.get(job.key)
    this.#newest.set(job.key, job)
  }

  /** Forgets a job; no harm when it is not there. */
  remove(job: Job): void {
    if (job.key === undefined) return
    const newest = this.#newest.get(job.key)
    if (newest === job) {
      if (job.olderOfKey === undefined) this.#newest.delete(job.key)
      else this.#newest.set(job.key, job.olderOfKey)
    } else {
      unlink(newest, job)
    }
    job.olderOfKey = undefined
  }
}

function unlink(newest: Job | undefined, job: Job): void {
  let at = newest
  while (at !== undefined && at.olderOfKey !== job) at = at.olderOfKey
  if (at !== undefined) at.olderOfKey = job.olderOfKey
}
