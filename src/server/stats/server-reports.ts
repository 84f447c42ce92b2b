import type { TypedEmitter } from '../../core/typed-emitter.ts'
import type { ErrorReply } from '../queue/error-replies.ts'
import type { FunctionQueue } from '../queue/function-queue.ts'
import type { Job } from '../queue/job.ts'
import type { JobObserver, JobOutcome } from '../queue/job-observer.ts'
import type { JobTable } from '../queue/job-table.ts'
import type { Peer } from '../queue/peer.ts'
import type { Submission } from '../queue/submission.ts'
import type { ServerEvents, ServerJob, ServerPeer } from '../server-events.ts'
import type { JobRejectReason, JobReturnReason } from '../server-stats.ts'
import type { SessionObserver } from '../session/server-session.ts'
import { FunctionCounters, JobCounters } from './job-counters.ts'

/**
 * Counts what happens, and turns it into events. Counting is a few additions; an event that nobody listens to
 * costs one look-up.
 */
export class ServerReports implements JobObserver, SessionObserver {
  readonly totals: JobCounters = new JobCounters()
  /** Requests that were answered with ERROR, by its code: those are few, all in `error-replies.ts`. */
  readonly refused: Map<string, number> = new Map()
  /** Bytes of all connections. */
  receivedBytes = 0
  /** Bytes of connections that are gone: those of the others are asked for. */
  sentBytes = 0
  readonly #events: TypedEmitter<ServerEvents>
  readonly #table: () => JobTable
  readonly #onEnded: () => void

  /**
   * @param table - asked for at each event: the table is made with its observer
   * @param onEnded - called after each job that is over
   */
  constructor(events: TypedEmitter<ServerEvents>, table: () => JobTable, onEnded: () => void) {
    this.#events = events
    this.#table = table
    this.#onEnded = onEnded
  }

  onAccepted(job: Job, client: Peer): void {
    const counters = countersOf(job.queue)
    if (job.isDurable) {
      this.totals.background += 1
      counters.background += 1
    } else {
      this.totals.foreground += 1
      counters.foreground += 1
    }
    if (this.#events.listenerCount('jobAccepted') === 0) return
    const runAt = job.runAtSeconds === 0 ? undefined : job.runAtSeconds * 1000
    this.#events.emit('jobAccepted', {
      ...this.#describe(job),
      client: describePeer(client),
      runAt,
    })
  }

  onRestored({ queue }: Job): void {
    this.totals.restored += 1
    countersOf(queue).restored += 1
  }

  onForgotten({ queue }: Job): void {
    this.totals.restored -= 1
    countersOf(queue).restored -= 1
  }

  onCoalesced(job: Job, client: Peer): void {
    this.totals.coalesced += 1
    countersOf(job.queue).coalesced += 1
    if (this.#events.listenerCount('jobCoalesced') === 0) return
    this.#events.emit('jobCoalesced', { ...this.#describe(job), client: describePeer(client) })
  }

  onRejected(submission: Submission, client: Peer, reason: JobRejectReason): void {
    this.#countRejected(submission.queue, reason)
    if (this.#events.listenerCount('jobRejected') === 0) return
    const { queue, unique, priority, isBackground, body, dataStart } = submission
    this.#events.emit('jobRejected', {
      functionName: queue.name,
      unique,
      priority,
      background: isBackground,
      dataLength: body.length - dataStart,
      client: describePeer(client),
      reason,
    })
  }

  onNotStored(job: Job, client: Peer): void {
    this.#countRejected(job.queue, 'not-stored')
    if (this.#events.listenerCount('jobRejected') === 0) return
    const { handle: _, ...described } = this.#describe(job)
    this.#events.emit('jobRejected', {
      ...described,
      background: true,
      client: describePeer(client),
      reason: 'not-stored',
    })
  }

  onAssigned(job: Job, worker: Peer, waitMs: number): void {
    const counters = countersOf(job.queue)
    this.totals.assigned += 1
    counters.assigned += 1
    counters.observeWait(waitMs)
    if (this.#events.listenerCount('jobAssigned') === 0) return
    this.#events.emit('jobAssigned', {
      ...this.#describe(job),
      worker: describePeer(worker),
      waitTime: waitMs,
    })
  }

  onReturned(job: Job, worker: Peer, reason: JobReturnReason): void {
    this.totals.returned[reason] += 1
    countersOf(job.queue).returned[reason] += 1
    if (this.#events.listenerCount('jobReturned') === 0) return
    this.#events.emit('jobReturned', {
      ...this.#describe(job),
      worker: describePeer(worker),
      reason,
      retries: job.retries,
    })
  }

  onReported(job: Job, worker: Peer, outcome: JobOutcome, runMs: number): void {
    const counters = countersOf(job.queue)
    this.totals[outcome] += 1
    counters[outcome] += 1
    counters.observeRun(runMs)
    this.#onEnded()
    const name = outcome === 'completed' ? 'jobDone' : 'jobFailed'
    if (this.#events.listenerCount(name) === 0) return
    const event = { ...this.#describe(job), worker: describePeer(worker), runTime: runMs }
    if (outcome === 'completed') this.#events.emit('jobDone', event)
    else {
      const reason = outcome === 'failed' ? 'fail' : 'exception'
      this.#events.emit('jobFailed', { ...event, reason })
    }
  }

  onLost(job: Job, worker: Peer, reason: JobReturnReason): void {
    this.totals.lost += 1
    countersOf(job.queue).lost += 1
    this.#onEnded()
    if (this.#events.listenerCount('jobLost') === 0) return
    this.#events.emit('jobLost', {
      ...this.#describe(job),
      worker: describePeer(worker),
      reason,
      retries: job.retries,
    })
  }

  onDropped(job: Job, reason: 'cancelled' | 'abandoned'): void {
    this.totals[reason] += 1
    countersOf(job.queue)[reason] += 1
    this.#onEnded()
    if (this.#events.listenerCount('jobDropped') === 0) return
    this.#events.emit('jobDropped', { ...this.#describe(job), reason })
  }

  onRefused(peer: Peer, [code, text]: ErrorReply): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
    if (this.#events.listenerCount('requestRefused') === 0) return
    this.#events.emit('requestRefused', { ...describePeer(peer), code, text })
  }

  #countRejected(queue: FunctionQueue, reason: JobRejectReason): void {
    this.totals.rejected[reason] += 1
    countersOf(queue).rejected[reason] += 1
  }

  #describe(job: Job): ServerJob {
    return {
      handle: this.#table().handles.format(job),
      functionName: job.queue.name,
      unique: job.unique,
      priority: job.priority,
      background: job.isDurable,
      dataLength: job.length,
    }
  }
}

/** What is told of a peer. */
export function describePeer({ id, address }: Peer): ServerPeer {
  return { id, address }
}

function countersOf(queue: FunctionQueue): FunctionCounters {
  queue.counters ??= new FunctionCounters()
  return queue.counters
}
