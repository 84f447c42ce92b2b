import type { StoredOutcome } from '../stores/queue-store.ts'
import type { Batch, RowForm } from './insertions.ts'
import { bytesOfJob, JOB_COLUMNS, jobText, jobValues } from './job-form.ts'
import { hex, whole } from './sql-text.ts'

const INSERT = `REPLACE INTO gearman_sdk_outcomes (${JOB_COLUMNS}, kind, can_requeue, ended_at, output) VALUES `
const SET_OUTPUT = 'UPDATE gearman_sdk_outcomes SET output = ? WHERE queue_id = ? AND job_key = ?'

/** Jobs that are over as rows of their table. */
export function outcomeForm(queueId: number): RowForm<StoredOutcome> {
  return {
    insert: INSERT,
    bytesOf: ({ job, output }) => bytesOfJob(job) + output.length,
    rowOf: ({ job, kind, canRequeue, endedAtMs, output }) => {
      const ending = `${hex(Buffer.from(kind))},${flag(canRequeue)},${whole(endedAtMs)}`
      return `(${jobText(job, queueId)},${ending},${hex(output)})`
    },
    largeOf: (outcome) => largeStatements(outcome, queueId),
  }
}

/** The data and the output may each be as large as a packet, so they go in two. */
function largeStatements(outcome: StoredOutcome, queueId: number): readonly Batch[] {
  const { job, kind, canRequeue, endedAtMs, output } = outcome
  const ending = [kind, flag(canRequeue), whole(endedAtMs), Buffer.alloc(0)]
  const places = new Array<string>(14).fill('?').join(', ')
  return [
    { sql: `${INSERT}(${places})`, values: [...jobValues(job, queueId), ...ending] },
    { sql: SET_OUTPUT, values: [output, String(queueId), whole(job.key)] },
  ]
}

function flag(value: boolean): string {
  return value ? '1' : '0'
}
