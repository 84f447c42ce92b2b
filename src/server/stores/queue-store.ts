/**
 * A background job as a store keeps it. Names and ids may be any bytes: each is one latin1 character of
 * the string, so a store writes `Buffer.from(text, 'latin1')` or any other form that gives them back.
 */
export interface StoredJob {
  /** Made by the server, 1 to 999,999,999,999,999, never used twice: the N of its handle. */
  readonly key: number
  /** At most as long as the server's option `maxArgumentBytes`; 8192 bytes by default. */
  readonly functionName: string
  /** As the client sent it: empty, `-`, or an id of up to 64 bytes. Several jobs may have the same. */
  readonly unique: string
  /** Of the reduce jobs, up to 64 bytes; empty otherwise. */
  readonly reducer: string
  /** 0 high, 1 normal, 2 low. */
  readonly priority: 0 | 1 | 2
  /** Any bytes, also none. May be a view into memory that it shares with others: never transfer it. */
  readonly data: Buffer
  /** Unix time in seconds, up to `Number.MAX_SAFE_INTEGER`; 0 for at once. */
  readonly runAtEpochSeconds: number
  /** Unix time in milliseconds at which the server accepted it. */
  readonly acceptedAtMs: number
  /** How many workers were lost with it. */
  readonly retries: number
}

/** What changed of a job that is in the store. */
export interface StoredJobUpdate {
  /** The job. One that the store does not have is no error. */
  readonly key: number
  /** How many workers were lost with it by now. */
  readonly retries: number
}

/** How a background job ended: `lost` is one with which too many workers were lost. */
export type StoredOutcomeKind = 'completed' | 'failed' | 'exception' | 'lost'

/** What is kept of a background job that is over, with the options `keepFailed` and `keepResults`. */
export interface StoredOutcome {
  /** The job as it was; its data is empty when it {@link StoredOutcome.canRequeue | cannot be queued again}. */
  readonly job: StoredJob
  /** How the job ended. */
  readonly kind: StoredOutcomeKind
  /** The job is one of the failed ones that can be queued again. */
  readonly canRequeue: boolean
  /** Unix time in milliseconds at which it ended. */
  readonly endedAtMs: number
  /** Of WORK_COMPLETE the result, of WORK_EXCEPTION the exception; empty otherwise. As `data`, a view maybe. */
  readonly output: Buffer
}

/** The changes of one commit. A key may be in several lists: they are applied in this order. */
export interface QueueChanges {
  /**
   * New ones in order of arrival. A key that the store has already is replaced: a commit that failed may have
   * been written all the same, and a job whose time was changed is written anew.
   */
  readonly added: readonly StoredJob[]
  /** What changed of jobs that were added before, or just now. */
  readonly updated: readonly StoredJobUpdate[]
  /** Keys of jobs that are over. One that the store does not have is no error. */
  readonly removed: readonly number[]
  /**
   * Jobs that are over and kept, apart from those that are queued; each takes the place of what was kept under
   * its key. Only for a store that {@link StoreCapabilities.keepsOutcomes}.
   */
  readonly outcomes?: readonly StoredOutcome[] | undefined
  /** Keys of outcomes that are not kept any more. One that the store does not have is no error. */
  readonly forgotten?: readonly number[] | undefined
  /** To be kept, in place of the one before: what {@link OpenedStore.highestKey} is when it opens again. */
  readonly highestKey: number | undefined
}

/** Who opens a store; what a second server is told about the first. */
export interface StoreOwner {
  /** The name of the machine. */
  readonly hostname: string
  /** The process. */
  readonly pid: number
  /** When it opened the store. */
  readonly since: Date
}

/** Something in the store that is no job, and was left out. */
export interface SetAsideRow {
  /** Where it is, in words that let an operator find it; no payload. */
  readonly row: string
  /** Why it cannot be read. */
  readonly reason: string
}

/** What the server gives to a store that it opens. */
export interface StoreContext {
  /** Who this server is: what a second one shall be told. */
  readonly owner: StoreOwner
  /** To be called for each row that cannot be read. The start goes on without it. */
  setAside(row: SetAsideRow): void
  /** Tells the operator one line: data that was imported, a setting of the database that breaks promises. */
  notice(message: string): void
}

/** What a store tells when it is open. */
export interface OpenedStore {
  /** The highest {@link QueueChanges.highestKey} it was given last, or a higher key that it holds; 0 when new. */
  readonly highestKey: number
  /** A job with more data is refused alone, before it can fail the commit of all others. Default: no limit. */
  readonly maxDataBytes?: number | undefined
}

/** What a store can promise. The conformance suite holds it to that. */
export interface StoreCapabilities {
  /** What was committed survives a crash of this process and of the machine. */
  readonly isDurable: boolean
  /** A commit is applied whole or not at all. */
  readonly isAtomic: boolean
  /** A second server is refused while the first has it open. */
  readonly isExclusive: boolean
  /**
   * It keeps {@link QueueChanges.outcomes}, and has {@link QueueStore.replayOutcomes}. Otherwise failed jobs and
   * results are in the server's memory only.
   * @defaultValue false
   */
  readonly keepsOutcomes?: boolean | undefined
}

/** So many jobs of an export, and what is to be said of them: `3 jobs` + `have a reducer, ...`. */
export interface ExportNote {
  /** How many jobs. */
  readonly jobs: number
  /** What is to be said of them, in words that go on from their number. */
  readonly reason: string
}

/** What {@link QueueStore.exportToGearmand} did. */
export interface ExportedJobs {
  /** Where gearmand finds the jobs, in words, as in `table gearman_queue`. */
  readonly place: string
  /** How many are there now, and no longer among the store's own. */
  readonly moved: number
  /** What is not as before with some of these. */
  readonly changed: readonly ExportNote[]
  /** Jobs that gearmand cannot hold: they are still the store's. */
  readonly kept: readonly ExportNote[]
}

/**
 * Where a server keeps its background jobs. The server calls its methods one at a time: `open`, `replay` to
 * its end, any number of `commit`, `close`; and from the beginning again after `close`, or after an `open`
 * that failed.
 *
 * Every promise must settle: a store that waits for another machine gives up after a while of its own. What
 * it rejects with reaches the operator as the cause of a `StoreError`, or as it is when it is one.
 *
 * `queueStoreContract` of `gearman-sdk/testing` tests one.
 */
export interface QueueStore {
  /** Its kind and place, for messages, as in `sqlite /var/lib/jobs.db`. No password. */
  readonly name: string
  /** What it promises. */
  readonly capabilities: StoreCapabilities
  /**
   * Makes everything ready: loads drivers, connects, applies migrations, locks out other servers. Leaves
   * nothing open when it rejects. A store that is open elsewhere rejects with a message that names the
   * owner there.
   */
  open(context: StoreContext): Promise<OpenedStore>
  /**
   * All jobs, the lowest key first, in batches of any size: what one batch holds is all that needs memory
   * at a time. Called once, right after `open`. An async generator does.
   */
  replay(): AsyncIterable<readonly StoredJob[]>
  /** All outcomes, in any order and batches of any size. Called at most once, after {@link QueueStore.replay}. */
  replayOutcomes?(): AsyncIterable<readonly StoredOutcome[]>
  /**
   * Applies all changes or none, and resolves when they would survive a crash. The next commit is not
   * begun before this one has settled. A rejection refuses all jobs that were added, also those that came with
   * the one that the store does not take; updates and removals come again. The changes and what they hold are the store's to keep until it settles.
   */
  commit(changes: QueueChanges): Promise<void>
  /** Lets others open it. Called without a commit under way. Jobs stay. */
  close(): Promise<void>
  /**
   * Moves all jobs that gearmand can hold to where gearmand keeps them, in its form: the way back. For a
   * store that gearmand has as well. Called in place of `replay`, by whoever opened the store for it.
   */
  exportToGearmand?(): Promise<ExportedJobs>
}
