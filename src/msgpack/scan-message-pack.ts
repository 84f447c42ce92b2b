import { isUtf8 } from 'node:buffer'
import { EncodingError } from '../errors.ts'

const ARRAY = 1
const MAP = 2
const STRING = 3
const INTEGER_64 = 4
const BYTES = 5

/** What has to be known of a payload before it is read. */
export interface MessagePackContent {
  /** Whether there are integers of 64 bits in it. */
  readonly hasInteger64: boolean
  /** Whether there are bytes or extensions in it. */
  readonly hasBytes: boolean
}

/**
 * The types from 0xc0 to 0xdf (MessagePack specification, "Overview"): how many bytes follow at once, how many of those
 * are a length, and what it is the length of. Type 0xc1 is never used.
 */
const FORMS: readonly (readonly [size: number, lengthBytes: number, kind: number] | undefined)[] = [
  [0, 0, 0], // nil
  undefined,
  [0, 0, 0], // false
  [0, 0, 0], // true
  [0, 1, BYTES], // bin 8, 16, 32
  [0, 2, BYTES],
  [0, 4, BYTES],
  [1, 1, BYTES], // ext 8, 16, 32: a type follows
  [1, 2, BYTES],
  [1, 4, BYTES],
  [4, 0, 0], // float 32, 64
  [8, 0, 0],
  [1, 0, 0], // uint 8, 16, 32, 64
  [2, 0, 0],
  [4, 0, 0],
  [8, 0, INTEGER_64],
  [1, 0, 0], // int 8, 16, 32, 64
  [2, 0, 0],
  [4, 0, 0],
  [8, 0, INTEGER_64],
  [2, 0, BYTES], // fixext 1, 2, 4, 8, 16: a type and so many bytes
  [3, 0, BYTES],
  [5, 0, BYTES],
  [9, 0, BYTES],
  [17, 0, BYTES],
  [0, 1, STRING], // str 8, 16, 32
  [0, 2, STRING],
  [0, 4, STRING],
  [0, 2, ARRAY], // array 16, 32
  [0, 4, ARRAY],
  [0, 2, MAP], // map 16, 32
  [0, 4, MAP],
]

/**
 * Looks whether bytes are one whole value of MessagePack, before anything is made of them: libraries reserve memory
 * for whatever length is announced. Linear, without recursion.
 *
 * @throws EncodingError naming the offset and what was wanted there
 */
export function scanMessagePack(bytes: Buffer, maxDepth: number): MessagePackContent {
  const scanner = new Scanner(bytes, maxDepth)
  return scanner.scan()
}

class Scanner {
  readonly #bytes: Buffer
  readonly #maxDepth: number
  /** How many values each open container still waits for. */
  readonly #open: number[] = []
  #at = 0
  /** Their sum, and one for the whole: each needs a byte at least. */
  #outstanding = 1
  #hasInteger64 = false
  #hasBytes = false

  constructor(bytes: Buffer, maxDepth: number) {
    this.#bytes = bytes
    this.#maxDepth = maxDepth
  }

  scan(): MessagePackContent {
    while (this.#outstanding > 0) {
      if (this.#at >= this.#bytes.length) throw this.#fault('a value')
      this.#outstanding -= 1
      this.#value()
      this.#close()
    }
    const left = this.#bytes.length - this.#at
    if (left > 0) throw this.#fault(`the end, but ${left} more bytes follow`)
    return { hasInteger64: this.#hasInteger64, hasBytes: this.#hasBytes }
  }

  #value(): void {
    const type = this.#bytes[this.#at] ?? 0
    this.#take(1)
    if (type < 0x80 || type >= 0xe0) return // fixint
    if (type < 0x90) this.#enter(2 * (type & 0x0f))
    else if (type < 0xa0) this.#enter(type & 0x0f)
    else if (type < 0xc0) this.#string(type & 0x1f)
    else this.#long(type)
  }

  #long(type: number): void {
    const form = FORMS[type - 0xc0]
    if (form === undefined) throw this.#fault('a value', this.#at - 1)
    const [size, lengthBytes, kind] = form
    const length = lengthBytes === 0 ? 0 : this.#length(lengthBytes)
    if (kind === ARRAY) this.#enter(length)
    else if (kind === MAP) this.#enter(2 * length)
    else if (kind === STRING) this.#string(length)
    else this.#take(size + length)
    if (kind === INTEGER_64) this.#hasInteger64 = true
    else if (kind === BYTES) this.#hasBytes = true
  }

  #length(lengthBytes: number): number {
    const start = this.#at
    this.#take(lengthBytes)
    return this.#bytes.readUIntBE(start, lengthBytes)
  }

  #enter(count: number): void {
    this.#outstanding += count
    const left = this.#bytes.length - this.#at
    if (this.#outstanding > left) {
      throw this.#fault(`${this.#outstanding} values, but only ${left} bytes are left`)
    }
    if (this.#open.length >= this.#maxDepth) {
      throw this.#fault(`no more than ${this.#maxDepth} levels`)
    }
    this.#open.push(count + 1) // and itself: close() takes that away
  }

  /** Ends the containers that have all their values. */
  #close(): void {
    for (;;) {
      const waiting = this.#open.pop()
      if (waiting === undefined) return
      if (waiting > 1) {
        this.#open.push(waiting - 1)
        return
      }
    }
  }

  #string(length: number): void {
    const start = this.#at
    this.#take(length)
    for (let at = start; at < this.#at; at += 1) {
      if ((this.#bytes[at] ?? 0) < 0x80) continue
      if (isUtf8(this.#bytes.subarray(start, this.#at))) return
      throw this.#fault('a string in UTF-8', start)
    }
  }

  #take(length: number): void {
    const left = this.#bytes.length - this.#at
    if (length > left) throw this.#fault(`${length} bytes, but only ${left} are left`)
    this.#at += length
  }

  #fault(wanted: string, offset: number = this.#at): EncodingError {
    return new EncodingError(
      `a payload of ${this.#bytes.length} bytes is not MessagePack: at byte ${offset} there must be ${wanted}`,
    )
  }
}
