import type { JobRejectReason, JobReturnReason } from '../server-stats.ts'
import type { Job } from './job.ts'
import type { Peer } from './peer.ts'
import type { Submission } from './submission.ts'

/** What a worker reported at the end of a job. */
export type JobOutcome = 'completed' | 'failed' | 'exceptions'

/**
 * Who is told what happens to submissions and jobs. An accepted job ends with one of `onReported`, `onLost` and
 * `onDropped`, which are called when everything has forgotten the job.
 */
export interface JobObserver {
  /** A new job; with a store: when that has it. */
  onAccepted(job: Job, client: Peer): void
  /** A job of the store is back. */
  onRestored(job: Job): void
  /** The server did not start after all: the job that was restored is not there. */
  onForgotten(job: Job): void
  /** A submission joined the job. */
  onCoalesced(job: Job, client: Peer): void
  /** A submission is refused. */
  onRejected(submission: Submission, client: Peer, reason: JobRejectReason): void
  /** A background submission is refused since the store did not take the job that it made or joined. */
  onNotStored(job: Job, client: Peer): void
  /** A worker got the job, which could be grabbed for so long. */
  onAssigned(job: Job, worker: Peer, waitMs: number): void
  /** The job is about to be queued again. */
  onReturned(job: Job, worker: Peer, reason: JobReturnReason): void
  onReported(job: Job, worker: Peer, outcome: JobOutcome, runMs: number): void
  onLost(job: Job, worker: Peer, reason: JobReturnReason): void
  onDropped(job: Job, reason: 'cancelled' | 'abandoned'): void
}
