import { packJob, unpackJob } from '../stores/job-value.ts'
import { packOutcome, unpackOutcome } from '../stores/outcome-value.ts'
import type {
  ExportedJobs,
  QueueChanges,
  StoreContext,
  StoredJob,
  StoredOutcome,
} from '../stores/queue-store.ts'
import type { RedisArgument, RedisReply } from './driver.ts'
import { GearmandKeysExport } from './gearmand-export-keys.ts'
import { importGearmandKeys } from './gearmand-import.ts'
import { type QueueKeys, queueKeys } from './queue-keys.ts'
import { lockQueue, makeTicket, type QueueTicket, SCHEMA_VERSION } from './queue-lock.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readDurability } from './redis-durability.ts'
import type { ResolvedRedisOptions } from './redis-options.ts'
import { COMMIT_SCRIPT, RELEASE_SCRIPT, RENEW_SCRIPT, REPLAY_SCRIPT } from './redis-scripts.ts'

/** One batch of a replay: so many jobs, or so many bytes of data and at least one job. */
const BATCH_JOBS = 1000
const BATCH_BYTES = 4 * 1024 * 1024
const BATCH_OUTCOMES = 100

/** A lock is renewed so often in the time that it holds. */
const RENEWALS = 4

/** What Redis says when its memory is full. */
const OUT_OF_MEMORY = /^OOM /

/** A queue that is open. */
export class RedisQueue {
  readonly #connection: RedisConnection
  readonly #keys: QueueKeys
  readonly #ticket: QueueTicket
  readonly #gearmandPrefix: string
  readonly #context: StoreContext
  #renewal: NodeJS.Timeout | undefined
  #renewing: Promise<void> | undefined
  #commits = 0
  #highestKey = 0

  constructor(connection: RedisConnection, options: ResolvedRedisOptions, context: StoreContext) {
    this.#connection = connection
    this.#keys = queueKeys(options.queueName)
    this.#ticket = makeTicket(context.owner, options.lockTimeoutMs)
    this.#gearmandPrefix = options.gearmandPrefix
    this.#context = context
  }

  /** Locks it, moves what gearmand left, and tells what Redis does not promise. */
  async open(): Promise<{ readonly highestKey: number; readonly isDurable: boolean }> {
    const marked = await lockQueue(this.#connection, this.#keys, this.#ticket)
    const renewMs = this.#ticket.lockTimeoutMs / RENEWALS
    this.#renewal = setInterval(() => this.#renew(), renewMs).unref()
    try {
      const { isDurable, warnings } = await readDurability(this.#connection)
      for (const warning of warnings) this.#context.notice(warning)
      this.#highestKey = marked + (await this.#import(marked + 1))
      return { highestKey: this.#highestKey, isDurable }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** The jobs behind a key; `undefined` at the end. */
  async next(
    afterKey: number,
  ): Promise<{ readonly jobs: readonly StoredJob[]; readonly lastKey: number } | undefined> {
    const { jobs: jobsKey, index, retries } = this.#keys
    const range = [afterKey, BATCH_JOBS, BATCH_BYTES]
    const found = await this.#connection.run(REPLAY_SCRIPT, [jobsKey, index, retries], range)
    if (found.length === 0) return undefined
    const jobs: StoredJob[] = []
    for (let at = 0; at < found.length; at += 3) {
      const job = this.#read(found[at], found[at + 1], found[at + 2])
      if (job !== undefined) jobs.push(job)
    }
    return { jobs, lastKey: Number(found.at(-3)) }
  }

  /** What is kept of jobs that are over. */
  async *outcomes(): AsyncGenerator<readonly StoredOutcome[]> {
    const hash = this.#keys.outcomes
    const keys = (await this.#connection.call('HKEYS', hash)) as readonly Buffer[]
    for (let at = 0; at < keys.length; at += BATCH_OUTCOMES) {
      const batch = keys.slice(at, at + BATCH_OUTCOMES)
      const values = (await this.#connection.call('HMGET', hash, ...batch)) as readonly Buffer[]
      yield batch.flatMap((key, index) => this.#readOutcome(String(key), values[index]) ?? [])
    }
  }

  /** Moves jobs to where gearmand keeps them. */
  async exportJobs(): Promise<ExportedJobs> {
    const { token } = this.#ticket
    const move = new GearmandKeysExport(this.#connection, this.#keys, token, this.#gearmandPrefix)
    for (let batch = await this.next(0); batch !== undefined; ) {
      await move.move(batch.jobs)
      batch = await this.next(batch.lastKey)
    }
    return move.report()
  }

  /** Everything or nothing, in one script. */
  async commit(changes: QueueChanges): Promise<void> {
    try {
      await this.#apply(changes)
    } catch (error) {
      const isFull = error instanceof Error && OUT_OF_MEMORY.test(error.message)
      // Jobs that are over would make room, so they go all the same.
      if (isFull && changes.removed.length > 0) {
        await this.#apply({ ...changes, added: [], updated: [], highestKey: undefined })
      }
      throw error
    }
  }

  /** Gives it back. Without a connection the lock is left to expire. */
  async close(): Promise<void> {
    clearInterval(this.#renewal)
    try {
      if (this.#connection.isConnected) await this.#fenced(RELEASE_SCRIPT)
    } finally {
      this.#connection.close()
    }
  }

  async #apply(changes: QueueChanges): Promise<void> {
    const { added, updated, removed, outcomes = [], forgotten = [], highestKey } = changes
    this.#commits += 1
    const { jobs, index, retries, outcomes: outcomesKey } = this.#keys
    const mark = highestKey ?? this.#highestKey
    const lists = [added, updated, removed, outcomes, forgotten]
    const counts = lists.map(({ length }) => length)
    const head = [this.#commits, SCHEMA_VERSION, mark, highestKey === undefined ? 0 : 1, ...counts]
    const args: RedisArgument[] = []
    for (const job of added) args.push(job.key, packJob(job))
    for (const { key } of added) args.push(key, key)
    for (const { key, retries: count } of updated) args.push(key, count)
    for (const key of removed) args.push(key)
    for (const outcome of outcomes) args.push(outcome.job.key, packOutcome(outcome))
    for (const key of forgotten) args.push(key)
    const answer = await this.#fenced(
      COMMIT_SCRIPT,
      [jobs, index, retries, outcomesKey],
      [...head, ...args],
    )
    this.#highestKey = mark
    if (answer === 'remade') {
      this.#context.notice(
        'its data was gone: jobs accepted before are in the memory of the server only',
      )
    }
  }

  /** Runs a script that is for the last one that opened the queue. */
  async #fenced(
    script: string,
    keys: readonly string[] = [],
    args: readonly RedisArgument[] = [],
  ): Promise<string> {
    const { token, lockTimeoutMs, owner } = this.#ticket
    const [answer, other] = await this.#connection.run(
      script,
      [this.#keys.meta, this.#keys.lock, ...keys],
      [token, lockTimeoutMs, owner, ...args],
    )
    if (String(answer) === 'taken') {
      throw new Error(
        `it was taken over by ${String(other)}: this server did not answer for too long`,
      )
    }
    return String(answer)
  }

  /** A renewal that fails says nothing: the next commit does. */
  #renew(): void {
    this.#renewing ??= this.#fenced(RENEW_SCRIPT)
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        this.#renewing = undefined
      })
  }

  async #import(firstKey: number): Promise<number> {
    const prefix = this.#gearmandPrefix
    const { token } = this.#ticket
    const imported = await importGearmandKeys(this.#connection, this.#keys, token, prefix, firstKey)
    for (const row of imported.setAside) this.#context.setAside(row)
    if (imported.jobs > 0) {
      this.#context.notice(
        `${imported.jobs} jobs of gearmand's keys ${prefix}-* were moved into the queue's own`,
      )
    }
    return imported.jobs
  }

  #read(
    key: RedisReply | undefined,
    value: RedisReply | undefined,
    retries: RedisReply | undefined,
  ): StoredJob | undefined {
    const number = Number(String(key))
    try {
      const job = unpackJob(number, value as Buffer)
      const changed = String(retries)
      return changed === '' ? job : { ...job, retries: Number(changed) }
    } catch (error) {
      const row = `field ${String(key)} of ${this.#keys.jobs}`
      this.#context.setAside({ row, reason: (error as Error).message })
      return undefined
    }
  }

  #readOutcome(key: string, value: Buffer | undefined): StoredOutcome | undefined {
    try {
      return unpackOutcome(Number(key), value ?? Buffer.alloc(0))
    } catch (error) {
      const row = `field ${key} of ${this.#keys.outcomes}`
      this.#context.setAside({ row, reason: (error as Error).message })
      return undefined
    }
  }
}
