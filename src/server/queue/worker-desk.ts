import { PacketType } from '../../protocol/packets.ts'
import { Ability } from './ability.ts'
import type { FunctionQueue } from './function-queue.ts'
import type { Job } from './job.ts'
import type { JobTable } from './job-table.ts'
import type { Peer } from './peer.ts'
import { wakeWorkers } from './wake-up.ts'

/**
 * The workers' side of the job table: what they can do, when they sleep, which job they get, and what
 * becomes of their jobs when they leave.
 *
 * The choice is gearmand 1.1.20's: the worker's functions one after the other, the newest registration
 * first, and inside a function by priority (`libgearman-server/job.cc` gearman_server_job_take).
 */
export class WorkerDesk {
  readonly #table: JobTable
  readonly #isRoundRobin: boolean

  /** @param isRoundRobin - a function that gave a job goes to the end of that worker's functions */
  constructor(table: JobTable, isRoundRobin: boolean) {
    this.#table = table
    this.#isRoundRobin = isRoundRobin
  }

  /** CAN_DO: registering twice counts twice, as in gearmand. */
  register(worker: Peer, queue: FunctionQueue, timeoutMs: number): void {
    const ability = new Ability(worker, queue, timeoutMs)
    worker.abilities.push(ability)
    queue.workers += 1
    // What is queued already brings no NOOP; what comes later does.
    if (worker.isSleeping) queue.sleepers.push(ability)
  }

  /** CANT_DO: undoes all registrations of the function, and gives its running jobs back. */
  unregister(worker: Peer, queue: FunctionQueue): void {
    const kept = worker.abilities.filter((ability) => ability.queue !== queue)
    if (kept.length === worker.abilities.length) return
    for (const ability of worker.abilities) if (ability.queue === queue) release(ability)
    worker.abilities.splice(0, worker.abilities.length, ...kept)
    this.#giveBack(worker, queue)
  }

  /** RESET_ABILITIES: CANT_DO for everything. */
  unregisterAll(worker: Peer): void {
    for (const ability of worker.abilities) release(ability)
    worker.abilities.length = 0
    this.#giveBack(worker, undefined)
  }

  /** GRAB_JOB*: the next job of the worker, now assigned to it. */
  grab(worker: Peer): Job | undefined {
    worker.isSleeping = false
    worker.isNooped = false
    const { abilities } = worker
    for (let index = abilities.length - 1; index >= 0; index -= 1) {
      const ability = abilities[index]
      const job = ability?.queue.first
      if (ability === undefined || job === undefined) continue
      if (this.#isRoundRobin) {
        abilities.splice(index, 1)
        abilities.unshift(ability)
      }
      this.#table.start(job, ability)
      return job
    }
    return undefined
  }

  /** PRE_SLEEP: a NOOP at once when there is something to do, else one when there is. */
  sleep(worker: Peer): void {
    if (worker.abilities.some((ability) => ability.queue.hasQueued)) {
      worker.output.send(PacketType.NOOP, [])
      return
    }
    worker.isSleeping = true
    // Other than in gearmand a second PRE_SLEEP counts: a worker that was woken for a job which another
    // one took may sleep again without a grab, and must not be forgotten.
    worker.isNooped = false
    for (const ability of worker.abilities) ability.queue.sleepers.push(ability)
  }

  /** The connection is gone. */
  leave(worker: Peer): void {
    const passedOn = worker.isNooped ? worker.abilities.map((ability) => ability.queue) : []
    worker.isSleeping = false
    this.unregisterAll(worker)
    // It was woken and never came: with `workerWakeup` nobody else might be.
    for (const queue of passedOn) {
      if (queue.hasQueued) wakeWorkers(queue, this.#table.options.workerWakeup)
    }
  }

  /** The job that was assigned last goes back first, as in gearmand. */
  #giveBack(worker: Peer, queue: FunctionQueue | undefined): void {
    let job = worker.running.last
    while (job !== undefined) {
      const { previous } = job
      if (queue === undefined || job.queue === queue) this.#table.giveBack(job)
      job = previous
    }
  }
}

function release(ability: Ability): void {
  ability.queue.workers -= 1
  ability.queue.sleepers.remove(ability)
}
