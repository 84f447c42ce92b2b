import type { StoredJob } from '../stores/queue-store.ts'
import type { RowForm } from './insertions.ts'
import type { Value } from './mysql-session.ts'
import { hex, whole } from './sql-text.ts'

/** The columns of a job, in the order of its values. */
export const JOB_COLUMNS =
  'queue_id, job_key, function_name, unique_id, reducer, priority, run_at, accepted_at, retries, data'

const INSERT = `REPLACE INTO gearman_sdk_jobs (${JOB_COLUMNS}) VALUES `

/** Jobs as rows of their table. */
export function jobForm(queueId: number): RowForm<StoredJob> {
  return {
    insert: INSERT,
    bytesOf: bytesOfJob,
    rowOf: (job) => `(${jobText(job, queueId)})`,
    largeOf: (job) => [
      { sql: `${INSERT}(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, values: jobValues(job, queueId) },
    ],
  }
}

/** Of that in a job which may be large. */
export function bytesOfJob({ data, functionName }: StoredJob): number {
  return data.length + functionName.length
}

/** The values of a job as SQL. */
export function jobText(job: StoredJob, queueId: number): string {
  const { key, functionName, unique, reducer, priority, data } = job
  const names = `${hex(latin1(functionName))},${hex(latin1(unique))},${hex(latin1(reducer))}`
  const times = `${whole(job.runAtEpochSeconds)},${whole(job.acceptedAtMs)},${whole(job.retries)}`
  return `${queueId},${whole(key)},${names},${whole(priority)},${times},${hex(data)}`
}

/** The values of a job as parameters. */
export function jobValues(job: StoredJob, queueId: number): readonly Value[] {
  const names = [job.functionName, job.unique, job.reducer].map(latin1)
  const numbers = [job.priority, job.runAtEpochSeconds, job.acceptedAtMs, job.retries].map(whole)
  return [String(queueId), whole(job.key), ...names, ...numbers, job.data]
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
