import { sleep } from '../../core/sleep.ts'
import { ownerText } from '../stores/owner-text.ts'
import type {
  OpenedStore,
  QueueChanges,
  QueueStore,
  StoreCapabilities,
  StoreContext,
  StoredJob,
} from '../stores/queue-store.ts'
import {
  loadDriver,
  type MongoClient,
  type MongoCollection,
  type MongoError,
  type MongoSession,
} from './driver.ts'
import { jobOperations, readJob } from './job-documents.ts'
import {
  type MongodbStoreOptions,
  type ResolvedMongodbOptions,
  resolveMongodbOptions,
} from './mongodb-options.ts'
import { QUEUE_ID, QueueLease } from './queue-lease.ts'

/** A document has at most 16 MiB; the names and what BSON adds are left out. */
const MAX_DATA_BYTES = 16 * 1024 * 1024 - 64 * 1024

/** One batch of a replay: so many jobs, or so many bytes of data and at least one job. */
const BATCH_JOBS = 1000
const BATCH_BYTES = 4 * 1024 * 1024

const RETRY_DELAY_MS = 50
/** Trying again may help with these; what was written by then is written as if once. */
const RETRY_NAMES: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
])
const RETRY_LABELS = [
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'RetryableWriteError',
] as const

/** What there is while the store is open. */
interface Opened {
  readonly client: MongoClient
  readonly collection: MongoCollection
  readonly lease: QueueLease
  readonly setAside: StoreContext['setAside']
}

/**
 * Background jobs in MongoDB 4.4 or later:
 * `new GearmanServer({ store: new MongodbStore({ url: 'mongodb://127.0.0.1/gearman' }) })`.
 *
 * Needs the package `mongodb`. Commits are written to the journals of a majority. On a replica set a commit is
 * one transaction; on a single server, which has none, a crash may leave a part of the last commit: no job that was
 * accepted is lost, but one that was refused may run. A queue is one server's at a time.
 */
export class MongodbStore implements QueueStore {
  readonly name: string
  readonly #options: ResolvedMongodbOptions
  #opened: Opened | undefined
  #hasTransactions = false

  /** @throws InvalidArgumentError naming the option that is wrong */
  constructor(options: MongodbStoreOptions) {
    this.#options = resolveMongodbOptions(options)
    const { hosts, database, queueName } = this.#options
    this.name = `mongodb ${hosts}/${database}${queueName === 'default' ? '' : ` queue ${queueName}`}`
  }

  /** Whether commits are whole is known when it was open once. */
  get capabilities(): StoreCapabilities {
    return { isDurable: true, isAtomic: this.#hasTransactions, isExclusive: true }
  }

  async open({ owner, setAside, notice }: StoreContext): Promise<OpenedStore> {
    const { url, database, queueName, timeoutMs } = this.#options
    const Client = await loadDriver()
    const client = new Client(url, {
      appName: 'gearman-sdk',
      promoteBuffers: true,
      readPreference: 'primary',
      serverSelectionTimeoutMS: timeoutMs,
      connectTimeoutMS: timeoutMs,
      socketTimeoutMS: timeoutMs,
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: timeoutMs },
    })
    let lease: QueueLease | undefined
    try {
      await client.connect()
      const hello = await client.db(database).command({ hello: 1 })
      this.#hasTransactions = hello['setName'] !== undefined || hello['msg'] === 'isdbgrid'
      const collection = client.db(database).collection(`gearman_sdk_${queueName}`)
      lease = new QueueLease(collection)
      const noted = await lease.take(ownerText(owner))
      const highestKey = Math.max(noted, await highestKeyOf(collection))
      this.#opened = { client, collection, lease, setAside }
      if (!this.#hasTransactions)
        notice('it is no replica set: a crash may leave a part of a commit')
      return { highestKey, maxDataBytes: MAX_DATA_BYTES }
    } catch (error) {
      lease?.stop()
      await client.close()
      throw error
    }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    const { collection, setAside } = this.#running()
    let batch: StoredJob[] = []
    let bytes = 0
    const order = { sort: { _id: 1 }, batchSize: BATCH_JOBS }
    for await (const document of collection.find({ _id: { $ne: QUEUE_ID } }, order)) {
      const job = readJob(document)
      if (job === undefined) {
        setAside({
          row: `document ${document._id}`,
          reason: 'a field is missing or is no such value',
        })
        continue
      }
      batch.push(job)
      bytes += job.data.length
      if (batch.length < BATCH_JOBS && bytes < BATCH_BYTES) continue
      yield batch
      batch = []
      bytes = 0
    }
    if (batch.length > 0) yield batch
  }

  async commit(changes: QueueChanges): Promise<void> {
    const opened = this.#running()
    const operations = jobOperations(changes)
    const deadline = Date.now() + this.#options.timeoutMs
    for (;;) {
      try {
        await this.#write(opened, operations, changes.highestKey)
        return
      } catch (error) {
        if (!isWorthAnotherTry(error) || Date.now() >= deadline) throw error
        await sleep(RETRY_DELAY_MS)
      }
    }
  }

  async close(): Promise<void> {
    const { client, lease } = this.#running()
    this.#opened = undefined
    try {
      await lease.release()
    } finally {
      await client.close()
    }
  }

  async #write(
    { client, collection, lease }: Opened,
    operations: readonly object[],
    highestKey: number | undefined,
  ): Promise<void> {
    const apply = async (session?: MongoSession): Promise<void> => {
      await lease.hold(highestKey, session)
      if (operations.length === 0) return
      await collection.bulkWrite(operations, { ordered: true, ...(session && { session }) })
    }
    if (this.#hasTransactions) await inTransaction(client, apply)
    else await apply()
  }

  #running(): Opened {
    if (this.#opened === undefined) throw new Error('the store is not open')
    return this.#opened
  }
}

async function inTransaction(
  client: MongoClient,
  apply: (session: MongoSession) => Promise<void>,
): Promise<void> {
  const session = client.startSession()
  try {
    session.startTransaction()
    await apply(session)
    await session.commitTransaction()
  } catch (error) {
    // When it cannot be, the database ends the transaction by itself.
    await session.abortTransaction().catch(() => undefined)
    throw error
  } finally {
    await session.endSession()
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  const { name, hasErrorLabel } = error as MongoError
  if (RETRY_NAMES.has(name)) return true
  return RETRY_LABELS.some((label) => hasErrorLabel?.call(error, label) === true)
}

async function highestKeyOf(collection: MongoCollection): Promise<number> {
  const last = await collection.findOne(
    { _id: { $gt: 0 } },
    { sort: { _id: -1 }, projection: { _id: 1 } },
  )
  return Number(last?._id ?? 0)
}
