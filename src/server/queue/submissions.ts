import { PacketType } from '../../protocol/packets.ts'
import type { CommitQueue } from '../stores/commit-queue.ts'
import type { CommitWaiter } from '../stores/job-commit.ts'
import { attach } from './attachment.ts'
import { ErrorReplies, type ErrorReply } from './error-replies.ts'
import { type Job, JobState } from './job.ts'
import type { JobTable } from './job-table.ts'
import type { ReplySink } from './ordered-output.ts'
import { PayloadArena } from './payload-arena.ts'
import type { Peer } from './peer.ts'
import { type Submission, submittedData } from './submission.ts'
import { coalescingKey } from './unique-index.ts'

/**
 * What SUBMIT_JOB* does: join a job or make one, wake workers, answer JOB_CREATED
 * (gearmand `libgearman-server/job.cc` gearman_server_job_add_reducer).
 *
 * Other than in gearmand, a background submission that joins a foreground job makes it durable.
 */
export class Submissions {
  readonly #table: JobTable
  readonly #arena = new PayloadArena()
  /** No new jobs: the server is shutting down. */
  isClosed = false

  constructor(table: JobTable) {
    this.#table = table
  }

  /** Takes a submission and answers it, now or when it is stored. */
  submit(client: Peer, submission: Submission): void {
    this.#submit(client, submission, client.output)
  }

  #submit(client: Peer, submission: Submission, reply: ReplySink): void {
    const { queue } = submission
    if (this.isClosed) {
      reply.send(PacketType.ERROR, ErrorReplies.shuttingDown)
      this.#table.observer.onRejected(submission, client, 'shutting-down')
      return
    }
    const key = coalescingKey(submission)
    const job = key === undefined ? undefined : this.#table.uniques.find(queue, key)
    if (job !== undefined) this.#join(client, job, submission, reply)
    else if (!queue.isFull(submission.priority)) this.#create(client, key, submission, reply)
    else {
      reply.send(PacketType.ERROR, ErrorReplies.queueFull)
      this.#table.observer.onRejected(submission, client, 'queue-full')
    }
  }

  #create(client: Peer, key: string | undefined, submission: Submission, reply: ReplySink): void {
    const table = this.#table
    const { isBackground, body, dataStart, dataEnd } = submission
    const commits = isBackground ? table.commits : undefined
    if (commits !== undefined && !this.#takesJob(client, submission, commits, reply)) return
    const job = table.create(submission, key, this.#arena.keep(body, dataStart, dataEnd))
    if (commits !== undefined) {
      this.#commit(client, job, commits, true)
      return
    }
    if (!isBackground) attach(client, job)
    table.observer.onAccepted(job, client)
    // The NOOPs go out before JOB_CREATED, as from gearmand.
    table.enqueue(job)
    this.#accept(job, reply)
  }

  /** The first submission counts: data, priority, reducer and time of this one are dropped. */
  #join(client: Peer, job: Job, submission: Submission, reply: ReplySink): void {
    const { commits } = this.#table
    const { isBackground } = submission
    if (commits !== undefined && job.state === JobState.Uncommitted) {
      const keptBytes = isBackground ? 0 : lengthOf(submission)
      if (commits.hasRoom(keptBytes)) this.#await(client, job, submission, commits)
      else this.#refuse(client, submission, reply, ErrorReplies.storeBehind)
    } else if (isBackground && commits !== undefined && !job.isDurable) {
      if (this.#takesJob(client, submission, commits, reply, job.length))
        this.#commit(client, job, commits, false)
    } else {
      if (isBackground) job.isDurable = true
      else attach(client, job)
      this.#table.observer.onCoalesced(job, client)
      this.#accept(job, reply)
    }
  }

  /** Whether a job may go to the store; the submission is answered when not. */
  #takesJob(
    client: Peer,
    submission: Submission,
    commits: CommitQueue,
    reply: ReplySink,
    dataLength: number = lengthOf(submission),
  ): boolean {
    if (dataLength > commits.maxDataBytes) {
      this.#refuse(client, submission, reply, ErrorReplies.tooLargeForStore)
      return false
    }
    if (commits.hasRoom(dataLength)) return true
    this.#refuse(client, submission, reply, ErrorReplies.storeBehind)
    return false
  }

  #refuse(client: Peer, submission: Submission, reply: ReplySink, error: ErrorReply): void {
    reply.send(PacketType.ERROR, error)
    this.#table.observer.onRejected(submission, client, 'not-stored')
  }

  /** Answers when the job is in the store. */
  #commit(client: Peer, job: Job, commits: CommitQueue, isNew: boolean): void {
    const commit = job.commit ?? commits.add(job)
    commits.wait(commit, this.#backgroundWaiter(client, job, isNew), job.length)
  }

  /** A submission that joins a job on its way to the store shares its fate. */
  #await(client: Peer, job: Job, submission: Submission, commits: CommitQueue): void {
    if (job.commit === undefined) throw new Error('an uncommitted job without a commit')
    if (submission.isBackground) {
      commits.wait(job.commit, this.#backgroundWaiter(client, job, false), 0)
    } else {
      const waiter = this.#foregroundWaiter(client, job, submission)
      commits.wait(job.commit, waiter, lengthOf(submission))
    }
  }

  #backgroundWaiter(client: Peer, job: Job, isNew: boolean): CommitWaiter {
    const { observer } = this.#table
    const reply = client.output.hold()
    return {
      onSettled: (isCommitted) => {
        if (isCommitted) this.#accept(job, reply)
        else reply.send(PacketType.ERROR, ErrorReplies.notStored)
        if (!isCommitted) observer.onNotStored(job, client)
        else if (!isNew) observer.onCoalesced(job, client)
        else {
          observer.onAccepted(job, client)
          // It was cancelled on its way to the store.
          if (job.state === JobState.Ended) observer.onDropped(job, 'cancelled')
        }
      },
    }
  }

  /** A foreground job needs no store: when the other one was refused it becomes a job of its own. */
  #foregroundWaiter(client: Peer, job: Job, submission: Submission): CommitWaiter {
    const body = Buffer.from(submittedData(submission))
    const kept = { ...submission, body, dataStart: 0, dataEnd: body.length }
    const reply = client.output.hold()
    return {
      onSettled: (isCommitted) => {
        if (client.isClosed) {
          // It may still read: it gets its answer, but does not wait for the job.
          if (isCommitted) this.#accept(job, reply)
          else reply.send(PacketType.ERROR, ErrorReplies.notStored)
          return
        }
        if (!isCommitted || job.state === JobState.Ended) {
          // The function may have been dropped meanwhile.
          const queue = this.#table.openFunction(kept.queue.name)
          this.#submit(client, { ...kept, queue }, reply)
          return
        }
        attach(client, job)
        this.#table.observer.onCoalesced(job, client)
        this.#accept(job, reply)
      },
    }
  }

  #accept(job: Job, reply: ReplySink): void {
    reply.send(PacketType.JOB_CREATED, [this.#table.handles.format(job)])
  }
}

function lengthOf({ dataStart, dataEnd }: Submission): number {
  return dataEnd - dataStart
}
