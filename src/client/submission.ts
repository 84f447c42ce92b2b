import type { ReplySlot } from '../connection/session.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import { EncodingError, type GearmanError, type ServerError } from '../errors.ts'
import { JOB_COMPLETE, JOB_CREATED, JOB_FAILED } from '../jobs/constants.ts'
import { PacketType } from '../protocol/packets.ts'
import type { ClientSession } from './client-session.ts'
import type { GearmanJobRequest } from './job-request.ts'
import { readWorkStatus } from './job-status.ts'
import type { AttachedSubmission } from './request-progress.ts'
import type { JobUpdate } from './update-queue.ts'

/** Decides what becomes of a request whose connection was lost. */
export interface SubmissionOwner {
  /** The connection was lost. `wasSent`: bytes of the request may have reached the server. */
  onLost(request: GearmanJobRequest, error: GearmanError, wasSent: boolean): void
}

/**
 * One sending of a request to one server: waits for JOB_CREATED in the session's FIFO and, in the foreground,
 * for the packets of its job afterwards. Brings the request up to date; owns no policy.
 */
export class Submission implements ReplySlot, AttachedSubmission {
  /** Where its packet begins in the stream. */
  position = 0
  readonly #session: ClientSession
  readonly #encoder: AnyEncoder
  readonly #owner: SubmissionOwner
  #request: GearmanJobRequest | undefined

  constructor(
    request: GearmanJobRequest,
    session: ClientSession,
    encoder: AnyEncoder,
    owner: SubmissionOwner,
  ) {
    this.#request = request
    this.#session = session
    this.#encoder = encoder
    this.#owner = owner
  }

  accepts(type: number): boolean {
    return type === PacketType.JOB_CREATED
  }

  detach(): void {
    this.#request = undefined
  }

  /** The task of its job. */
  get task(): string {
    return this.#request?.gearmanJob.task ?? ''
  }

  /** Whether its job goes on without a result. */
  get isBackground(): boolean {
    return this.#request?.background === true
  }

  onReply(_type: number, body: Buffer): void {
    this.#session.onAnswered(this)
    const handle = readHandle(body)
    const request = this.#request
    if (request === undefined) return
    request.gearmanJob.handle = handle
    request.state = JOB_CREATED
    request.delivery = 'accepted'
    request.error = undefined
    request.progress.payload = undefined
    request.progress.isSubmitting = false
    if (request.background) this.#settle(request)
    else {
      this.#session.track(handle, this)
      request.progress.notify(request)
    }
  }

  onServerError(error: ServerError): void {
    this.#session.onAnswered(this)
    const request = this.#request
    if (request === undefined) return
    request.delivery = request.progress.lostDelivery
    request.progress.isSubmitting = false
    this.#fail(request, error)
  }

  onLost(error: GearmanError, wasSent: boolean): void {
    const request = this.#request
    this.#request = undefined
    if (request !== undefined) this.#owner.onLost(request, error, wasSent)
  }

  /** WORK_DATA or WORK_WARNING. */
  onData(type: 'data' | 'warning', payload: Buffer): void {
    const request = this.#request
    if (request === undefined) return
    const data = this.#decode(request, payload)
    if (data !== undefined) this.#addUpdate(request, { type, data: data.value }, payload.length)
  }

  /** WORK_STATUS. */
  onStatus(body: Buffer, handle: string): void {
    const request = this.#request
    if (request === undefined) return
    const status = readWorkStatus(body, handle, this.#session.server)
    request.status = status
    const { numerator, denominator } = status
    if (request.progress.updates !== undefined) {
      this.#addUpdate(request, { type: 'status', numerator, denominator }, 0)
    }
    request.progress.notify(request)
  }

  /** WORK_COMPLETE. */
  onComplete(payload: Buffer): void {
    const request = this.#request
    if (request === undefined) return
    const result = this.#decode(request, payload)
    if (result === undefined) return
    request.result = result.value
    request.state = JOB_COMPLETE
    this.#settle(request)
  }

  /** WORK_FAIL. */
  onFail(): void {
    if (this.#request !== undefined) this.#fail(this.#request, undefined)
  }

  /** WORK_EXCEPTION, which ends a job. */
  onException(payload: Buffer): void {
    const request = this.#request
    if (request === undefined) return
    request.exception = this.#decodeException(payload)
    this.#fail(request, undefined)
  }

  /** A packet of the job was too large to be taken. */
  onOversized(error: EncodingError): void {
    if (this.#request !== undefined) this.#fail(this.#request, error)
  }

  #addUpdate(request: GearmanJobRequest, update: JobUpdate, bytes: number): void {
    const overflow = request.progress.addUpdate(update, bytes)
    if (overflow !== undefined) this.#fail(request, overflow)
  }

  /** A payload that cannot be read fails the request; the connection and other requests go on. */
  #decode(request: GearmanJobRequest, payload: Buffer): { readonly value: unknown } | undefined {
    try {
      return { value: this.#encoder.decode(payload) }
    } catch (cause) {
      this.#fail(request, asEncodingError(cause))
      return undefined
    }
  }

  #decodeException(payload: Buffer): unknown {
    try {
      return this.#encoder.decodeError(payload)
    } catch {
      // Design 3.7: kept as bytes. They may be a view into a chunk of the connection.
      return Buffer.from(payload)
    }
  }

  #fail(request: GearmanJobRequest, error: Error | undefined): void {
    request.state = JOB_FAILED
    request.error = error
    this.#settle(request)
  }

  #settle(request: GearmanJobRequest): void {
    this.#request = undefined
    request.progress.submission = undefined
    request.progress.payload = undefined
    request.finishUpdates()
    request.progress.notify(request)
  }
}

/** One trailing NUL is cut off: gearmand leaves it on some handles. */
export function readHandle(body: Buffer, end: number = body.length): string {
  const hasNul = end > 0 && body[end - 1] === 0
  return body.toString('latin1', 0, hasNul ? end - 1 : end)
}

function asEncodingError(cause: unknown): Error {
  if (cause instanceof EncodingError) return cause
  return new EncodingError('a payload could not be decoded', { cause })
}
