import type { JobTable } from '../queue/job-table.ts'
import { TextStream } from '../queue/text-stream.ts'
import type { StoredOutcome } from '../stores/queue-store.ts'
import { restoreJob } from '../stores/replay-jobs.ts'
import { priorityName } from './priority-name.ts'
import { readCount } from './read-count.ts'
import {
  formatName,
  incompleteArguments,
  type TextCommand,
  type TextReply,
} from './text-command.ts'

/** So much of an exception is in a list; all of it is kept. */
const LISTED_EXCEPTION_BYTES = 4096

const NOT_KEPT = 'ERR NOT_KEPT This+server+does+not+keep+failed+jobs\r\n'

/** `list failed [FUNCTION|all] [LIMIT]`, the oldest first. */
export const listFailed: TextCommand = ([, , name = 'all', limit], { table }) => {
  const { outcomes } = table
  if (outcomes.failed === undefined) return NOT_KEPT
  return readCount(limit, (most) => new TextStream(failedRows(table, name, most)))
}

/** `requeue failed HANDLE|FUNCTION|all`: `OK N`, so many are queued again under their handles. */
export const requeue: TextCommand = (words, { table }) =>
  onFailed(words, table, (outcome) => requeueJob(table, outcome))

/** `purge failed HANDLE|FUNCTION|all`: `OK N`, so many are kept no more. */
export const purgeFailed: TextCommand = (words, { table }) =>
  onFailed(words, table, (outcome) => table.outcomes.purge(outcome))

/** Puts a failed job at the end of its queue, due at once, as if no worker had ever had it. */
function requeueJob(table: JobTable, outcome: StoredOutcome): void {
  const { data, ...past } = table.outcomes.take(outcome)
  const stored = { ...past, data, runAtEpochSeconds: 0, retries: 0 }
  const job = restoreJob(stored, table, { bytes: data, offset: 0, length: data.length })
  table.commits?.requeue(job)
}

function onFailed(
  words: readonly string[],
  table: JobTable,
  change: (outcome: StoredOutcome) => void,
): TextReply {
  const [command = '', what, which, ...more] = words
  if (what?.toLowerCase() !== 'failed' || which === undefined || more.length > 0) {
    return incompleteArguments(command)
  }
  const { failed } = table.outcomes
  if (failed === undefined) return NOT_KEPT
  const bytes = Buffer.from(which, 'latin1')
  const key = table.handles.parse(bytes, 0, bytes.length)
  const outcome = key === undefined ? undefined : failed.get(key)
  if (outcome === undefined) {
    return new TextStream(changeFailed(table, which, change), { mustFinish: true })
  }
  change(outcome)
  return 'OK 1\r\n'
}

/** Those that fail meanwhile are left out: a job that is queued again may fail at once, for ever. */
function* changeFailed(
  table: JobTable,
  name: string,
  change: (outcome: StoredOutcome) => void,
): Generator<string> {
  let count = 0
  let left = table.outcomes.failed?.size ?? 0
  for (const outcome of table.outcomes.listFailed()) {
    if (left === 0 || table.isStopped) break
    left -= 1
    if (isOf(outcome, name)) {
      change(outcome)
      count += 1
    }
    yield ''
  }
  yield `OK ${count}\r\n`
}

function* failedRows(table: JobTable, name: string, limit: number): Generator<string> {
  let left = Math.min(limit, table.outcomes.failed?.size ?? 0)
  for (const outcome of left > 0 ? table.outcomes.listFailed() : []) {
    if (!isOf(outcome, name)) {
      yield ''
      continue
    }
    yield `${table.handles.formatNumber(outcome.job.key)}\t${formatFailed(outcome)}\n`
    left -= 1
    if (left === 0) break
  }
  yield '.\n'
}

/** `all` is the name of all. */
function isOf({ job }: StoredOutcome, name: string): boolean {
  return name === 'all' || job.functionName === name
}

/** `HANDLE FUNCTION REASON PRIORITY ACCEPTED FAILED RETRIES BYTES EXCEPTIONBYTES EXCEPTION UNIQUE` */
function formatFailed({ job, kind, endedAtMs, output }: StoredOutcome): string {
  const { functionName, priority, acceptedAtMs, retries, data, unique } = job
  const exception = output.toString('base64', 0, LISTED_EXCEPTION_BYTES) || '-'
  const columns = [
    formatName(functionName),
    kind,
    priorityName(priority),
    formatTime(acceptedAtMs),
    formatTime(endedAtMs),
    retries,
    data.length,
    output.length,
    exception,
    formatName(unique),
  ]
  return columns.join('\t')
}

/** Unix time in seconds. */
function formatTime(unixMs: number): string {
  return (unixMs / 1000).toFixed(3)
}
