import type { FunctionQueue } from '../queue/function-queue.ts'
import type { JobTable } from '../queue/job-table.ts'
import { TextStream } from '../queue/text-stream.ts'
import { parseInt64 } from '../session/c-numbers.ts'
import { cancelWaiting } from './queue-commands.ts'
import { incompleteArguments, OK, type TextCommand } from './text-command.ts'

/** What gearmand keeps a limit in. */
const MAX_LIMIT = 2 ** 32 - 1

/** `create function NAME` */
export const create: TextCommand = (words, { table }) => {
  const [command = '', what, name, ...more] = words
  if (name === undefined || more.length > 0) return incompleteArguments(command)
  if (what?.toLowerCase() !== 'function') return incompleteArguments(command)
  table.openFunction(name)
  return OK
}

/** `drop function NAME`: every function of that name in any case, with one line of reply for each. */
export const drop: TextCommand = (words, { table }) => {
  const [command = '', what, name, ...more] = words
  if (name === undefined || more.length > 0) return incompleteArguments(command)
  if (what?.toLowerCase() !== 'function') return incompleteArguments(command)
  const wanted = name.toLowerCase()
  const found = [...table.functions.values()].filter((queue) => queue.name.toLowerCase() === wanted)
  if (found.length === 0) return 'ERR function not found\r\n'
  return new TextStream(dropFunctions(table, found), { mustFinish: true })
}

/** gearmand leaves queued jobs behind that no worker can ever get; here they are cancelled. */
function* dropFunctions(table: JobTable, queues: readonly FunctionQueue[]): Generator<string> {
  for (const queue of queues) {
    // While others' jobs were gone through, a worker may have come, or somebody else who dropped it.
    if (queue.workers > 0 || queue.running > 0) {
      yield 'ERR there are still connected workers or executing clients\r\n'
      continue
    }
    // First, so that what is submitted from now on is none of the jobs that are cancelled.
    queue.isDropped = true
    if (table.functions.get(queue.name) === queue) table.functions.delete(queue.name)
    yield* cancelWaiting(table, queue)
    yield OK
  }
}

/**
 * `maxqueue NAME`: no limit. `maxqueue NAME N`: for all priorities. `maxqueue NAME HIGH NORMAL [LOW]`.
 * An unknown function is `OK` too, and nothing is set or remembered, as in gearmand.
 */
export const maxqueue: TextCommand = (words, { table }) => {
  const [command = '', name, ...sizes] = words
  if (name === undefined) return incompleteArguments(command)
  const queue = table.functions.get(name)
  if (queue === undefined) return OK
  const [high = 0, normal, low] = sizes.slice(0, 3).map(parseLimit)
  queue.limits[0] = high
  queue.limits[1] = normal ?? high
  queue.limits[2] = normal === undefined ? high : (low ?? 0)
  return OK
}

/** Zero, a negative number and what is no number at all stand for no limit. */
function parseLimit(word: string): number {
  const limit = parseInt64(word) ?? 0
  return limit < 0 ? 0 : Math.min(limit, MAX_LIMIT)
}
