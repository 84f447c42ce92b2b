/**
 * A background job as a store keeps it. Names and ids may be any bytes: each is one latin1 character of
 * the string.
 */
export interface StoredJob {
  /** Made by the server, never used twice: the N of its handle. */
  readonly key: number
  readonly functionName: string
  /** As the client sent it: empty, `-`, or an id. Several jobs may have the same. */
  readonly unique: string
  /** Of the reduce jobs; empty otherwise. */
  readonly reducer: string
  /** 0 high, 1 normal, 2 low. */
  readonly priority: 0 | 1 | 2
  /** Any bytes, also none. */
  readonly data: Buffer
  /** Unix time in seconds; 0 for at once. */
  readonly runAtEpochSeconds: number
  /** How many workers were lost with it. */
  readonly retries: number
}

/** What changed of a job that is in the store. */
export interface StoredJobUpdate {
  readonly key: number
  readonly retries: number
}

/** The changes of one commit. A key may be in several lists: they are applied in this order. */
export interface QueueChanges {
  readonly added: readonly StoredJob[]
  readonly updated: readonly StoredJobUpdate[]
  /** Keys. One that the store does not have is no error. */
  readonly removed: readonly number[]
}

/**
 * What a persistent queue does.
 *
 * @experimental
 */
export interface QueueStore {
  /**
   * Applies all changes or none, and resolves when they would survive a crash. The next commit is not
   * begun before this one has settled. A rejection refuses the jobs that were added.
   */
  commit(changes: QueueChanges): Promise<void>
}
