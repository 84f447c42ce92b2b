import type { StoredJob } from '../stores/queue-store.ts'

/** Facts about the store; they come before the jobs. */
export const META_KEYS = {
  version: 'a version',
  highestKey: 'a highest key',
  /** Which file of gearmand holds nothing that is not in the store as well. */
  knownFile: 'a known file',
} as const

/** Before every job, and behind all facts. */
export const FIRST_JOB_KEY = 'job '

/** Keys have the order of the jobs' numbers. */
export function recordKey(key: number): string {
  return `${FIRST_JOB_KEY}${String(key).padStart(15, '0')}`
}

/** A job as one line of JSON, and its data. */
export function recordValue({ key: _key, data, ...fields }: StoredJob): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(fields)}\n`), data])
}

/** Reads what {@link recordKey} and {@link recordValue} wrote; `undefined` when it is something else. */
export function readRecord(key: Buffer, value: Buffer): StoredJob | undefined {
  const number = /^job (\d{15})$/.exec(key.toString('latin1'))?.[1]
  const end = value.indexOf('\n')
  if (number === undefined || end < 0) return undefined
  try {
    const fields: unknown = JSON.parse(value.toString('utf8', 0, end))
    return isJob(fields)
      ? { ...fields, key: Number(number), data: value.subarray(end + 1) }
      : undefined
  } catch {
    return undefined // It is no JSON.
  }
}

function isJob(value: unknown): value is Omit<StoredJob, 'key' | 'data'> {
  const fields = Object(value) as Record<string, unknown>
  return (
    ['functionName', 'unique', 'reducer'].every((name) => typeof fields[name] === 'string') &&
    ['priority', 'runAtEpochSeconds', 'acceptedAtMs', 'retries'].every(
      (name) => typeof fields[name] === 'number',
    )
  )
}
