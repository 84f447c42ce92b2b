import type { StoredJob } from './queue-store.ts'

const NEWLINE = 0x0a

/**
 * A job as one value, for a database that keeps values by key: a line of JSON, which people can read, and the
 * data behind it.
 */
export function packJob(job: StoredJob): Buffer {
  const { functionName, unique, reducer, priority, data } = job
  const { runAtEpochSeconds: runAt, acceptedAtMs: acceptedAt, retries } = job
  const head = { function: functionName, unique, reducer, priority, runAt, acceptedAt, retries }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), data])
}

/**
 * Reads what {@link packJob} wrote; the data is a view into the value.
 *
 * @throws Error for what is no job
 */
export function unpackJob(key: number, value: Buffer): StoredJob {
  const end = value.indexOf(NEWLINE)
  const head = readHead(value.toString('utf8', 0, Math.max(end, 0)))
  if (head === undefined) throw new Error('its first line is no JSON of a job')
  return {
    key,
    functionName: head.function,
    unique: head.unique,
    reducer: head.reducer,
    priority: head.priority,
    data: value.subarray(end + 1),
    runAtEpochSeconds: head.runAt,
    acceptedAtMs: head.acceptedAt,
    retries: head.retries,
  }
}

interface Head {
  readonly function: string
  readonly unique: string
  readonly reducer: string
  readonly priority: StoredJob['priority']
  readonly runAt: number
  readonly acceptedAt: number
  readonly retries: number
}

/** What its fields are is looked at by the replay, as with every store. */
function readHead(line: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(line)
    return typeof head === 'object' && head !== null ? (head as Head) : undefined
  } catch {
    return undefined
  }
}
