import type { StoredJob } from '../stores/queue-store.ts'

/** A row of the table of jobs, in the order of the columns. */
export type JobRow = readonly [
  key: number,
  functionName: Buffer,
  unique: Buffer,
  reducer: Buffer,
  priority: StoredJob['priority'],
  runAtEpochSeconds: number,
  acceptedAtMs: number,
  retries: number,
  data: Buffer,
]

/** The job in a row. */
export function jobOfRow(row: JobRow): StoredJob {
  return {
    key: row[0],
    functionName: row[1].toString('latin1'),
    unique: row[2].toString('latin1'),
    reducer: row[3].toString('latin1'),
    priority: row[4],
    data: row[8],
    runAtEpochSeconds: row[5],
    acceptedAtMs: row[6],
    retries: row[7],
  }
}
