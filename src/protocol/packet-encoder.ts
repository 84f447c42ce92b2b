import { copyBytes } from '../core/short-bytes.ts'
import { EncodingError } from '../errors.ts'
import { HEADER_BYTES, MAX_BODY_BYTES } from './limits.ts'
import { REQUEST_MAGIC, RESPONSE_MAGIC } from './magic.ts'
import { packetInfo, packetName } from './packets.ts'

/** Bytes that lie in a larger block: sent without making a view of them first. */
export interface ByteSlice {
  /** The block that they lie in. */
  readonly bytes: Buffer
  /** Where they begin in it, in bytes. */
  readonly offset: number
  /** How many bytes they are. */
  readonly length: number
}

/** One argument of a packet: text, or bytes as they are. */
export type PacketArgument = string | Uint8Array | ByteSlice

/** Arguments from this size on leave as they are instead of being copied behind the others. */
const LARGE_BYTES = 8192
const FIRST_SLAB_BYTES = 2048
const LAST_SLAB_BYTES = 65_536
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3
/** Text up to this length is copied by hand: cheaper than a call out of JavaScript. */
const SHORT_TEXT_UNITS = 64
const NOT_SHORT = -1

/** How an encoder writes. */
export interface PacketEncoderOptions {
  /** The header it writes: a client or worker writes requests, a server writes responses. */
  readonly magic: 'request' | 'response'
  /** How strings become bytes. A server keeps foreign bytes in `latin1` strings. Default `utf8`. */
  readonly textEncoding?: 'utf8' | 'latin1'
}

/**
 * Packets to bytes. Packets gather in one block of memory until {@link take}, so that all packets of one
 * turn of the event loop leave in one write; large arguments are passed on without a copy.
 */
export class PacketEncoder {
  readonly #magic: number
  readonly #isLatin1: boolean
  #pieces: Buffer[] = []
  #slab: Buffer = Buffer.alloc(0)
  #slabBytes = FIRST_SLAB_BYTES
  #start = 0
  #end = 0
  #totalBytes = 0
  #takenBytes = 0

  constructor(options: PacketEncoderOptions) {
    this.#magic = options.magic === 'request' ? REQUEST_MAGIC : RESPONSE_MAGIC
    this.#isLatin1 = options.textEncoding === 'latin1'
  }

  /** All bytes that were ever appended: the position in the stream at which the next packet begins. */
  get totalBytes(): number {
    return this.#totalBytes
  }

  /** How many bytes wait to be taken. */
  get pendingBytes(): number {
    return this.#totalBytes - this.#takenBytes
  }

  /**
   * Appends one packet. Bytes given as `Uint8Array` must not change until they are written.
   *
   * @throws EncodingError when it cannot be framed: a NUL before the last argument, a wrong number of
   * arguments, a body over 4 GiB. Nothing is appended then.
   */
  append(type: number, args: readonly PacketArgument[]): void {
    const last = args.length - 1
    if (packetInfo(type)?.argumentCount !== args.length) throw wrongCount(type, args.length)
    this.#reserve(HEADER_BYTES + roomFor(args))
    const slab = this.#slab
    let end = this.#end + HEADER_BYTES
    let large: Uint8Array | ByteSlice | undefined
    for (let index = 0; index <= last; index += 1) {
      const arg = args[index] ?? ''
      if (index === last && isLarge(arg)) {
        large = arg
        break
      }
      const from = end
      end = writeShortText(slab, arg, from)
      if (end === NOT_SHORT) end = this.#writeArgument(type, arg, from, index < last)
      if (index < last) {
        slab[end] = 0
        end += 1
      }
    }
    this.#finish(type, end, large)
  }

  /**
   * Appends one packet whose body, from `start` to `end` of `bytes`, is framed already: one that is passed on as it came.
   * The bytes must not change until they are written.
   *
   * @throws EncodingError when the body is over 4 GiB. Nothing is appended then.
   */
  appendBody(type: number, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const size = end - start
    const isLargeBody = size >= LARGE_BYTES
    this.#reserve(HEADER_BYTES + (isLargeBody ? 0 : size))
    const from = this.#end + HEADER_BYTES
    const isPart = size < bytes.length
    if (isLargeBody) this.#finish(type, from, isPart ? bytes.subarray(start, end) : bytes)
    else this.#finish(type, writePart(this.#slab, bytes, start, end, from), undefined)
  }

  /** Appends bytes that are no packet: a line of text. */
  appendBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#end = writeBytes(this.#slab, bytes, this.#end)
    this.#totalBytes += bytes.length
  }

  /** Takes what waits, in order. The pieces belong to the caller. */
  take(): Buffer[] {
    this.#sealPiece()
    const pieces = this.#pieces
    this.#pieces = []
    this.#takenBytes = this.#totalBytes
    return pieces
  }

  #finish(type: number, end: number, large: Uint8Array | ByteSlice | undefined): void {
    const size = end - this.#end - HEADER_BYTES + (large?.length ?? 0)
    if (size > MAX_BODY_BYTES) {
      throw new EncodingError(`${packetName(type)} of ${size} bytes does not fit a packet`)
    }
    writeUint32(this.#slab, this.#end, this.#magic)
    writeUint32(this.#slab, this.#end + 4, type)
    writeUint32(this.#slab, this.#end + 8, size)
    this.#end = end
    this.#totalBytes += HEADER_BYTES + size
    if (large !== undefined) {
      this.#sealPiece()
      this.#pieces.push(viewOf(large))
    }
  }

  #writeArgument(type: number, arg: PacketArgument, from: number, isDelimited: boolean): number {
    const slab = this.#slab
    const end =
      typeof arg === 'string'
        ? from + slab.write(arg, from, this.#isLatin1 ? 'latin1' : 'utf8')
        : writeBytesOf(slab, arg, from)
    if (isDelimited) refuseNul(type, slab, from, end)
    return end
  }

  #reserve(bytes: number): void {
    if (this.#slab.length - this.#end >= bytes) return
    this.#sealPiece()
    // The blocks of a connection grow with what it says in one turn, not with what it ever said.
    this.#slabBytes =
      this.pendingBytes > 0
        ? Math.min(this.#slabBytes * 2, LAST_SLAB_BYTES)
        : Math.max(this.#slabBytes / 2, FIRST_SLAB_BYTES)
    this.#slab = Buffer.allocUnsafeSlow(Math.max(this.#slabBytes, bytes))
    this.#start = 0
    this.#end = 0
  }

  #sealPiece(): void {
    if (this.#end === this.#start) return
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }
}

/**
 * One packet as bytes of its own.
 *
 * @throws EncodingError when it cannot be framed
 */
export function encodePacket(
  magic: 'request' | 'response',
  type: number,
  args: readonly PacketArgument[],
): Buffer {
  const encoder = new PacketEncoder({ magic })
  encoder.append(type, args)
  return Buffer.concat(encoder.take())
}

/**
 * Writes a short ASCII text without a NUL, as nearly all arguments but the last are.
 *
 * @returns where it ends; {@link NOT_SHORT} for anything else
 */
function writeShortText(slab: Buffer, text: PacketArgument, offset: number): number {
  if (typeof text !== 'string' || text.length > SHORT_TEXT_UNITS) return NOT_SHORT
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit === 0 || unit > 0x7f) return NOT_SHORT
    slab[offset + index] = unit
  }
  return offset + text.length
}

function isLarge(arg: PacketArgument): arg is Uint8Array | ByteSlice {
  return typeof arg !== 'string' && arg.length >= LARGE_BYTES
}

/** The room that arguments can take at most in the block, large ones left out. */
function roomFor(args: readonly PacketArgument[]): number {
  let room = args.length
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (typeof arg === 'string') room += roomForText(arg)
    else if (index < args.length - 1 || arg.length < LARGE_BYTES) room += arg.length
  }
  return room
}

/** Short text is not measured: what it does not use serves the next packet. */
function roomForText(text: string): number {
  return text.length > SHORT_TEXT_UNITS ? Buffer.byteLength(text) : text.length * MAX_BYTES_PER_UNIT
}

/** A view of an argument that is no text. */
export function viewOf(arg: Uint8Array | ByteSlice): Buffer {
  if (arg instanceof Uint8Array) return Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength)
  return arg.bytes.subarray(arg.offset, arg.offset + arg.length)
}

function writeBytesOf(slab: Buffer, arg: Uint8Array | ByteSlice, offset: number): number {
  if (arg instanceof Uint8Array) return writeBytes(slab, arg, offset)
  return writePart(slab, arg.bytes, arg.offset, arg.offset + arg.length, offset)
}

function writeBytes(slab: Buffer, bytes: Uint8Array, offset: number): number {
  return writePart(slab, bytes, 0, bytes.length, offset)
}

function writePart(
  slab: Buffer,
  bytes: Uint8Array,
  start: number,
  end: number,
  offset: number,
): number {
  copyBytes(bytes, start, end, slab, offset)
  return offset + end - start
}

function writeUint32(slab: Buffer, offset: number, value: number): void {
  slab[offset] = value >>> 24
  slab[offset + 1] = value >>> 16
  slab[offset + 2] = value >>> 8
  slab[offset + 3] = value
}

/** Looked through by hand, which spares a view: most are short. */
function refuseNul(type: number, slab: Buffer, from: number, end: number): void {
  for (let index = from; index < end; index += 1) {
    if (slab[index] === 0) {
      throw new EncodingError(`${packetName(type)}: only the last argument may hold a NUL byte`)
    }
  }
}

function wrongCount(type: number, count: number): EncodingError {
  return new EncodingError(`${packetName(type)} does not take ${count} arguments`)
}
