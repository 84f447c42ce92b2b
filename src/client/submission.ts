import type { ReplySlot } from '../connection/session.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import { EncodingError, type GearmanError, type ServerError } from '../errors.ts'
import { JOB_COMPLETE, JOB_CREATED, JOB_FAILED } from '../jobs/constants.ts'
import { readHandle } from '../protocol/arguments.ts'
import { PacketType } from '../protocol/packets.ts'
import type { ClientSession } from './client-session.ts'
import type { GearmanJobRequest } from './job-request.ts'
import { readWorkStatus } from './job-status.ts'
import type { AttachedSubmission } from './request-progress.ts'
import type { JobUpdate } from './update-queue.ts'

/**
 * One sending of a request to one server: waits for JOB_CREATED in the session's FIFO and, in the foreground,
 * for the packets of its job afterwards. Brings the request up to date; owns no policy. Without private methods, which
 * would take a field of each: there may be 100,000.
 */
export class Submission implements ReplySlot, AttachedSubmission {
  /** Where its packet begins in the stream. */
  position = 0
  readonly #session: ClientSession
  readonly #encoder: AnyEncoder
  #request: GearmanJobRequest | undefined

  constructor(request: GearmanJobRequest, session: ClientSession, encoder: AnyEncoder) {
    this.#request = request
    this.#session = session
    this.#encoder = encoder
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
    this.onCreated(body, 0, body.length)
  }

  /** JOB_CREATED, whose body lies in `bytes`. */
  onCreated(bytes: Buffer, start: number, bodyEnd: number): void {
    this.#session.onAnswered(this)
    const request = this.#request
    if (request === undefined) return
    const end = handleEnd(bytes, start, bodyEnd)
    request.gearmanJob.handle = readHandle(bytes, end, start)
    request.state = JOB_CREATED
    request.delivery = 'accepted'
    request.error = undefined
    request.progress.payload = undefined
    request.progress.isSubmitting = false
    if (request.background) settle(request)
    else {
      this.#session.track(bytes, start, end, this)
      request.progress.notify(request)
    }
  }

  onServerError(error: ServerError): void {
    this.#session.onAnswered(this)
    const request = this.#request
    if (request === undefined) return
    request.delivery = request.progress.lostDelivery
    request.progress.isSubmitting = false
    fail(request, error)
  }

  onLost(error: GearmanError, wasSent: boolean): void {
    const request = this.#request
    this.#request = undefined
    request?.owner?.onLost(request, error, wasSent)
  }

  /** WORK_DATA or WORK_WARNING. */
  onData(type: 'data' | 'warning', payload: Buffer): void {
    const request = this.#request
    if (request === undefined) return
    let data: unknown
    try {
      data = this.#encoder.decode(payload)
    } catch (cause) {
      // The request fails; the connection and other requests go on.
      fail(request, asEncodingError(cause))
      return
    }
    addUpdate(request, { type, data }, payload.length)
  }

  /** WORK_STATUS. */
  onStatus(body: Buffer, handle: string): void {
    const request = this.#request
    if (request === undefined) return
    const status = readWorkStatus(body, handle, this.#session.server)
    request.status = status
    const { numerator, denominator } = status
    if (request.progress.updates !== undefined) {
      addUpdate(request, { type: 'status', numerator, denominator }, 0)
    }
    request.progress.notify(request)
  }

  /** WORK_COMPLETE. */
  onComplete(payload: Buffer): void {
    const request = this.#request
    if (request === undefined) return
    try {
      request.result = this.#encoder.decode(payload)
    } catch (cause) {
      fail(request, asEncodingError(cause))
      return
    }
    request.state = JOB_COMPLETE
    settle(request)
  }

  /** WORK_FAIL. */
  onFail(): void {
    if (this.#request !== undefined) fail(this.#request, undefined)
  }

  /** WORK_EXCEPTION, which ends a job. */
  onException(payload: Buffer): void {
    const request = this.#request
    if (request === undefined) return
    request.exception = decodeException(this.#encoder, payload)
    fail(request, undefined)
  }

  /** A packet of the job was too large to be taken. */
  onOversized(error: EncodingError): void {
    if (this.#request !== undefined) fail(this.#request, error)
  }
}

function addUpdate(request: GearmanJobRequest, update: JobUpdate, bytes: number): void {
  const overflow = request.progress.addUpdate(update, bytes)
  if (overflow !== undefined) fail(request, overflow)
}

function decodeException(encoder: AnyEncoder, payload: Buffer): unknown {
  try {
    return encoder.decodeError(payload)
  } catch {
    // Design 3.7: kept as bytes.
    return payload
  }
}

function fail(request: GearmanJobRequest, error: Error | undefined): void {
  request.state = JOB_FAILED
  request.error = error
  settle(request)
}

/** Nothing more comes of the sending under way. */
function settle(request: GearmanJobRequest): void {
  request.progress.detach()
  request.progress.payload = undefined
  request.finishUpdates()
  request.progress.notify(request)
}

/** Where a handle that fills a packet ends. One trailing NUL is cut off: gearmand leaves it on some handles. */
export function handleEnd(bytes: Buffer, start = 0, bodyEnd: number = bytes.length): number {
  return bodyEnd > start && bytes[bodyEnd - 1] === 0 ? bodyEnd - 1 : bodyEnd
}

function asEncodingError(cause: unknown): Error {
  if (cause instanceof EncodingError) return cause
  return new EncodingError('a payload could not be decoded', { cause })
}
