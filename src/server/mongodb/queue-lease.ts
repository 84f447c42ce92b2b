import { randomUUID } from 'node:crypto'
import { sleep } from '../../core/sleep.ts'
import type { MongoCollection, MongoError, MongoSession } from './driver.ts'

/** The document with the facts about a queue; jobs have numbers for `_id`. */
export const QUEUE_ID = 'queue'

/** A server that shows no sign of life for so long has lost its queue, if somebody else asks for it. */
const LEASE_MS = 10_000
const RENEW_MS = 1000
const POLL_MS = 500

/** The number of the form in which documents are written. */
const SCHEMA_VERSION = 1

const DUPLICATE_KEY = 11_000

/**
 * Who has a queue. MongoDB has no locks that end with a connection, so the owner says every second that it is
 * still there, by the clock of the database. The queue of a server that crashed is free ten seconds later.
 */
export class QueueLease {
  readonly #collection: MongoCollection
  readonly #token: string = randomUUID()
  #timer: NodeJS.Timeout | undefined

  constructor(collection: MongoCollection) {
    this.#collection = collection
  }

  /**
   * Takes the queue, waiting for as long as it may be that of a crashed server.
   *
   * @param owner - what a second server is told
   * @returns the highest key that was noted last
   * @throws Error (as a rejection) when somebody else has the queue, or a later version has written it
   */
  async take(owner: string): Promise<number> {
    await this.#make()
    let before = await this.#read()
    while (!(await this.#tryToTake(owner))) {
      await sleep(POLL_MS)
      const now = await this.#read()
      const isOther = now.token !== before.token || now.leaseUntil > before.leaseUntil
      if (now.token !== undefined && isOther) {
        throw new Error(`it is in use by ${now.owner}`)
      }
      before = now
    }
    this.#timer = setInterval(() => {
      // A commit notices whatever keeps this from working.
      this.#renew().catch(() => undefined)
    }, RENEW_MS).unref()
    return before.highestKey
  }

  /**
   * Makes sure, as the first step of a commit, that the queue is still this server's.
   *
   * @throws Error (as a rejection) when it is not: after a pause of this process, or a time without network
   */
  async hold(highestKey: number | undefined, session: MongoSession | undefined): Promise<void> {
    const update = {
      $inc: { commits: 1 },
      ...(highestKey !== undefined && { $set: { highestKey } }),
    }
    const { matchedCount } = await this.#collection.updateOne(
      { _id: QUEUE_ID, token: this.#token },
      update,
      session === undefined ? {} : { session },
    )
    if (matchedCount === 0) throw new Error('another server has taken the queue')
  }

  /** Gives the queue back. */
  async release(): Promise<void> {
    this.stop()
    await this.#collection.updateOne(
      { _id: QUEUE_ID, token: this.#token },
      { $unset: { token: '', owner: '', leaseUntil: '' } },
    )
  }

  /** Ends the timer. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #make(): Promise<void> {
    const isNew = { schemaVersion: SCHEMA_VERSION, highestKey: 0 }
    try {
      await this.#collection.updateOne({ _id: QUEUE_ID }, { $setOnInsert: isNew }, { upsert: true })
    } catch (error) {
      // Somebody else was faster.
      if ((error as MongoError).code !== DUPLICATE_KEY) throw error
    }
  }

  async #read(): Promise<{
    token: unknown
    owner: string
    leaseUntil: number
    highestKey: number
  }> {
    const queue = await this.#collection.findOne({ _id: QUEUE_ID })
    const version = Number(queue?.['schemaVersion'])
    if (version !== SCHEMA_VERSION) {
      throw new Error(
        `its documents have version ${version}, made by a later gearman-sdk; this one knows version ${SCHEMA_VERSION}`,
      )
    }
    return {
      token: queue?.['token'],
      owner: String(queue?.['owner'] ?? 'another server'),
      leaseUntil: Number(queue?.['leaseUntil'] ?? 0),
      highestKey: Number(queue?.['highestKey'] ?? 0),
    }
  }

  async #tryToTake(owner: string): Promise<boolean> {
    const free = { $or: [{ leaseUntil: { $exists: false } }, LEASE_IS_OVER] }
    // Without $literal a name that begins with a dollar sign would be a field.
    const ours = { token: this.#token, owner: { $literal: owner }, leaseUntil: NEW_LEASE }
    const filter = { _id: QUEUE_ID, ...free }
    const { matchedCount } = await this.#collection.updateOne(filter, [{ $set: ours }])
    return matchedCount > 0
  }

  async #renew(): Promise<void> {
    const filter = { _id: QUEUE_ID, token: this.#token }
    await this.#collection.updateOne(filter, [{ $set: { leaseUntil: NEW_LEASE } }])
  }
}

/** By the clock of the database: those of the servers may differ. */
const LEASE_IS_OVER = { $expr: { $lte: ['$leaseUntil', '$$NOW'] } } as const
const NEW_LEASE = { $add: ['$$NOW', LEASE_MS] } as const
