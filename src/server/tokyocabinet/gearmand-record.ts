import type { GearmandJob } from '../stores/gearmand-export.ts'
import type { StoredJob } from '../stores/queue-store.ts'

/** gearmand takes longer ones, and cannot run them. */
const MAX_FUNCTION_BYTES = 8192
const MAX_UNIQUE_BYTES = 64

/** gearmand's buffer for a key has 4096, also for the hyphen and the unique id. */
const MAX_EXPORTED_FUNCTION_BYTES = 4000

/** gearmand's key (gearmand `libgearman-server/plugins/queue/tokyocabinet/queue.cc`). */
export function gearmandKey(functionName: string, unique: string): string {
  return `${functionName}-${unique}`
}

/** Tells of each job of an export why its key will not do: `a-b` and `c` have that of `a` and `b-c`. */
export function keyProblems(): (job: StoredJob) => string | undefined {
  const seen = new Set<string>()
  return ({ functionName, unique }) => {
    if (functionName.length > MAX_EXPORTED_FUNCTION_BYTES) {
      return 'have a task name too long for gearmand'
    }
    const key = gearmandKey(functionName, unique)
    if (seen.has(key)) return 'have the key of another one: task, hyphen, unique id'
    // The others get a random id.
    if (unique !== '' && unique !== '-') seen.add(key)
    return undefined
  }
}

/** gearmand's value: function, unique, priority and time as digits, each with a NUL behind it, and the data. */
export function gearmandValue(job: GearmandJob): Buffer {
  const { functionName, unique, priority, runAtEpochSeconds, data } = job
  const head = `${functionName}\0${unique}\0${priority}${runAtEpochSeconds}\0`
  return Buffer.concat([Buffer.from(head, 'latin1'), data])
}

/** Reads a value of gearmand. A string says why it is no job. */
export function readGearmandValue(
  value: Buffer,
): Pick<StoredJob, 'functionName' | 'unique' | 'priority' | 'runAtEpochSeconds' | 'data'> | string {
  const functionEnd = value.indexOf(0)
  const uniqueEnd = value.indexOf(0, functionEnd + 1)
  const headEnd = value.indexOf(0, uniqueEnd + 1)
  if (functionEnd < 0 || uniqueEnd < 0 || headEnd < 0) return 'it is cut off'
  if (functionEnd === 0) return 'it has no function'
  if (functionEnd > MAX_FUNCTION_BYTES) return 'its function is too long'
  if (uniqueEnd - functionEnd - 1 > MAX_UNIQUE_BYTES) return 'its unique id is too long'
  const digits = /^([012])(\d{1,15})$/.exec(value.toString('latin1', uniqueEnd + 1, headEnd))
  if (digits === null) return 'its priority and time are no numbers'
  return {
    functionName: value.toString('latin1', 0, functionEnd),
    unique: value.toString('latin1', functionEnd + 1, uniqueEnd),
    priority: Number(digits[1]) as StoredJob['priority'],
    runAtEpochSeconds: Number(digits[2]),
    data: value.subarray(headEnd + 1),
  }
}
