import { Fifo } from '../core/fifo.ts'
import { type GearmanError, ProtocolError, ServerError, UnknownCommandError } from '../errors.ts'
import { argumentEnd, readText } from '../protocol/arguments.ts'
import type { PacketArgument } from '../protocol/packet-encoder.ts'
import { PacketType, packetInfo, packetName } from '../protocol/packets.ts'

/** What a session can do with the connection it speaks on. */
export interface SessionLink {
  /** The server as `host:port`. */
  readonly server: string
  /** The stream position at which the next packet begins. */
  readonly position: number
  /** Bytes that the kernel has not taken yet. */
  readonly unsentBytes: number
  /** Queues one packet for the write at the end of this turn. */
  send(type: number, args: readonly PacketArgument[]): void
  /** Queues bytes that are no packet: a line of text. */
  sendBytes(bytes: Uint8Array): void
  /** The peer cannot be trusted any more: closes the connection, which is dialled anew. */
  fail(error: GearmanError): void
}

/** Something that waits for the next reply on a connection. Entries of a session's FIFO. */
export interface ReplySlot {
  /** Where its request begins in the stream; set by the session. */
  position: number
  /** Whether this packet type answers the request. */
  accepts(type: number): boolean
  /** The answer. */
  onReply(type: number, body: Buffer): void
  /** The server answered ERROR instead. */
  onServerError(error: ServerError): void
  /** The connection is lost. `wasSent`: its bytes may have reached the server. */
  onLost(error: GearmanError, wasSent: boolean): void
}

/**
 * The protocol state of one connection: no I/O, one new session for each connect.
 *
 * gearmand answers the requests of a connection in order, and ERROR takes the place of an answer (design
 * 3.3); so everything that expects one stands in one FIFO.
 */
export abstract class Session {
  protected readonly link: SessionLink
  readonly #replies = new Fifo<ReplySlot>()

  constructor(link: SessionLink) {
    this.link = link
  }

  /** The transport is open: sends what begins the conversation. The first reply makes it ready. */
  abstract start(): void

  /** A packet that answers no request. */
  protected abstract onUnsolicited(type: number, body: Buffer): void

  /** A packet whose body is over the size limit and was skipped; `front` has its first bytes. */
  abstract onOversized(type: number, size: number, front: Buffer): void

  /** All packets of one socket read were delivered. */
  onReadEnd(): void {}

  /** The kernel has taken everything that was queued, after a time in which it had not. */
  onDrain(): void {}

  /** A line of text. Only admin sessions expect any. */
  onLine(line: Buffer): void {
    throw this.protocolError(`unexpected text of ${line.length} bytes`)
  }

  /** How many requests wait for a reply. */
  get outstandingReplies(): number {
    return this.#replies.length
  }

  /** How many jobs are with this server: what a strategy weighs. */
  get outstandingJobs(): number {
    return 0
  }

  /** How many packets may wait up to a millisecond for company, while the server sends often. */
  get maxHeldPackets(): number {
    return 0
  }

  /** How long the server takes to accept a job, in milliseconds; `undefined`: not measured. */
  get acceptLatency(): number | undefined {
    return undefined
  }

  /** Jobs of a task that the server holds, as it says; `undefined`: it was not asked. */
  reportedJobs(_task: string): number | undefined {
    return undefined
  }

  /** Asks the server what it holds, where that is of use. */
  probeQueues(): void {}

  /** Sends ECHO_REQ. The promise resolves at its reply and rejects when the connection is lost. */
  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.request(new EchoSlot(resolve, reject), PacketType.ECHO_REQ, [ECHO_TEXT])
    })
  }

  /**
   * One packet of the peer.
   *
   * @throws ProtocolError when the packet makes no sense here: the connection must go
   */
  onPacket(type: number, body: Buffer): void {
    if (type === PacketType.ERROR) {
      this.#onError(body)
      return
    }
    const head = this.#replies.peek()
    if (head?.accepts(type)) {
      this.#replies.shift()
      head.onReply(type, body)
    } else {
      this.onUnsolicited(type, body)
    }
  }

  /**
   * One packet whose body lies in a chunk, for those that come in numbers.
   *
   * @returns whether that was all; otherwise {@link onPacket} is called
   * @throws ProtocolError as that does
   */
  onPacketInPlace(_type: number, _chunk: Buffer, _start: number, _end: number): boolean {
    return false
  }

  /** The connection is lost: every request that waits is told, and only then the subclass. */
  lost(error: GearmanError, sentBytes: number): void {
    for (const slot of this.#replies.drain()) slot.onLost(error, slot.position < sentBytes)
    this.onLost(error)
  }

  /** The connection is lost and nothing waits for a reply any more. */
  protected abstract onLost(error: GearmanError): void

  /** Sends a packet and remembers who waits for its reply. Throws, and remembers nothing, if it cannot be framed. */
  protected request(slot: ReplySlot, type: number, args: readonly PacketArgument[]): void {
    slot.position = this.link.position
    this.link.send(type, args)
    this.#replies.push(slot)
  }

  /** Sends a line and remembers who waits for its reply. */
  protected requestLine(slot: ReplySlot, bytes: Uint8Array): void {
    slot.position = this.link.position
    this.link.sendBytes(bytes)
    this.#replies.push(slot)
  }

  /** The oldest request that waits for a reply, left in place. */
  protected headReply(): ReplySlot | undefined {
    return this.#replies.peek()
  }

  /** Takes the oldest request out: its reply is complete. */
  protected shiftReply(): void {
    this.#replies.shift()
  }

  /** An error about this peer. */
  protected protocolError(message: string): ProtocolError {
    return new ProtocolError(`${this.link.server}: ${message}`, { server: this.link.server })
  }

  /** The error for a packet that nobody here waits for. */
  protected unexpected(type: number): GearmanError {
    const name = packetName(type)
    const isForeign = packetInfo(type)?.magic !== 'request' && !this.expects(type)
    if (!isForeign) return this.protocolError(`unexpected ${name}`)
    return new UnknownCommandError(`${this.link.server}: unexpected ${name}`, { command: name })
  }

  /** Whether a packet of this type can be an answer in this role; ECHO_RES can in all. */
  protected expects(type: number): boolean {
    return type === PacketType.ECHO_RES
  }

  #onError(body: Buffer): void {
    const end = argumentEnd(PacketType.ERROR, body, 0)
    const code = readText(body, 0, end)
    const error = new ServerError(code, readText(body, end + 1), { server: this.link.server })
    // A late report of a worker about a job it has lost (design 3.3): answers no request.
    const head = code === 'JOB_NOT_FOUND' ? undefined : this.#replies.shift()
    if (head === undefined) this.onStrayError(error)
    else head.onServerError(error)
  }

  /** An ERROR packet that answers no request. */
  protected onStrayError(_error: ServerError): void {}
}

const ECHO_TEXT = 'ping'

class EchoSlot implements ReplySlot {
  position = 0
  readonly #resolve: () => void
  readonly #reject: (error: GearmanError) => void

  constructor(resolve: () => void, reject: (error: GearmanError) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  accepts(type: number): boolean {
    return type === PacketType.ECHO_RES
  }

  onReply(): void {
    this.#resolve()
  }

  onServerError(): void {
    // A server that refuses ECHO is alive all the same.
    this.#resolve()
  }

  onLost(error: GearmanError): void {
    this.#reject(error)
  }
}
