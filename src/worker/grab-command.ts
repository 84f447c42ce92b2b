import { PacketType } from '../protocol/packets.ts'

/**
 * The ways to ask for a job, best first. GRAB_JOB_ALL brings the reducer of a job as well; a server that
 * does not know it is asked with GRAB_JOB_UNIQ, and Perl's server, which does not know that, with GRAB_JOB.
 */
const COMMANDS: readonly number[] = [
  PacketType.GRAB_JOB_ALL,
  PacketType.GRAB_JOB_UNIQ,
  PacketType.GRAB_JOB,
]

/** Connections lost in a row over an unanswered grab, after which the next way is tried. */
const MAX_LOSSES = 3

/** Which of them a server understands; kept from connect to connect. */
export class GrabCommand {
  #index = 0
  #isKnown = false
  #losses = 0

  /** The packet to send. */
  get type(): number {
    return COMMANDS[this.#index] ?? PacketType.GRAB_JOB
  }

  /** The server has answered it. */
  onAnswer(): void {
    this.#isKnown = true
  }

  /**
   * The server has answered ERROR to a grab.
   *
   * @returns whether there is another way to ask
   */
  onRefused(type: number): boolean {
    // Grabs that were under way together are refused together: the first one decides.
    if (type !== this.type) return true
    if (this.#index === COMMANDS.length - 1) return false
    this.#index += 1
    return true
  }

  /** The connection was lost over an unanswered grab: a server may close at a packet that it does not know. */
  onLost(): void {
    if (this.#isKnown) return
    this.#losses += 1
    if (this.#losses < MAX_LOSSES) return
    this.#losses = 0
    this.#index = (this.#index + 1) % COMMANDS.length
  }
}
