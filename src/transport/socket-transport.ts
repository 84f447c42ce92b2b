import type { Socket } from 'node:net'
import {
  type PacketArgument,
  PacketEncoder,
  type PacketEncoderOptions,
} from '../protocol/packet-encoder.ts'
import type { ReadBlock } from './read-block.ts'

/** What a transport calls. */
export interface TransportHandler {
  /** Bytes came in. */
  onData(chunk: Buffer): void
  /** Everything that was queued is with the kernel, after a time in which it was not. */
  onDrain?(): void
  /**
   * The socket is full and more was queued: called once per turn, and at each packet once much is queued, so
   * that somebody bounds it.
   */
  onBlocked?(): void
  /**
   * How many packets may wait for company while the peer sends often: they leave with the first one more, or after a
   * millisecond. Left out: none.
   */
  readonly maxHeldPackets?: number
  /** The peer says no more, and all that it said was handed on. */
  onEnd?(): void
  /** The socket is gone; called once, whoever closed it. `error` is what broke it, if anything did. */
  onClose(error: Error | undefined): void
}

/** From here on what is queued leaves before the turn ends. */
const EARLY_FLUSH_BYTES = 256 * 1024

/** The peer sends often when it has done so twice within this time. */
const OFTEN_MS = 0.5
/** How long packets wait for company at most. */
const HOLD_MS = 1

/** More than this is not handed to the socket at once: what is not handed over can still be moved. */
const MAX_HANDED_BYTES = 1024 * 1024

/**
 * One open socket with a packet encoder in front.
 *
 * All packets that are queued in one turn of the event loop leave in one write. While the socket is full
 * nothing more is handed to it, so that {@link handedBytes} says what a peer can possibly have seen.
 */
export class SocketTransport {
  readonly #socket: Socket
  readonly #handler: TransportHandler
  readonly #encoder: PacketEncoder
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #flushScheduled = false
  #needsDrain = false
  #lastActivityMs: number = performance.now()
  #readsOften = false
  /** Packets since the last flush. */
  #queuedPackets = 0
  #holding: NodeJS.Timeout | undefined
  #error: Error | undefined
  #ending: 'no' | 'half' | 'whole' = 'no'
  readonly #flushNow: () => void = () => this.#flush()
  readonly #flushTurn: () => void = () => {
    this.#flushScheduled = false
    if (!this.#mayHold()) this.#flush()
  }
  readonly #endHold: () => void = () => {
    this.#holding = undefined
    this.#flush()
  }

  /** @param reads - what the socket reads to, if it was opened with it; else it is read as a stream */
  constructor(
    socket: Socket,
    handler: TransportHandler,
    options: PacketEncoderOptions,
    reads?: ReadBlock,
  ) {
    this.#socket = socket
    this.#handler = handler
    this.#encoder = new PacketEncoder(options)
    socket.setNoDelay(true)
    const onData = (chunk: Buffer): void => {
      // A socket that was paused still gives what it had read, though it is destroyed meanwhile.
      if (socket.destroyed) return
      const nowMs = performance.now()
      this.#readsOften = nowMs - this.#lastActivityMs < OFTEN_MS
      this.#lastActivityMs = nowMs
      handler.onData(chunk)
    }
    if (reads === undefined) socket.on('data', onData)
    else reads.listen(onData)
    socket.on('drain', () => this.#onDrain())
    // Before Node's own listener, which closes our side as well: the last answers still leave.
    socket.prependListener('end', this.#flushNow)
    socket.on('end', () => handler.onEnd?.())
    socket.on('error', (error) => {
      this.#error ??= error
    })
    const onClose = (): void => handler.onClose(this.#error ?? socket.errored ?? undefined)
    if (socket.closed) process.nextTick(onClose)
    else socket.once('close', onClose)
  }

  /**
   * When the peer last showed life, on the clock of `performance.now()`: it sent bytes, or took some after a
   * time in which it took none. A write alone is no sign: the kernel takes it in a dead peer's place.
   */
  get lastActivityMs(): number {
    return this.#lastActivityMs
  }

  /** The stream position at which the next packet begins. */
  get position(): number {
    return this.#encoder.totalBytes
  }

  /** The stream position up to which bytes were handed to the socket. */
  get handedBytes(): number {
    return this.#encoder.totalBytes - this.#encoder.pendingBytes - this.#waitingBytes
  }

  /** Bytes that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#encoder.pendingBytes + this.#waitingBytes + this.#socket.writableLength
  }

  /** Whether what is queued waits for the peer: {@link TransportHandler.onDrain} follows. */
  get isBlocked(): boolean {
    return this.#needsDrain
  }

  /**
   * Queues one packet for the write at the end of this turn.
   *
   * @throws EncodingError when it cannot be framed; nothing is queued then
   */
  send(type: number, args: readonly PacketArgument[]): void {
    this.#encoder.append(type, args)
    this.#scheduleFlush()
  }

  /** Queues one packet whose body is framed already: one that is passed on as it came. */
  sendBody(type: number, bytes: Uint8Array, start?: number, end?: number): void {
    this.#encoder.appendBody(type, bytes, start, end)
    this.#scheduleFlush()
  }

  /** Queues bytes that are no packet: a line of text. */
  sendBytes(bytes: Uint8Array): void {
    this.#encoder.appendBytes(bytes)
    this.#scheduleFlush()
  }

  /** Stops reading until {@link resume}: the peer is slowed down by TCP. */
  pause(): void {
    this.#socket.pause()
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume()
  }

  /** Lets the socket keep the process alive. */
  ref(): void {
    this.#socket.ref()
  }

  /** Lets the process exit in spite of the socket. */
  unref(): void {
    this.#socket.unref()
  }

  /** Writes what is queued, then closes, without waiting for the peer to close as well. */
  end(): void {
    this.#ending = 'whole'
    this.#flush()
    this.#closeIfWritten()
  }

  /**
   * Writes what is queued, then says that nothing more comes. What the peer still sends is read: to close a
   * socket with unread bytes is a reset, which can overtake the last answers. Closes when the peer does.
   */
  halfClose(): void {
    this.#ending = 'half'
    this.#flush()
    this.#closeIfWritten()
  }

  /** Closes at once; what is queued is dropped. */
  destroy(error?: Error): void {
    this.#error ??= error
    this.#socket.destroy()
  }

  /**
   * The end of the turn is soon enough, unless so much gathers that the peer could have begun with it. It is
   * `setImmediate`: what promises continue with, and what other sockets bring in this turn, joins the write.
   */
  #scheduleFlush(): void {
    if (this.#encoder.pendingBytes >= EARLY_FLUSH_BYTES) {
      // Of a full socket it only tells: one turn may bring far more than one look per turn can bound.
      this.#flush()
      return
    }
    this.#queuedPackets += 1
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    setImmediate(this.#flushTurn)
  }

  /**
   * Where answers trickle in while many requests are under way, a write for each new request costs both ends more than the
   * request itself.
   */
  #mayHold(): boolean {
    if (!this.#readsOften || this.#queuedPackets > (this.#handler.maxHeldPackets ?? 0)) return false
    if (performance.now() - this.#lastActivityMs >= OFTEN_MS) return false
    this.#holding ??= setTimeout(this.#endHold, HOLD_MS)
    return true
  }

  #flush(): void {
    this.#queuedPackets = 0
    // A full socket leaves packets in the encoder, where they share blocks. One that is not writable is
    // gone, or going: the peer has closed.
    if (this.#needsDrain) this.#handler.onBlocked?.()
    if (this.#needsDrain || !this.#socket.writable) return
    if (this.#encoder.pendingBytes > 0) this.#collect()
    const [only] = this.#waiting
    if (only === undefined) return
    if (this.#waiting.length === 1 && only.length <= MAX_HANDED_BYTES) this.#writeOne(only)
    else this.#writeMany()
  }

  #collect(): void {
    this.#waitingBytes += this.#encoder.pendingBytes
    const pieces = this.#encoder.take()
    if (this.#waiting.length === 0) this.#waiting = pieces
    else for (const piece of pieces) this.#waiting.push(piece)
  }

  #writeOne(piece: Buffer): void {
    this.#waiting = []
    this.#waitingBytes = 0
    this.#needsDrain = !this.#socket.write(piece)
  }

  #writeMany(): void {
    let handed = 0
    let count = 0
    let accepted = true
    this.#socket.cork()
    for (const piece of this.#waiting) {
      const part = piece.length > MAX_HANDED_BYTES ? piece.subarray(0, MAX_HANDED_BYTES) : piece
      accepted = this.#socket.write(part)
      handed += part.length
      if (part === piece) count += 1
      else this.#waiting[count] = piece.subarray(part.length)
      if (handed >= MAX_HANDED_BYTES) break
    }
    this.#waiting.splice(0, count)
    this.#waitingBytes -= handed
    this.#needsDrain = !accepted
    // Uncorking writes, and may call back: last.
    this.#socket.uncork()
  }

  #closeIfWritten(): void {
    if (this.#waiting.length > 0 || this.#encoder.pendingBytes > 0) return
    if (this.#ending === 'half') this.#socket.end()
    else this.#socket.destroySoon()
  }

  #onDrain(): void {
    this.#lastActivityMs = performance.now()
    this.#needsDrain = false
    this.#flush()
    if (this.#ending !== 'no') this.#closeIfWritten()
    if (!this.#needsDrain) this.#handler.onDrain?.()
  }
}
