import { show } from '../core/checks.ts'
import { createLog } from '../core/log.ts'
import type { TypedEmitter } from '../core/typed-emitter.ts'
import type { EncoderRegistry } from '../encoders/encoder-registry.ts'
import { RawDataEncoder } from '../encoders/raw-data-encoder.ts'
import { InvalidArgumentError, InvalidWorkerState } from '../errors.ts'
import type { PacketArgument } from '../protocol/packet-encoder.ts'
import { PacketType } from '../protocol/packets.ts'
import type { JobAssignment } from './job-assignment.ts'
import type { LooseEncoder } from './registration.ts'
import type { WorkerEvents } from './worker-events.ts'

const log = createLog('worker')

/** What a reporter needs to know. */
export interface ReporterOptions {
  /** Whether failures are sent with what was thrown (WORK_EXCEPTION), or without (WORK_FAIL). */
  readonly sendsExceptions: boolean
  /** The encoders of tasks that were registered without one. */
  readonly encoders: EncoderRegistry
}

/** Sends what workers say about their jobs, and sees to it that each ends exactly once. */
export class JobReporter {
  readonly #events: TypedEmitter<WorkerEvents>
  readonly #options: ReporterOptions

  constructor(events: TypedEmitter<WorkerEvents>, options: ReporterOptions) {
    this.#events = events
    this.#options = options
  }

  /** The encoder of a job: its task's own, or else the worker's. */
  encoderOf(assignment: JobAssignment): LooseEncoder {
    const own = assignment.registration?.encoder
    // Its types are the user's affair: what it is given decides at run time.
    return own ?? (this.#options.encoders.encoderFor(assignment.task) as LooseEncoder)
  }

  /** WORK_DATA. */
  sendData(assignment: JobAssignment, data: unknown): Promise<void> {
    return this.#sendUpdate(assignment, PacketType.WORK_DATA, data)
  }

  /** WORK_WARNING. */
  sendWarning(assignment: JobAssignment, data: unknown): Promise<void> {
    return this.#sendUpdate(assignment, PacketType.WORK_WARNING, data)
  }

  /** WORK_STATUS, as decimal text. */
  sendStatus(assignment: JobAssignment, numerator: number, denominator: number): Promise<void> {
    return sending(assignment, () => {
      requireOpen(assignment)
      const texts = [decimal('numerator', numerator), decimal('denominator', denominator)]
      assignment.session.report(PacketType.WORK_STATUS, [assignment.handle, ...texts])
    })
  }

  /** WORK_COMPLETE, by hand. */
  sendComplete(assignment: JobAssignment, result: unknown): Promise<void> {
    return sending(assignment, () => {
      requireOpen(assignment)
      this.complete(assignment, result)
    })
  }

  /** WORK_FAIL, by hand. */
  sendFailure(assignment: JobAssignment): Promise<void> {
    return sending(assignment, () => {
      requireOpen(assignment)
      this.#finish(assignment, PacketType.WORK_FAIL, [assignment.handle])
      this.fail(assignment, undefined)
    })
  }

  /** WORK_EXCEPTION, by hand. */
  sendException(assignment: JobAssignment, data: unknown): Promise<void> {
    return sending(assignment, () => {
      requireOpen(assignment)
      const bytes = this.encoderOf(assignment).encode(data)
      this.#finish(assignment, PacketType.WORK_EXCEPTION, [assignment.handle, bytes])
      this.fail(assignment, undefined)
    })
  }

  /**
   * Sends the result, unless the job has ended.
   *
   * @throws EncodingError when it cannot be encoded
   */
  complete(assignment: JobAssignment, result: unknown): void {
    if (!isOpen(assignment)) return
    // No result is an empty payload, whatever the encoder (design 3.12).
    const bytes = result === undefined ? NOTHING : this.encoderOf(assignment).encode(result)
    this.#finish(assignment, PacketType.WORK_COMPLETE, [assignment.handle, bytes])
    if (this.#events.listenerCount('jobCompleted') > 0 && assignment.job !== undefined) {
      this.#events.emit('jobCompleted', { job: assignment.job })
    }
  }

  /** Sends what was thrown, unless the job has ended. Never throws. */
  throwInto(assignment: JobAssignment, error: unknown): void {
    if (!isOpen(assignment)) return
    const { handle } = assignment
    if (this.#options.sendsExceptions) {
      const bytes = this.#encodeError(assignment, error)
      this.#finish(assignment, PacketType.WORK_EXCEPTION, [handle, bytes])
    } else {
      this.#finish(assignment, PacketType.WORK_FAIL, [handle])
    }
  }

  /** Tells that a job has failed: once, however it is reported. */
  fail(assignment: JobAssignment, error: unknown): void {
    if (assignment.hasFailed || assignment.job === undefined) return
    assignment.hasFailed = true
    this.#events.emit('jobFailed', { job: assignment.job, error })
  }

  #sendUpdate(assignment: JobAssignment, type: number, data: unknown): Promise<void> {
    return sending(assignment, () => {
      requireOpen(assignment)
      const bytes = this.encoderOf(assignment).encode(data)
      assignment.session.report(type, [assignment.handle, bytes])
    })
  }

  #finish(assignment: JobAssignment, type: number, args: readonly PacketArgument[]): void {
    assignment.session.reportEnd(type, args)
    assignment.isFinal = true
  }

  #encodeError(assignment: JobAssignment, error: unknown): Uint8Array {
    try {
      return this.encoderOf(assignment).encodeError(error)
    } catch (cause) {
      log('%s: the error could not be encoded: %O', assignment.handle, cause)
      return FALLBACK_ENCODER.encodeError(error)
    }
  }
}

const FALLBACK_ENCODER = new RawDataEncoder()
const NOTHING = Buffer.alloc(0)

function isOpen({ isFinal, abandoned }: JobAssignment): boolean {
  return !isFinal && abandoned === undefined
}

/** @throws InvalidWorkerState when the job has ended, or why it was abandoned */
function requireOpen(assignment: JobAssignment): void {
  if (assignment.abandoned !== undefined) throw assignment.abandoned
  if (assignment.isFinal) {
    throw new InvalidWorkerState(`job ${assignment.handle} has ended: nothing can be sent for it`)
  }
}

/** Runs what sends; its failure is the promise's. Nobody need look at the promise. */
function sending(assignment: JobAssignment, send: () => void): Promise<void> {
  try {
    send()
  } catch (error) {
    log('%s: not sent: %O', assignment.handle, error)
    const refused = Promise.reject(error)
    refused.catch(() => undefined)
    return refused
  }
  return assignment.session.written()
}

function decimal(name: string, value: number): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new InvalidArgumentError(name, `must be a finite number, not ${show(value)}`)
  }
  // `1e21` and the like are not what servers and clients read.
  const text = String(value)
  if (!text.includes('e')) return text
  return Number.isInteger(value)
    ? BigInt(value).toString()
    : value.toFixed(20).replace(/\.?0+$/, '')
}
