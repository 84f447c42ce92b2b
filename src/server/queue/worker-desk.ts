import { PacketType } from '../../protocol/packets.ts'
import type { JobReturnReason } from '../server-stats.ts'
import { Ability } from './ability.ts'
import type { FunctionQueue } from './function-queue.ts'
import type { Job } from './job.ts'
import type { JobTable } from './job-table.ts'
import type { Peer } from './peer.ts'
import { wakeWorkers } from './wake-up.ts'

/** How jobs are chosen. */
export interface WorkerDeskOptions {
  /** A function that gave a job goes to the end of that worker's functions. */
  readonly roundRobin: boolean
  /** Whose order of jobs holds. */
  readonly compat: '1.1.20' | '2.0'
}

/**
 * The workers' side of the job table: what they can do, when they sleep, which job they get, and what
 * becomes of their jobs when they leave.
 *
 * The choice is gearmand's (`libgearman-server/job.cc` gearman_server_job_take). 1.1.20: the worker's functions
 * one after the other, the newest registration first, and inside a function by priority. 2.0: by priority over
 * all functions, among equals the newest registration first, and always round robin.
 */
export class WorkerDesk {
  readonly #table: JobTable
  readonly #isRoundRobin: boolean
  readonly #isPriorityFirst: boolean

  constructor(table: JobTable, { roundRobin, compat }: WorkerDeskOptions) {
    this.#table = table
    this.#isPriorityFirst = compat === '2.0'
    this.#isRoundRobin = roundRobin || this.#isPriorityFirst
  }

  /** CAN_DO: registering twice counts twice, as in gearmand. */
  register(worker: Peer, queue: FunctionQueue, timeoutMs: number): void {
    worker.abilities.push(new Ability(worker, queue, timeoutMs))
    queue.workers += 1
    // What is queued already brings no NOOP; what comes later does.
    if (worker.isSleeping) worker.abilities.enterRings()
  }

  /** CANT_DO: undoes all registrations of the function, and gives its running jobs back. */
  unregister(worker: Peer, queue: FunctionQueue): void {
    const undone = worker.abilities.take(queue)
    queue.workers -= undone.length
    if (undone.length > 0) this.#giveBack(worker, queue, 'unregistered')
  }

  /** RESET_ABILITIES: CANT_DO for everything. */
  unregisterAll(worker: Peer, reason: JobReturnReason = 'unregistered'): void {
    for (const { queue } of worker.abilities.take(undefined)) queue.workers -= 1
    this.#giveBack(worker, undefined, reason)
  }

  /** GRAB_JOB*: the next job of the worker, now assigned to it. */
  grab(worker: Peer): Job | undefined {
    worker.isSleeping = false
    worker.isNooped = false
    const ability = this.#choose(worker)
    const job = ability?.queue.first
    if (ability === undefined || job === undefined) return undefined
    if (this.#isRoundRobin) worker.abilities.rotate(ability)
    this.#table.start(job, ability)
    return job
  }

  /** PRE_SLEEP: a NOOP at once when there is something to do, else one when there is. */
  sleep(worker: Peer): void {
    if (this.#choose(worker) !== undefined) {
      worker.output.send(PacketType.NOOP, [])
      return
    }
    worker.isSleeping = true
    // Other than in gearmand a second PRE_SLEEP counts: a worker that was woken for a job which another
    // one took may sleep again without a grab, and must not be forgotten.
    worker.isNooped = false
    worker.abilities.enterRings()
  }

  /** The connection is gone. */
  leave(worker: Peer): void {
    const passedOn = worker.isNooped ? Array.from(worker.abilities, ({ queue }) => queue) : []
    worker.isSleeping = false
    this.unregisterAll(worker, 'disconnected')
    // It was woken and never came: with `workerWakeup` nobody else might be.
    for (const queue of passedOn) {
      if (queue.isReady) wakeWorkers(queue, this.#table.options.workerWakeup)
    }
  }

  #choose(worker: Peer): Ability | undefined {
    return worker.abilities.choose(this.#table.ready, this.#isPriorityFirst)
  }

  /** The job that was assigned last goes back first, as in gearmand. */
  #giveBack(worker: Peer, queue: FunctionQueue | undefined, reason: JobReturnReason): void {
    let job = worker.running.last
    while (job !== undefined) {
      const { previous } = job
      if (queue === undefined || job.queue === queue) this.#table.giveBack(job, reason)
      job = previous
    }
  }
}
