import type { JobCommit } from '../stores/job-commit.ts'
import type { Attachment } from './attachment.ts'
import type { Timer } from './clock.ts'
import type { FunctionQueue } from './function-queue.ts'
import type { JobList } from './job-list.ts'
import type { Payload } from './payload-arena.ts'
import type { Peer } from './peer.ts'
import type { Priority } from './priority.ts'
import type { Submission } from './submission.ts'

/** Where a job is. */
export const JobState = {
  /** Waits for the commit that makes it durable: nobody can grab it yet. */
  Uncommitted: 0,
  /** Waits for its time, in the epoch heap. */
  Delayed: 1,
  /** In its function's list, ready to be grabbed. */
  Queued: 2,
  /** Assigned to a worker, in that worker's list. */
  Running: 3,
  /** Over; only what still refers to it sees this. */
  Ended: 4,
} as const

/** One of the values of {@link JobState}. */
export type JobState = (typeof JobState)[keyof typeof JobState]

/**
 * One job. A million may be queued: it is one flat object, its links are in it (it is in one list at a
 * time), and nothing else is allocated for it while it waits.
 */
export interface Job {
  /** N of its handle `PREFIX:N`. */
  readonly number: number
  /** The function's queue. */
  readonly queue: FunctionQueue
  /** As the client sent it: may be empty or `-`. */
  readonly unique: string
  /** What it coalesces by; `undefined` when it never does. */
  readonly key: string | undefined
  /** Of the reduce jobs; empty otherwise. */
  readonly reducer: string
  readonly priority: Priority
  /** Unix time in seconds; 0 for at once, also once it was kicked. */
  runAtSeconds: number
  /** The block that holds what the worker gets, and where in it. */
  readonly bytes: Buffer
  readonly offset: number
  readonly length: number
  /** On the clock's `elapsedMs`, in whole milliseconds: those need no memory besides the job's own. */
  readonly acceptedAtMs: number
  /** On the clock's `elapsedMs`: since when it can be grabbed, or since when its worker has it. */
  sinceMs: number
  state: JobState
  /** A background submission made it or joined it: it is never dropped because clients leave. */
  isDurable: boolean
  /** Cancelled while it ran: whatever its worker still says goes nowhere. */
  isCancelled: boolean
  /** How many workers were lost with it. */
  retries: number
  /** Of the last WORK_STATUS. */
  numerator: number
  /** Of the last WORK_STATUS. */
  denominator: number
  /** The connection that runs it. */
  worker: Peer | undefined
  /** Runs out when the worker takes too long (CAN_DO_TIMEOUT). */
  timer: Timer | undefined
  /** The first of the foreground clients that wait for it. */
  attachments: Attachment | undefined
  /** The commit in which it becomes durable, while that is under way. */
  commit: JobCommit | undefined
  /** Its neighbours among the jobs of other functions with the same key. */
  olderOfKey: Job | undefined
  newerOfKey: Job | undefined
  /** The list that it is in, and its neighbours there. */
  list: JobList | undefined
  previous: Job | undefined
  next: Job | undefined
  /** Its place in the epoch heap; -1 outside of it. */
  heapIndex: number
}

/** A new job, in no queue yet. A literal with all fields: the cheapest object that the engine makes. */
export function createJob(
  number: number,
  submission: Submission,
  key: string | undefined,
  payload: Payload,
  nowMs: number,
): Job {
  return {
    number,
    queue: submission.queue,
    unique: submission.unique,
    key,
    reducer: submission.reducer,
    priority: submission.priority,
    runAtSeconds: submission.runAtSeconds,
    bytes: payload.bytes,
    offset: payload.offset,
    length: payload.length,
    acceptedAtMs: Math.floor(nowMs),
    sinceMs: nowMs,
    state: JobState.Uncommitted,
    isDurable: submission.isBackground,
    isCancelled: false,
    retries: 0,
    numerator: 0,
    denominator: 0,
    worker: undefined,
    timer: undefined,
    attachments: undefined,
    commit: undefined,
    olderOfKey: undefined,
    newerOfKey: undefined,
    list: undefined,
    previous: undefined,
    next: undefined,
    heapIndex: -1,
  }
}

/** A view of what the worker gets. */
export function jobData(job: Job): Buffer {
  return job.bytes.subarray(job.offset, job.offset + job.length)
}

/** Nobody wants it any more: no background submission joined it and its last client left. */
export function isAbandoned(job: Job): boolean {
  return !job.isDurable && job.attachments === undefined && job.commit === undefined
}

/** How many foreground submissions wait for it. */
export function clientCount(job: Job): number {
  let count = 0
  for (let at = job.attachments; at !== undefined; at = at.nextOfJob) count += 1
  return count
}
