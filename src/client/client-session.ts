import { AcceptLatency } from '../connection/accept-latency.ts'
import { type ReplySlot, Session } from '../connection/session.ts'
import { createDeferred, type Deferred } from '../core/deferred.ts'
import { createLog } from '../core/log.ts'
import { detachFrom } from '../encoders/detach.ts'
import { EncodingError, type GearmanError, type ServerError } from '../errors.ts'
import { argumentEnd, readHandle } from '../protocol/arguments.ts'
import { OWN_PACKETS_OPTION } from '../protocol/own-packets.ts'
import type { PacketArgument } from '../protocol/packet-encoder.ts'
import { PacketType, packetName } from '../protocol/packets.ts'
import { HandleTable } from './handle-table.ts'
import { QueueReport } from './queue-report.ts'
import { OwnPacketsSlot } from './result-slot.ts'
import { handleEnd, Submission } from './submission.ts'

const log = createLog('client')

/** The part of its jobs that a busy client holds back for company: what is held keeps no worker from work. */
const HELD_SHARE = 1 / 16

const ANSWERS: ReadonlySet<number> = new Set([
  PacketType.JOB_CREATED,
  PacketType.OPTION_RES,
  PacketType.STATUS_RES,
  PacketType.STATUS_RES_UNIQUE,
  PacketType.RESULT_RES,
])

/** The client's side of one connection: submissions in the order of their replies, and jobs by handle. */
export class ClientSession extends Session {
  readonly #jobs = new HandleTable<Submission>()
  readonly #latency = new AcceptLatency()
  #unanswered = 0
  #queues: QueueReport | undefined
  #ownPackets: Deferred<void> | undefined

  /** The server as `host:port`. */
  get server(): string {
    return this.link.server
  }

  override get outstandingJobs(): number {
    return this.#unanswered + this.#jobs.size
  }

  override get maxHeldPackets(): number {
    return Math.floor(this.outstandingJobs * HELD_SHARE)
  }

  override get acceptLatency(): number | undefined {
    return this.#latency.value
  }

  override reportedJobs(task: string): number | undefined {
    return this.#queues?.jobs(task)
  }

  override probeQueues(): void {
    this.#queues ??= new QueueReport(this.server)
    if (!this.#queues.isWanted) return
    this.#queues.begin()
    this.askLine(this.#queues, 'status\n')
  }

  /** Asks for exceptions (design 3.7); the answer, even a refusal, makes the connection ready. */
  override start(): void {
    this.request(new OptionSlot(), PacketType.OPTION_REQ, ['exceptions'])
  }

  /**
   * Sends a SUBMIT_* packet.
   *
   * @throws EncodingError when it cannot be framed; nothing was sent then
   */
  submit(submission: Submission, type: number, args: readonly PacketArgument[]): void {
    this.request(submission, type, args)
    this.#unanswered += 1
    this.#latency.onSent(submission)
    if (this.#queues !== undefined && submission.isBackground) this.#queues.onSent(submission.task)
  }

  /** A submission was answered, one way or the other. */
  onAnswered(submission: Submission): void {
    this.#unanswered -= 1
    this.#latency.onAnswer(submission)
  }

  /** Sends a question whose answer goes to `slot`. */
  ask(slot: ReplySlot, type: number, argument: string): void {
    this.request(slot, type, [argument])
  }

  /**
   * Resolves when packets of type 1000 and up may be sent; the server is asked once.
   *
   * Rejects with ServerError when it is not of this package: such a packet would close the connection.
   */
  async allowOwnPackets(): Promise<void> {
    if (this.#ownPackets === undefined) {
      this.#ownPackets = createDeferred()
      const slot = new OwnPacketsSlot(this.server, this.#ownPackets)
      this.request(slot, PacketType.OPTION_REQ, [OWN_PACKETS_OPTION])
    }
    await this.#ownPackets.promise
  }

  /** Sends GET_RESULT, once {@link allowOwnPackets} has resolved. */
  askForResult(slot: ReplySlot, key: readonly [handle: string, unique: string]): void {
    this.request(slot, PacketType.GET_RESULT, key)
  }

  /** Sends a line of text whose answer is one line. */
  askLine(slot: ReplySlot & LineSlot, line: string): void {
    this.requestLine(slot, Buffer.from(line))
  }

  /** A foreground job was accepted: packets with the handle that lies in `bytes` belong to `submission` from now on. */
  track(bytes: Buffer, handleStart: number, handleEnd: number, submission: Submission): void {
    this.#jobs.add(bytes, handleStart, handleEnd, submission)
  }

  /** The two packets that each foreground job has. */
  override onPacketInPlace(type: number, chunk: Buffer, start: number, end: number): boolean {
    if (type === PacketType.WORK_COMPLETE) {
      this.#onFinal(type, chunk, start, end)
      return true
    }
    const head = type === PacketType.JOB_CREATED ? this.headReply() : undefined
    if (!(head instanceof Submission)) return false
    this.shiftReply()
    head.onCreated(chunk, start, end)
    return true
  }

  override onLine(line: Buffer): void {
    const head = this.headReply()
    if (head === undefined || !isLineSlot(head)) super.onLine(line)
    else if (head.onLine(line.toString('utf8'))) this.shiftReply()
  }

  override onOversized(type: number, size: number, front: Buffer): void {
    if (type === PacketType.RESULT_RES && this.headReply()?.accepts(type) === true) {
      const text = `the result of ${size} bytes is over the limit of this client`
      this.headReply()?.onLost(new EncodingError(text), true)
      this.shiftReply()
      return
    }
    const end = front.indexOf(0)
    if (!hasPayload(type) || end === -1) {
      throw this.protocolError(`${packetName(type)} of ${size} bytes`)
    }
    const error = new EncodingError(
      `${packetName(type)} of ${size} bytes is over the limit of this client`,
    )
    for (const submission of listed(this.#jobs.end(front, 0, end))) submission.onOversized(error)
  }

  protected override onUnsolicited(type: number, body: Buffer): void {
    switch (type) {
      case PacketType.WORK_COMPLETE:
      case PacketType.WORK_EXCEPTION:
        this.#onFinal(type, body, 0, body.length)
        break
      case PacketType.WORK_FAIL:
        for (const submission of listed(this.#jobs.end(body, 0, handleEnd(body))))
          submission.onFail()
        break
      case PacketType.WORK_DATA:
      case PacketType.WORK_WARNING:
        this.#onData(type, body)
        break
      case PacketType.WORK_STATUS:
        this.#onStatus(body)
        break
      default:
        throw this.unexpected(type)
    }
  }

  protected override expects(type: number): boolean {
    return ANSWERS.has(type) || super.expects(type)
  }

  protected override onLost(error: GearmanError): void {
    this.#unanswered = 0
    for (const submission of this.#jobs.drain()) submission.onLost(error, true)
  }

  protected override onStrayError(error: ServerError): void {
    log('%s: %s', this.server, error.message)
  }

  #onFinal(type: number, bytes: Buffer, start: number, bodyEnd: number): void {
    const end = argumentEnd(type, bytes, start, bodyEnd)
    const ended = this.#jobs.end(bytes, start, end)
    if (ended instanceof Submission) finish(ended, type, detachFrom(bytes, end + 1, bodyEnd))
    else for (const one of listed(ended)) finish(one, type, detachFrom(bytes, end + 1, bodyEnd))
  }

  #onData(type: number, body: Buffer): void {
    const end = argumentEnd(type, body, 0)
    const kind = type === PacketType.WORK_DATA ? 'data' : 'warning'
    this.#jobs.next(body, 0, end)?.onData(kind, detachFrom(body, end + 1))
  }

  #onStatus(body: Buffer): void {
    const end = argumentEnd(PacketType.WORK_STATUS, body, 0)
    this.#jobs.next(body, 0, end)?.onStatus(body, readHandle(body, end))
  }
}

function finish(submission: Submission, type: number, payload: Buffer): void {
  if (type === PacketType.WORK_COMPLETE) submission.onComplete(payload)
  else submission.onException(payload)
}

/** What a handle belonged to, as a list. */
function listed(ended: Submission | readonly Submission[] | undefined): readonly Submission[] {
  if (ended === undefined) return []
  return ended instanceof Submission ? [ended] : ended
}

/** A slot whose answer is text. */
export interface LineSlot {
  /**
   * A line, without its end.
   *
   * @returns whether the answer is complete
   */
  onLine(line: string): boolean
}

function isLineSlot(slot: ReplySlot): slot is ReplySlot & LineSlot {
  return 'onLine' in slot
}

function hasPayload(type: number): boolean {
  return (
    type === PacketType.WORK_COMPLETE ||
    type === PacketType.WORK_EXCEPTION ||
    type === PacketType.WORK_DATA ||
    type === PacketType.WORK_WARNING
  )
}

/** The option is a wish: a server that refuses it sends WORK_FAIL instead of WORK_EXCEPTION. */
class OptionSlot implements ReplySlot {
  position = 0

  accepts(type: number): boolean {
    return type === PacketType.OPTION_RES
  }

  onReply(): void {}

  onServerError(): void {}

  onLost(): void {}
}
