import type { QueueChanges, StoredJob } from '../stores/queue-store.ts'
import type { MongoDocument } from './driver.ts'

/** What one commit does to the documents of jobs, in order. A job's `_id` is its key; names are bytes. */
export function jobOperations({ added, updated, removed }: QueueChanges): object[] {
  return [
    ...added.map((job) => ({
      replaceOne: { filter: { _id: job.key }, replacement: documentOf(job), upsert: true },
    })),
    ...updated.map(({ key, retries }) => ({
      updateOne: { filter: { _id: key }, update: { $set: { retries } } },
    })),
    ...removed.map((key) => ({ deleteOne: { filter: { _id: key } } })),
  ]
}

function documentOf({ key: _key, functionName, unique, reducer, ...rest }: StoredJob): object {
  return {
    functionName: Buffer.from(functionName, 'latin1'),
    unique: Buffer.from(unique, 'latin1'),
    reducer: Buffer.from(reducer, 'latin1'),
    priority: rest.priority,
    runAtEpochSeconds: rest.runAtEpochSeconds,
    acceptedAtMs: rest.acceptedAtMs,
    retries: rest.retries,
    data: rest.data,
  }
}

/** The job in a document; `undefined` when a field is missing or of another type. */
export function readJob(document: MongoDocument): StoredJob | undefined {
  const { _id: key, data } = document
  const numbers = ['priority', 'runAtEpochSeconds', 'acceptedAtMs', 'retries'] as const
  const names = ['functionName', 'unique', 'reducer'] as const
  if (typeof key !== 'number' || !Buffer.isBuffer(data)) return undefined
  if (numbers.some((field) => typeof document[field] !== 'number')) return undefined
  if (names.some((field) => !Buffer.isBuffer(document[field]))) return undefined
  const [priority = 0, runAtEpochSeconds = 0, acceptedAtMs = 0, retries = 0] = numbers.map(
    (field) => document[field] as number,
  )
  const [functionName = '', unique = '', reducer = ''] = names.map((field) =>
    (document[field] as Buffer).toString('latin1'),
  )
  return {
    key,
    functionName,
    unique,
    reducer,
    priority: priority as StoredJob['priority'],
    data,
    runAtEpochSeconds,
    acceptedAtMs,
    retries,
  }
}
