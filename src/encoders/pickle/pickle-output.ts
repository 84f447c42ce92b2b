import { toUSVString } from 'node:util'
import { OP } from './opcodes.ts'

const FIRST_BYTES = 1024
/** What is kept for the next pickle. */
const MAX_KEPT_BYTES = 1 << 20
/** Shorter strings are written here: a call into the engine takes longer. */
const SHORT_UNITS = 40
const MAX_UTF8_BYTES_PER_UNIT = 3
const MAX_UINT32 = 0xffff_ffff

/** Bytes that grow, and how opcodes with plain arguments are written in each protocol. */
export class PickleOutput {
  readonly protocol: number
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #length = 0

  constructor(protocol: number) {
    this.protocol = protocol
  }

  /** Begins anew. */
  start(): void {
    this.#length = 0
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    if (this.protocol >= 2) {
      this.op(OP.PROTO)
      this.op(this.protocol)
    }
  }

  /** The end: a copy of what was written. */
  finish(): Buffer {
    this.op(OP.STOP)
    return Buffer.from(this.#bytes.subarray(0, this.#length))
  }

  /** An opcode, or any other byte. */
  op(byte: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1)
    this.#bytes[this.#length] = byte
    this.#length += 1
  }

  /** An opcode with a line of characters up to U+00FF behind it. */
  line(opcode: number, text: string): void {
    this.op(opcode)
    this.#reserve(text.length + 1)
    this.#length += this.#bytes.write(text, this.#length, 'latin1')
    this.op(0x0a)
  }

  /** An opcode with two lines of text behind it. */
  names(opcode: number, module: string, name: string): void {
    this.op(opcode)
    this.raw(Buffer.from(`${module}\n${name}\n`, 'utf8'))
  }

  bool(value: boolean): void {
    if (this.protocol >= 2) this.op(value ? OP.NEWTRUE : OP.NEWFALSE)
    else this.line(OP.INT, value ? '01' : '00')
  }

  /** A safe integer becomes an int, anything else a float: -0 as well, which is no int in Python. */
  number(value: number): void {
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) this.#int32(value)
    else if (Number.isSafeInteger(value) && value !== 0) this.long(value)
    else this.float(value)
  }

  #int32(value: number): void {
    if (this.protocol === 0) {
      this.line(OP.INT, String(value))
      return
    }
    this.#reserve(5)
    const bytes = this.#bytes
    const at = this.#length
    if (value < 0 || value > 0xffff) {
      bytes[at] = OP.BININT
      this.#setUint32(at + 1, value)
      this.#length = at + 5
    } else if (value > 0xff) {
      bytes[at] = OP.BININT2
      bytes[at + 1] = value & 0xff
      bytes[at + 2] = value >> 8
      this.#length = at + 3
    } else {
      bytes[at] = OP.BININT1
      bytes[at + 1] = value
      this.#length = at + 2
    }
  }

  bigint(value: bigint): void {
    const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    if (isSafe) this.number(Number(value))
    else this.long(value)
  }

  /** An integer of any size. */
  long(value: number | bigint): void {
    if (this.protocol < 2) {
      this.line(OP.LONG, `${value}L`)
      return
    }
    const bytes = twosComplement(BigInt(value))
    this.#sized(OP.LONG1, OP.LONG4, undefined, bytes.length)
    this.raw(bytes)
  }

  float(value: number): void {
    if (this.protocol === 0) {
      this.line(OP.FLOAT, pythonFloat(value))
      return
    }
    this.#reserve(9)
    this.op(OP.BINFLOAT)
    this.#length = this.#bytes.writeDoubleBE(value, this.#length)
  }

  /** A `str`, halves of surrogate pairs included. */
  text(value: string): void {
    if (this.protocol === 0) {
      this.#textLine(value)
      return
    }
    const isShort = value.length <= SHORT_UNITS
    if (isShort && this.#shortText(value)) return
    this.#longText(value)
  }

  /** A `bytes`, of protocol 3 and up. */
  bytes(value: Uint8Array): void {
    this.#sized(OP.SHORT_BINBYTES, OP.BINBYTES, OP.BINBYTES8, value.length)
    this.raw(value)
  }

  /** A `bytearray`, of protocol 5. */
  byteArray(value: Uint8Array): void {
    this.op(OP.BYTEARRAY8)
    this.#uint64(value.length)
    this.raw(value)
  }

  raw(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** Puts what was written last into a place of the memo. */
  put(place: number): void {
    if (this.protocol >= 4) this.op(OP.MEMOIZE)
    else this.#place(OP.PUT, OP.BINPUT, OP.LONG_BINPUT, place)
  }

  /** Takes something out of the memo. */
  get(place: number): void {
    this.#place(OP.GET, OP.BINGET, OP.LONG_BINGET, place)
  }

  #place(lineOp: number, shortOp: number, longOp: number, place: number): void {
    if (this.protocol === 0) {
      this.line(lineOp, String(place))
      return
    }
    this.#reserve(5)
    const at = this.#length
    if (place <= 0xff) {
      this.#bytes[at] = shortOp
      this.#bytes[at + 1] = place
      this.#length = at + 2
    } else {
      this.#bytes[at] = longOp
      this.#setUint32(at + 1, place)
      this.#length = at + 5
    }
  }

  /** Four bytes, little-endian; room for them has been made. */
  #setUint32(at: number, value: number): void {
    const bytes = this.#bytes
    bytes[at] = value & 0xff
    bytes[at + 1] = (value >> 8) & 0xff
    bytes[at + 2] = (value >> 16) & 0xff
    bytes[at + 3] = value >>> 24
  }

  /** Of ASCII only, and in the place where it belongs; otherwise nothing is written. */
  #shortText(value: string): boolean {
    const units = value.length
    this.#reserve(units + 5)
    const bytes = this.#bytes
    const head = this.protocol >= 4 ? 2 : 5
    let at = this.#length + head
    for (let index = 0; index < units; index += 1) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) return false
      bytes[at] = code
      at += 1
    }
    this.#textHead(units)
    this.#length = at
    return true
  }

  /** The opcode of a text and its length; room for them has been made. */
  #textHead(size: number): void {
    const at = this.#length
    if (size <= 0xff && this.protocol >= 4) {
      this.#bytes[at] = OP.SHORT_BINUNICODE
      this.#bytes[at + 1] = size
      this.#length = at + 2
    } else if (size > MAX_UINT32 && this.protocol >= 4) {
      this.op(OP.BINUNICODE8)
      this.#uint64(size)
    } else {
      this.#bytes[at] = OP.BINUNICODE
      this.#setUint32(at + 1, size)
      this.#length = at + 5
    }
  }

  #longText(value: string): void {
    this.#reserve(value.length * MAX_UTF8_BYTES_PER_UNIT + 9)
    const size = Buffer.byteLength(value, 'utf8')
    this.#textHead(size)
    // Half a pair takes three bytes as well as U+FFFD, which Node.js would put in its place.
    if (size === value.length || toUSVString(value) === value) {
      this.#length += this.#bytes.write(value, this.#length, 'utf8')
    } else this.#surrogatePassText(value)
  }

  #surrogatePassText(value: string): void {
    for (const character of value) {
      const code = character.codePointAt(0) ?? 0
      if (code >= 0xd800 && code <= 0xdfff) {
        this.op(0xe0 | (code >> 12))
        this.op(0x80 | ((code >> 6) & 0x3f))
        this.op(0x80 | (code & 0x3f))
      } else this.#length += this.#bytes.write(character, this.#length, 'utf8')
    }
  }

  /** Protocol 0: latin-1, where a backslash and what would end the line are escaped. */
  #textLine(value: string): void {
    let line = ''
    for (const character of value) {
      const code = character.codePointAt(0) ?? 0
      if (code > 0xffff) line += `\\U${code.toString(16).padStart(8, '0')}`
      else if (code > 0xff || '\\\0\n\r\x1a'.includes(character)) {
        line += `\\u${code.toString(16).padStart(4, '0')}`
      } else line += character
    }
    this.line(OP.UNICODE, line)
  }

  #sized(shortOp: number, op: number, longOp: number | undefined, size: number): void {
    this.#reserve(9)
    if (size <= 0xff) {
      this.op(shortOp)
      this.op(size)
    } else if (size > MAX_UINT32 && longOp !== undefined) {
      this.op(longOp)
      this.#uint64(size)
    } else {
      this.op(op)
      this.#setUint32(this.#length, size)
      this.#length += 4
    }
  }

  #uint64(value: number): void {
    this.#reserve(8)
    this.#bytes.writeUInt32LE(value % 0x1_0000_0000, this.#length)
    this.#bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), this.#length + 4)
    this.#length += 8
  }

  /** Makes room for so many more bytes. */
  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

/** A number as Python's `float()` reads it. */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (Object.is(value, -0)) return '-0.0'
  return String(value).replace('Infinity', 'inf')
}

/** Little-endian, as short as can be. */
function twosComplement(value: bigint): Buffer {
  if (value === 0n) return Buffer.alloc(0)
  const magnitude = value < 0n ? -value - 1n : value
  // One bit more than the number has, for its sign.
  const size = (magnitude.toString(16).length + 2) >> 1
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0')
  const bytes = Buffer.from(hex, 'hex').reverse()
  const last = bytes.length - 1
  const previous = bytes[last - 1] ?? 0
  const isSpare =
    last > 0 &&
    (value < 0n ? bytes[last] === 0xff && previous > 0x7f : bytes[last] === 0 && previous < 0x80)
  return isSpare ? bytes.subarray(0, last) : bytes
}
