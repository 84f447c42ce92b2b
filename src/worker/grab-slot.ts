import type { ReplySlot } from '../connection/session.ts'
import type { ServerError } from '../errors.ts'
import { PacketType } from '../protocol/packets.ts'
import { isJobPacket } from './job-packet.ts'

/** Whom the answers to grabs are for. */
export interface GrabListener {
  /** A job, or NO_JOB. */
  onGrabAnswer(type: number, body: Buffer): void
  /** The server does not know this way to grab, or has another complaint. */
  onGrabError(type: number, error: ServerError): void
}

/** Whether a packet can answer a grab. */
export function isGrabAnswer(type: number): boolean {
  return type === PacketType.NO_JOB || isJobPacket(type)
}

/** Waits for the answer to a grab. All grabs of one kind on a connection share one: they differ in nothing. */
export class GrabSlot implements ReplySlot {
  position = 0
  /** The packet that asks. */
  readonly type: number
  readonly #listener: GrabListener

  constructor(listener: GrabListener, type: number) {
    this.#listener = listener
    this.type = type
  }

  accepts(type: number): boolean {
    return isGrabAnswer(type)
  }

  onReply(type: number, body: Buffer): void {
    this.#listener.onGrabAnswer(type, body)
  }

  onServerError(error: ServerError): void {
    this.#listener.onGrabError(this.type, error)
  }

  onLost(): void {
    // The session is told as a whole, and gives all slots back at once.
  }
}
