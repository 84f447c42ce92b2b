import { randomBytes } from 'node:crypto'
import type { ExportedJobs, StoredJob } from './queue-store.ts'

/** A job in the form in which each of gearmand's stores keeps it; names are latin1 characters, as in {@link StoredJob}. */
export interface GearmandJob {
  readonly functionName: string
  readonly unique: string
  readonly priority: StoredJob['priority']
  readonly data: Buffer
  readonly runAtEpochSeconds: number
}

/** What a store of gearmand can hold. */
export interface GearmandLimits {
  /** Whether it keeps the time to run. */
  readonly canDelay: boolean
  /** Why it cannot hold a job, beyond what none of them can; to be read behind a number of jobs. */
  problemOf?(job: StoredJob): string | undefined
  /** What a job loses that is moved; to be read in the same way. */
  changeOf?(job: StoredJob): string | undefined
}

/** What is said of jobs whose function is longer than gearmand or its store can take. */
export const LONG_FUNCTION = 'have a task name too long for gearmand'

/** Beyond, gearmand has trouble to run a job. */
const MAX_FUNCTION_BYTES = 8192
/** gearmand takes 64 bytes, and then spoils the data. */
const MAX_UNIQUE_BYTES = 63

const NEW_UNIQUE = 'got a unique id: gearmand keeps one job of a task without'
const FORGOTTEN_RETRIES = 'lost the count of workers that were lost with them'

/**
 * Decides what of a queue gearmand can hold, and counts it.
 *
 * Its key is unique id and function. A job without an id of its own (empty or `-`) gets a random one, or the
 * second of them would overwrite the first. What would run as something else than was submitted stays here.
 */
export class GearmandExport {
  readonly #seen = new Set<string>()
  readonly #changed = new Map<string, number>()
  readonly #kept = new Map<string, number>()
  #moved = 0

  /** What gearmand is given for a job; `undefined` when the job stays in the store. */
  take(job: StoredJob, limits: GearmandLimits): GearmandJob | undefined {
    const { functionName, priority, data, runAtEpochSeconds, retries } = job
    const unique = gearmandUnique(job.unique)
    const key = `${functionName}\0${unique}`
    const problem = this.#problemOf(job, key, limits.canDelay) ?? limits.problemOf?.(job)
    if (problem !== undefined) {
      count(this.#kept, problem)
      return undefined
    }
    if (unique === job.unique) this.#seen.add(key)
    else count(this.#changed, NEW_UNIQUE)
    if (retries > 0) count(this.#changed, FORGOTTEN_RETRIES)
    const change = limits.changeOf?.(job)
    if (change !== undefined) count(this.#changed, change)
    this.#moved += 1
    return { functionName, unique, priority, data, runAtEpochSeconds }
  }

  /** @param place - where gearmand finds the jobs, in words */
  report(place: string): ExportedJobs {
    return { place, moved: this.#moved, changed: notes(this.#changed), kept: notes(this.#kept) }
  }

  #problemOf(job: StoredJob, key: string, canDelay: boolean): string | undefined {
    const { functionName, unique, reducer, runAtEpochSeconds } = job
    if (reducer !== '') return 'have a reducer, which gearmand does not keep'
    if (functionName.length > MAX_FUNCTION_BYTES) return LONG_FUNCTION
    if (unique.length > MAX_UNIQUE_BYTES) return 'have a unique id too long for gearmand'
    if (!canDelay && runAtEpochSeconds > 0)
      return 'have a time to run, which gearmand does not keep'
    return this.#seen.has(key) ? 'have the task and unique id of another one' : undefined
  }
}

function gearmandUnique(unique: string): string {
  return unique === '' || unique === '-' ? randomBytes(16).toString('hex') : unique
}

function count(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}

function notes(counts: ReadonlyMap<string, number>): ExportedJobs['kept'] {
  return Array.from(counts, ([reason, jobs]) => ({ jobs, reason }))
}
