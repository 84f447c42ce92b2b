import type { Job } from '../queue/job.ts'
import type { StoredOutcome } from './queue-store.ts'

/** Somebody whose reply waits for a commit. */
export interface CommitWaiter {
  /** Called once, after the job table knows the outcome. */
  onSettled(isCommitted: boolean): void
}

/** The changes that go to the store together, and who waits for them. */
export class JobCommit {
  readonly added: Job[] = []
  /** Stored before, to be written anew. */
  readonly rewritten: Job[] = []
  readonly updated: Map<number, Job> = new Map()
  readonly removed: Set<number> = new Set()
  /** What is kept of jobs that are over, by their numbers. */
  readonly outcomes: Map<number, StoredOutcome> = new Map()
  /** Those of which that is kept no more. */
  readonly forgotten: Set<number> = new Set()
  readonly waiters: CommitWaiter[] = []
  /** What the waiters keep in memory. */
  bytes = 0
  /** The number that the store is to keep, when it has to be told. */
  highestKey: number | undefined
}
