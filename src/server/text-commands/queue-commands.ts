import type { FunctionQueue } from '../queue/function-queue.ts'
import { JobState } from '../queue/job.ts'
import type { JobTable } from '../queue/job-table.ts'
import { TextStream } from '../queue/text-stream.ts'
import { purgeFailed } from './failed-commands.ts'
import { readCount } from './read-count.ts'
import {
  incompleteArguments,
  OK,
  type TextCommand,
  type TextReply,
  UNKNOWN_FUNCTION,
} from './text-command.ts'

/** `pause function NAME`: no worker gets a job of it until it is resumed; submissions are taken. */
export const pause: TextCommand = (words, { table }) =>
  onFunction(words, table, (queue) => {
    table.pause(queue)
    return OK
  })

/** `resume function NAME` */
export const resume: TextCommand = (words, { table }) =>
  onFunction(words, table, (queue) => {
    table.resume(queue)
    return OK
  })

/** `purge function NAME`: cancels its jobs, but for those that run. `OK N`: so many. Also `purge failed`. */
export const purge: TextCommand = (words, context) => {
  if (words[1]?.toLowerCase() === 'failed') return purgeFailed(words, context)
  return onFunction(words, context.table, (queue) => {
    return new TextStream(purgeFunction(context.table, queue), { mustFinish: true })
  })
}

/**
 * `kick function NAME [N]`: its jobs that wait for their time are due now, the N oldest or all.
 * `kick job HANDLE`: the same for one. `OK N`: so many.
 */
export const kick: TextCommand = (words, { table }) => {
  const [command = '', what, name, count] = words
  if (what?.toLowerCase() !== 'job') {
    return onFunction(words, table, (queue) =>
      readCount(
        count,
        (most) => new TextStream(kickFunction(table, queue, most), { mustFinish: true }),
      ),
    )
  }
  if (name === undefined) return incompleteArguments(command)
  const bytes = Buffer.from(name, 'latin1')
  const job = table.handles.find(bytes, 0, bytes.length)
  if (job === undefined) return 'ERR UNKNOWN_JOB\r\n'
  return `OK ${table.kick(job) ? 1 : 0}\r\n`
}

/**
 * Cancels what does not run, unless the server stops meanwhile. An empty piece for each job that was looked at.
 *
 * @returns how many jobs were cancelled
 */
export function* cancelWaiting(table: JobTable, queue: FunctionQueue): Generator<string, number> {
  let count = 0
  for (const job of queue.total > queue.running ? table.handles : []) {
    if (job.queue === queue && job.state !== JobState.Running) {
      table.cancel(job)
      count += 1
      if (queue.total === queue.running) break
    }
    yield ''
    if (table.isStopped) break
  }
  return count
}

function* purgeFunction(table: JobTable, queue: FunctionQueue): Generator<string> {
  const count = yield* cancelWaiting(table, queue)
  yield `OK ${count}\r\n`
}

function* kickFunction(table: JobTable, queue: FunctionQueue, most: number): Generator<string> {
  let count = 0
  for (const job of queue.delayed > 0 ? table.handles : []) {
    if (job.queue === queue && table.kick(job)) count += 1
    if (count === most || queue.delayed === 0) break
    yield ''
    if (table.isStopped) break
  }
  yield `OK ${count}\r\n`
}

function onFunction(
  words: readonly string[],
  table: JobTable,
  goOn: (queue: FunctionQueue) => TextReply,
): TextReply {
  const [command = '', what, name] = words
  if (what?.toLowerCase() !== 'function' || name === undefined) return incompleteArguments(command)
  const queue = table.functions.get(name)
  return queue === undefined ? UNKNOWN_FUNCTION : goOn(queue)
}
