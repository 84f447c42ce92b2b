import { show } from '../../core/checks.ts'
import type { Job } from '../queue/job.ts'
import type { JobTable } from '../queue/job-table.ts'
import { type Payload, PayloadArena } from '../queue/payload-arena.ts'
import type { QueueStore, SetAsideRow, StoredJob } from './queue-store.ts'

/** What a replay found. */
export interface ReplayedJobs {
  readonly jobs: number
  readonly highestKey: number
}

/** 15 digits: the longest number that a handle holds. */
const MAX_KEY = 999_999_999_999_999

/** Puts the jobs of a store into the job table, one batch at a time. What is no job is set aside. */
export async function replayJobs(
  store: QueueStore,
  table: JobTable,
  setAside: (row: SetAsideRow) => void,
): Promise<ReplayedJobs> {
  const arena = new PayloadArena()
  let jobs = 0
  let highestKey = 0
  for await (const batch of store.replay()) {
    for (const stored of batch) {
      const problem = problemOf(stored, highestKey)
      if (problem !== undefined) {
        setAside({ row: `job ${show(stored?.key)}`, reason: problem })
        continue
      }
      highestKey = stored.key
      jobs += 1
      restoreJob(stored, table, arena.keep(stored.data, 0))
    }
  }
  return { jobs, highestKey }
}

/** Queues a job under the number that it has. */
export function restoreJob(stored: StoredJob, table: JobTable, payload: Payload): Job {
  const submission = {
    queue: table.openFunction(stored.functionName),
    unique: stored.unique,
    reducer: stored.reducer,
    priority: stored.priority,
    isBackground: true,
    runAtSeconds: stored.runAtEpochSeconds,
    body: stored.data,
    dataStart: 0,
    dataEnd: stored.data.length,
  }
  return table.restore(stored.key, submission, payload, stored)
}

/** A store may be anybody's: what it hands out is looked at before it is believed. What is wrong with a job? */
export function problemOf(stored: StoredJob, previousKey: number): string | undefined {
  const { key, functionName, unique, reducer, priority, data } = stored ?? {}
  if (!isCount(key) || key < 1 || key > MAX_KEY) return 'its key is no job number'
  if (key <= previousKey) return `its key is not higher than ${previousKey}, the one before`
  if (!isBytes(functionName) || functionName === '') return 'its function is no name'
  if (!isBytes(unique)) return 'its unique id is no text of latin1 characters'
  if (!isBytes(reducer)) return 'its reducer is no text of latin1 characters'
  if (priority !== 0 && priority !== 1 && priority !== 2) return 'its priority is not 0, 1 or 2'
  if (!Buffer.isBuffer(data)) return 'its data is no Buffer'
  return problemOfNumbers(stored)
}

function problemOfNumbers(stored: StoredJob): string | undefined {
  if (!isCount(stored.runAtEpochSeconds)) return 'its time to run is no number of seconds'
  if (!isCount(stored.acceptedAtMs)) return 'the time of its arrival is no number of milliseconds'
  return isCount(stored.retries) ? undefined : 'its count of retries is none'
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isBytes(value: unknown): value is string {
  return typeof value === 'string' && /^[\0-\xff]*$/.test(value)
}
