import { type Job, jobData } from '../queue/job.ts'
import type { StoredJob } from './queue-store.ts'

/**
 * A job as a store gets it.
 *
 * @param clockStartMs - Unix time in milliseconds at which the clock of the job table began
 */
export function storedJob(job: Job, clockStartMs: number): StoredJob {
  return {
    key: job.number,
    functionName: job.queue.name,
    unique: job.unique,
    reducer: job.reducer,
    priority: job.priority,
    data: jobData(job),
    runAtEpochSeconds: job.runAtSeconds,
    acceptedAtMs: Math.floor(clockStartMs + job.acceptedAtMs),
    retries: job.retries,
  }
}
