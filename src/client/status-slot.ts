import type { ReplySlot } from '../connection/session.ts'
import type { GearmanError, ServerError } from '../errors.ts'
import { PacketType } from '../protocol/packets.ts'
import type { LineSlot } from './client-session.ts'
import { type JobStatus, readStatus } from './job-status.ts'

/** Waits for the answer to GET_STATUS or GET_STATUS_UNIQUE. */
export class StatusSlot implements ReplySlot {
  position = 0
  readonly #server: string
  readonly #onStatus: (status: JobStatus) => void
  readonly #onError: (error: GearmanError) => void

  constructor(
    server: string,
    onStatus: (status: JobStatus) => void,
    onError: (error: GearmanError) => void,
  ) {
    this.#server = server
    this.#onStatus = onStatus
    this.#onError = onError
  }

  accepts(type: number): boolean {
    return type === PacketType.STATUS_RES || type === PacketType.STATUS_RES_UNIQUE
  }

  onReply(type: number, body: Buffer): void {
    this.#onStatus(readStatus(type, body, this.#server))
  }

  onServerError(error: ServerError): void {
    this.#onError(error)
  }

  onLost(error: GearmanError): void {
    this.#onError(error)
  }
}

/** Waits for the one line that answers `cancel job`. */
export class CancelSlot implements ReplySlot, LineSlot {
  position = 0
  readonly #resolve: (wasKnown: boolean) => void
  readonly #reject: (error: GearmanError) => void

  constructor(resolve: (wasKnown: boolean) => void, reject: (error: GearmanError) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  accepts(): boolean {
    return false
  }

  onReply(): void {}

  /** `OK`, or `ERR UNKNOWN_JOB` when the job has ended already. */
  onLine(line: string): boolean {
    this.#resolve(line.startsWith('OK'))
    return true
  }

  onServerError(error: ServerError): void {
    this.#reject(error)
  }

  onLost(error: GearmanError): void {
    this.#reject(error)
  }
}
