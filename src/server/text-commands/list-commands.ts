import type { FunctionQueue } from '../queue/function-queue.ts'
import { clientCount, type Job, JobState } from '../queue/job.ts'
import { TextStream } from '../queue/text-stream.ts'
import { listFailed } from './failed-commands.ts'
import { priorityName } from './priority-name.ts'
import { readCount } from './read-count.ts'
import {
  formatName,
  formatTable,
  incompleteArguments,
  type TextCommand,
  type TextCommandContext,
  type TextReply,
  UNKNOWN_FUNCTION,
} from './text-command.ts'

/** What stands in the column STATE of `list jobs`. */
const STATES: readonly string[] = ((): string[] => {
  const names: string[] = []
  names[JobState.Uncommitted] = 'storing'
  names[JobState.Delayed] = 'delayed'
  names[JobState.Queued] = 'waiting'
  names[JobState.Running] = 'running'
  return names
})()

/** `list functions`, `list jobs FUNCTION [LIMIT]` and `list failed`: ours, gearmand has none of them. */
export const list: TextCommand = (words, context) => {
  const [command = '', what, name, limit] = words
  const wanted = what?.toLowerCase()
  if (wanted === undefined) return incompleteArguments(command)
  if (wanted === 'functions') return formatTable(context.table.functions.values(), formatFunction)
  if (wanted === 'failed') return listFailed(words, context)
  if (wanted !== 'jobs') return 'ERR UNKNOWN_LIST_ARGUMENTS\r\n'
  return name === undefined ? incompleteArguments(command) : listJobs(context, name, limit)
}

/** `NAME STATE WAITING DELAYED RUNNING WORKERS MAXHIGH MAXNORMAL MAXLOW`; 0 is no limit. */
function formatFunction(queue: FunctionQueue): string {
  const state = queue.isPaused ? 'paused' : 'active'
  const counts = [queue.queued, queue.delayed, queue.running, queue.workers, ...queue.limits]
  return `${formatName(queue.name)}\t${state}\t${counts.join('\t')}\n`
}

function listJobs(context: TextCommandContext, name: string, limit: string | undefined): TextReply {
  const queue = context.table.functions.get(name)
  if (queue === undefined) return UNKNOWN_FUNCTION
  return readCount(limit, (count) => new TextStream(jobRows(context, queue, count)))
}

/**
 * `HANDLE STATE PRIORITY BACKGROUND CLIENTS AGE RETRIES BYTES RUNAT WORKER UNIQUE`, in order of submission. A job of
 * another function is an empty piece: looking at it takes time as well.
 */
function* jobRows(
  { table }: TextCommandContext,
  queue: FunctionQueue,
  limit: number,
): Generator<string> {
  let left = Math.min(limit, queue.total)
  for (const job of left > 0 ? table.handles : []) {
    if (job.queue !== queue) {
      yield ''
      continue
    }
    const age = (table.ageMs(job) / 1000).toFixed(3)
    yield `${table.handles.format(job)}\t${formatState(job)}\t${age}\t${formatRest(job)}\n`
    left -= 1
    if (left === 0) break
  }
  yield '.\n'
}

function formatState(job: Job): string {
  const state = job.isCancelled ? 'cancelled' : STATES[job.state]
  const isBackground = job.isDurable || job.state === JobState.Uncommitted
  return `${state}\t${priorityName(job.priority)}\t${isBackground ? 1 : 0}\t${clientCount(job)}`
}

function formatRest(job: Job): string {
  const worker = job.worker?.id ?? '-'
  const { retries, length, runAtSeconds, unique } = job
  return `${retries}\t${length}\t${runAtSeconds}\t${worker}\t${formatName(unique)}`
}
