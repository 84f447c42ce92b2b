import { ProtocolError } from '../errors.ts'
import { BodyCollector } from './body-collector.ts'
import { HEADER_BYTES, MAX_LINE_BYTES } from './limits.ts'
import { LineDecoder } from './line-decoder.ts'
import { REQUEST_MAGIC, RESPONSE_MAGIC } from './magic.ts'
import { packetInfo, packetName } from './packets.ts'

/** How much of an oversized body is shown to {@link PacketHandler.onOversized}: enough for its handle. */
const FRONT_BYTES = 1024

/** A body from this size on is copied out of a chunk that is used again; smaller ones are by whoever keeps a part of them. */
const OWN_MEMORY_BYTES = 16_384

const EMPTY = Buffer.alloc(0)

/** What a decoder calls. A throw ends the decoding: the caller of `push` gets it. */
export interface PacketHandler {
  /** One whole packet. `body` may be a view into the chunk: copy what outlives the call. */
  onPacket(type: number, body: Buffer): void
  /**
   * The same for a small body that lies in a chunk as a whole, from `start` to `end`, without the view that is a good part of
   * what a small packet costs.
   *
   * @returns whether that was all; otherwise {@link onPacket} is called
   */
  onPacketInPlace?(type: number, chunk: Buffer, start: number, end: number): boolean
  /** One line of text, without its line end. Left out: text is a {@link ProtocolError}. */
  onLine?(line: Buffer): void
  /**
   * A line of text is over the limit; the decoder stops. Left out: a {@link ProtocolError}.
   */
  onLineTooLong?(): void
  /**
   * A packet whose body is over the limit. Its body is skipped and never held; `front` has its first bytes.
   * Left out: such a packet is a {@link ProtocolError}.
   */
  onOversized?(type: number, size: number, front: Buffer): void
  /**
   * A packet under the other side's magic; of an oversized one `body` has the first bytes.
   * Left out: such a packet is a {@link ProtocolError}.
   */
  onForeignMagic?(type: number, body: Buffer): void
}

/** What a decoder accepts. */
export interface PacketDecoderOptions {
  /** The header that is expected: a client or worker reads responses, a server reads requests. */
  readonly magic: 'request' | 'response'
  /** The largest body in bytes that is taken into memory. */
  readonly maxBodyBytes: number
  /** The longest line of text in bytes. Default 1 MiB. */
  readonly maxLineBytes?: number
  /**
   * Packets of types that do not exist are handed on like others. Default false: such a packet is a
   * {@link ProtocolError}.
   */
  readonly takesUnknownTypes?: boolean
  /**
   * The memory of the chunks is used again behind each {@link PacketDecoder.push}. Default false.
   */
  readonly reusesChunks?: boolean
}

/**
 * Bytes to packets and lines, whatever the chunking, in time linear in the bytes.
 *
 * Magic, type and size are checked as soon as a header is there, before its body is waited for.
 */
export class PacketDecoder {
  readonly #handler: PacketHandler
  readonly #expectedMagic: number
  readonly #maxBodyBytes: number
  readonly #takesUnknownTypes: boolean
  readonly #reusesChunks: boolean
  readonly #lines: LineDecoder
  readonly #header: Buffer = Buffer.alloc(HEADER_BYTES)
  #headerBytes = 0
  readonly #body = new BodyCollector()
  #bodyPending = 0
  #skipPending = 0
  #magic = 0
  #type = 0
  #size = 0
  #stopped = false
  #suspended = false

  constructor(handler: PacketHandler, options: PacketDecoderOptions) {
    this.#handler = handler
    this.#expectedMagic = options.magic === 'request' ? REQUEST_MAGIC : RESPONSE_MAGIC
    this.#maxBodyBytes = options.maxBodyBytes
    this.#takesUnknownTypes = options.takesUnknownTypes === true
    this.#reusesChunks = options.reusesChunks === true
    this.#lines = new LineDecoder(options.maxLineBytes ?? MAX_LINE_BYTES)
  }

  /** Whether bytes of an unfinished packet or line are held. */
  get isMidPacket(): boolean {
    return (
      this.#headerBytes > 0 ||
      this.#bodyPending > 0 ||
      this.#skipPending > 0 ||
      this.#lines.isMidLine
    )
  }

  /** How many bytes of an unfinished packet or line are held. */
  get heldBytes(): number {
    return this.#body.length + this.#lines.heldBytes
  }

  /** Drops whatever comes from now on, also the rest of the chunk in work. */
  stop(): void {
    this.#stopped = true
  }

  /** For a handler: ends the {@link push} in work after the current packet or line. */
  suspend(): void {
    this.#suspended = true
  }

  /**
   * Takes the next bytes and calls the handler for each packet and line that they complete.
   *
   * @returns how many bytes were taken: all of them, unless it was suspended
   * @throws ProtocolError when the bytes are not Gearman's; the decoder is of no use afterwards
   */
  push(chunk: Buffer): number {
    let offset = 0
    this.#suspended = false
    while (offset < chunk.length && !this.#stopped && !this.#suspended) {
      if (this.#bodyPending > 0) offset = this.#continueBody(chunk, offset)
      else if (this.#skipPending > 0) offset = this.#continueSkip(chunk, offset)
      else if (this.#headerBytes > 0) offset = this.#continueHeader(chunk, offset)
      else if (chunk[offset] !== 0 || this.#lines.isMidLine)
        offset = this.#continueLine(chunk, offset)
      else if (chunk.length - offset < HEADER_BYTES) offset = this.#continueHeader(chunk, offset)
      else offset = this.#readPacket(chunk, offset)
    }
    return this.#stopped ? chunk.length : offset
  }

  /** The usual case: a whole header lies in the chunk, and mostly its body behind it. */
  #readPacket(chunk: Buffer, offset: number): number {
    this.#readHeader(chunk, offset)
    const start = offset + HEADER_BYTES
    const end = start + this.#size
    if (end > chunk.length || this.#size > this.#maxBodyBytes) {
      this.#beginBody()
      return start
    }
    if (!this.#dispatchInPlace(chunk, start, end)) {
      this.#dispatch(end === start ? EMPTY : this.#viewOf(chunk, start, end))
    }
    return end
  }

  #dispatchInPlace(chunk: Buffer, start: number, end: number): boolean {
    const handler = this.#handler
    if (handler.onPacketInPlace === undefined || this.#magic !== this.#expectedMagic) return false
    return end - start < OWN_MEMORY_BYTES && handler.onPacketInPlace(this.#type, chunk, start, end)
  }

  /** A body that lies in a chunk as a whole. */
  #viewOf(chunk: Buffer, start: number, end: number): Buffer {
    const view = chunk.subarray(start, end)
    return this.#reusesChunks && end - start >= OWN_MEMORY_BYTES ? copyOf(view) : view
  }

  #continueHeader(chunk: Buffer, offset: number): number {
    const taken = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - offset)
    chunk.copy(this.#header, this.#headerBytes, offset, offset + taken)
    this.#headerBytes += taken
    if (this.#headerBytes === HEADER_BYTES) {
      this.#headerBytes = 0
      this.#readHeader(this.#header, 0)
      this.#beginBody()
    } else if (this.#headerBytes >= 4) {
      this.#checkMagic(this.#header.readUInt32BE(0))
    }
    return offset + taken
  }

  #readHeader(bytes: Buffer, offset: number): void {
    this.#magic = readUint32(bytes, offset)
    this.#type = readUint32(bytes, offset + 4)
    this.#size = readUint32(bytes, offset + 8)
    if (this.#magic !== this.#expectedMagic) this.#checkMagic(this.#magic)
    // 5 is unused, but gearmand reads it and answers with an ERROR: that is for the session to say.
    if (packetInfo(this.#type) === undefined && this.#type !== 5 && !this.#takesUnknownTypes) {
      throw new ProtocolError(`unknown packet type ${this.#type}`)
    }
  }

  #checkMagic(magic: number): void {
    if (magic === this.#expectedMagic) return
    const foreign = magic === REQUEST_MAGIC || magic === RESPONSE_MAGIC
    if (foreign && this.#handler.onForeignMagic !== undefined) return
    throw new ProtocolError(`bad magic 0x${magic.toString(16).padStart(8, '0')}`)
  }

  #beginBody(): void {
    if (this.#size > this.#maxBodyBytes) this.#beginSkip()
    else if (this.#size === 0) this.#dispatch(EMPTY)
    else this.#bodyPending = this.#size
  }

  #continueBody(chunk: Buffer, offset: number): number {
    const taken = Math.min(this.#bodyPending, chunk.length - offset)
    const end = offset + taken
    const isWhole = taken === this.#size
    this.#bodyPending -= taken
    if (isWhole) {
      this.#dispatch(this.#viewOf(chunk, offset, end))
    } else {
      this.#body.add(chunk, offset, end, this.#size)
      if (this.#bodyPending === 0) this.#dispatch(this.#body.take())
    }
    return end
  }

  #beginSkip(): void {
    if (this.#handler.onOversized === undefined) {
      throw new ProtocolError(
        `${packetName(this.#type)} of ${this.#size} bytes is over the limit of ${this.#maxBodyBytes}`,
      )
    }
    this.#skipPending = this.#size
  }

  #continueSkip(chunk: Buffer, offset: number): number {
    const taken = Math.min(this.#skipPending, chunk.length - offset)
    const wanted = Math.min(taken, FRONT_BYTES - this.#body.length)
    if (wanted > 0) this.#body.add(chunk, offset, offset + wanted, FRONT_BYTES)
    this.#skipPending -= taken
    if (this.#skipPending === 0) this.#dispatchOversized(this.#body.take())
    return offset + taken
  }

  #dispatchOversized(front: Buffer): void {
    if (this.#magic !== this.#expectedMagic) this.#handler.onForeignMagic?.(this.#type, front)
    else this.#handler.onOversized?.(this.#type, this.#size, front)
  }

  #continueLine(chunk: Buffer, offset: number): number {
    if (this.#handler.onLine === undefined) {
      throw new ProtocolError(`bad magic: a packet begins with byte ${chunk[offset]}`)
    }
    if (this.#handler.onLineTooLong !== undefined && this.#lines.isTooLong(chunk, offset)) {
      this.stop()
      this.#handler.onLineTooLong()
      return chunk.length
    }
    const end = this.#lines.read(chunk, offset)
    const line = this.#lines.take()
    if (line !== undefined) this.#handler.onLine(line)
    return end
  }

  #dispatch(body: Buffer): void {
    if (this.#magic === this.#expectedMagic) this.#handler.onPacket(this.#type, body)
    else this.#handler.onForeignMagic?.(this.#type, body)
  }
}

function copyOf(view: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(view.length)
  view.copy(copy)
  return copy
}

/** As `readUInt32BE`, without its checks. */
function readUint32(bytes: Buffer, offset: number): number {
  const high = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0)
  const low = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0)
  return high * 0x10000 + low
}
