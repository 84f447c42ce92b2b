import type { JobAssignment } from './job-assignment.ts'
import type { JobPacket } from './job-packet.ts'

/** What withdrawals need of the session that they belong to. */
export interface WithdrawalSession {
  /** The jobs that the server has assigned and that have not ended here. */
  readonly jobs: Iterable<JobAssignment>
  /** Sends CANT_DO; returns how many grabs were sent before it. */
  sendCantDo(task: string): number
  /** Forgets a job that has not started. */
  forget(assignment: JobAssignment): void
}

/**
 * The tasks that are unregistered on one connection.
 *
 * CANT_DO re-queues the running jobs of its task at once (gearmand), so it is sent when none runs here any
 * more. Jobs that the server still assigns in between are held back unstarted, and no further ones
 * are asked for, until CANT_DO returns them.
 */
export class Withdrawals {
  readonly #session: WithdrawalSession
  /** Tasks whose running jobs have to end first, with the jobs that are held back. */
  readonly #pending = new Map<string, JobPacket[]>()
  /** Tasks whose CANT_DO was sent, with the number of grabs that the server may have answered before it. */
  readonly #sent = new Map<string, number>()
  #heldBack = 0

  constructor(session: WithdrawalSession) {
    this.#session = session
  }

  /** Whether grabbing could only bring more jobs that must not start. */
  get isBlocking(): boolean {
    return this.#heldBack > 0
  }

  /** A task is unregistered. */
  begin(task: string): void {
    const held: JobPacket[] = []
    this.#pending.set(task, held)
    for (const assignment of this.#session.jobs) {
      if (assignment.task !== task || assignment.state !== 'waiting') continue
      this.#session.forget(assignment)
      this.#hold(held, packetOf(assignment))
    }
    this.#finish(task)
  }

  /**
   * A task is registered again.
   *
   * @returns the jobs that may start after all; `undefined` when the server was told otherwise already
   */
  cancel(task: string): readonly JobPacket[] | undefined {
    const held = this.#pending.get(task)
    if (held !== undefined) this.#forgetPending(task, held)
    return held
  }

  /**
   * The server has assigned a job.
   *
   * @param grab - how many grabs it has answered before
   * @returns whether the job is none of ours: held back, or back in the server's queue already
   */
  intercepts(packet: JobPacket, grab: number): boolean {
    if (this.#pending.size === 0 && this.#sent.size === 0) return false
    const held = this.#pending.get(packet.task)
    if (held !== undefined) {
      this.#hold(held, packet)
      return true
    }
    const sentBefore = this.#sent.get(packet.task)
    if (sentBefore === undefined) return false
    if (grab < sentBefore) return true
    this.#sent.delete(packet.task)
    return false
  }

  /** A job has ended. */
  onJobEnd(task: string): void {
    if (this.#pending.has(task)) this.#finish(task)
  }

  #finish(task: string): void {
    const held = this.#pending.get(task)
    if (held === undefined || this.#isRunning(task)) return
    this.#forgetPending(task, held)
    this.#sent.set(task, this.#session.sendCantDo(task))
  }

  #isRunning(task: string): boolean {
    for (const assignment of this.#session.jobs) {
      if (assignment.task === task && assignment.state === 'running' && !assignment.isFinal)
        return true
    }
    return false
  }

  #hold(held: JobPacket[], packet: JobPacket): void {
    held.push(packet)
    this.#heldBack += 1
  }

  #forgetPending(task: string, held: readonly JobPacket[]): void {
    this.#pending.delete(task)
    this.#heldBack -= held.length
  }
}

/** An assignment that has not started, as the server sent it: its data are the payload still. */
function packetOf({ handle, task, unique, reducer, data }: JobAssignment): JobPacket {
  return { handle, task, unique, reducer, payload: data as Buffer }
}
