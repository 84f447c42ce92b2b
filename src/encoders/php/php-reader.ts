import { isUtf8 } from 'node:buffer'
import { EncodingError } from '../../errors.ts'
import { type PhpArrayForm, PhpArrayFrame, type PhpFrame, PhpObjectFrame } from './php-frames.ts'
import { isInteger, keyOf, narrow, type PhpKey } from './php-keys.ts'
import { PhpCustomObject, PhpEnum } from './php-values.ts'

/** How PHP's strings, which are bytes, are given. */
export type PhpStringForm = 'auto' | 'utf8' | 'buffer'

/** What a {@link PhpReader} goes by; nothing is left out. */
export interface PhpReaderOptions {
  readonly strings: PhpStringForm
  readonly arrays: PhpArrayForm
  readonly maxDepth: number
  readonly maxElements: number
}

const NEWLY_OPENED = Symbol('an array or object was opened')
const UNFINISHED = Symbol('an array that is not read to its end')

const COLON = 0x3a
const SEMICOLON = 0x3b
const QUOTE = 0x22
const OPEN = 0x7b
const CLOSE = 0x7d
const MINUS = 0x2d
const PLUS = 0x2b
const ZERO = 0x30

const NULL_TAG = 0x4e
const BOOLEAN_TAG = 0x62
const INTEGER_TAG = 0x69
const DOUBLE_TAG = 0x64
const STRING_TAG = 0x73
const ARRAY_TAG = 0x61
const OBJECT_TAG = 0x4f
const CUSTOM_TAG = 0x43
const ENUM_TAG = 0x45
const REFERENCE_TAG = 0x52
const SAME_OBJECT_TAG = 0x72

/** Digits that a number holds exactly, whatever they are. */
const SAFE_DIGITS = 15
const MAX_NUMBER_LENGTH = 400
const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/**
 * Reads one value that PHP's `serialize` wrote, in one pass and without recursion. It makes plain data only: no
 * class is looked up, no code runs. Memory grows with the bytes that are there, never with a count that is announced.
 */
export class PhpReader {
  readonly #bytes: Buffer
  readonly #options: PhpReaderOptions
  /** Whether every string in it is UTF-8, so that none has to be looked at. */
  readonly #isText: boolean
  /** Values by the number that references name them by; kept only where there is a reference. */
  readonly #slots: unknown[] | undefined
  readonly #frames: PhpFrame[] = []
  #at = 0
  #elements = 0
  #hasCustom = false

  constructor(bytes: Buffer, options: PhpReaderOptions) {
    this.#bytes = bytes
    this.#options = options
    // A string starts behind a quote and ends before one, so a character is never cut.
    this.#isText = isUtf8(bytes)
    const hasReference = bytes.includes(';R:') || bytes.includes(';r:')
    this.#slots = hasReference ? [] : undefined
  }

  /**
   * The value; nothing may follow it.
   *
   * @throws EncodingError naming the offset and what was wanted there
   */
  read(): unknown {
    const value = this.#readAll()
    if (this.#at < this.#bytes.length) {
      throw this.#fault(`the end, but ${this.#bytes.length - this.#at} more bytes follow`)
    }
    return value
  }

  #readAll(): unknown {
    let value = this.#readValue()
    for (;;) {
      let frame = this.#frames.at(-1)
      if (frame === undefined) return value
      if (value !== NEWLY_OPENED) frame.add(value)
      while (frame.remaining === 0) {
        const whole = this.#close(frame)
        frame = this.#frames.at(-1)
        if (frame === undefined) return whole
        frame.add(whole)
      }
      frame.remaining -= 1
      frame.key = this.#readKey()
      value = this.#readValue()
    }
  }

  #close(frame: PhpFrame): unknown {
    this.#expect(CLOSE, '}')
    this.#frames.pop()
    const whole = frame.finish()
    if (this.#slots !== undefined) this.#slots[frame.slot] = whole
    return whole
  }

  /** A value, or {@link NEWLY_OPENED}. */
  #readValue(): unknown {
    const tag = this.#bytes[this.#at]
    if (tag === REFERENCE_TAG) return this.#readReference()
    if (tag === ARRAY_TAG || tag === OBJECT_TAG) return this.#open(tag)
    const value = this.#readSimple(tag)
    this.#slots?.push(value)
    return value
  }

  #readSimple(tag: number | undefined): unknown {
    switch (tag) {
      case STRING_TAG:
        return this.#readString()
      case INTEGER_TAG:
        return this.#readInteger()
      case NULL_TAG:
        this.#at += 1
        this.#expect(SEMICOLON, ';')
        return null
      case BOOLEAN_TAG:
        return this.#readBoolean()
      case DOUBLE_TAG:
        return this.#readDouble()
      case SAME_OBJECT_TAG:
        return this.#readReference()
      case ENUM_TAG:
        return this.#readEnum()
      case CUSTOM_TAG:
        return this.#readCustom()
      default:
        throw this.#fault('a value')
    }
  }

  #readKey(): PhpKey {
    const tag = this.#bytes[this.#at]
    if (tag === INTEGER_TAG) return this.#readInteger()
    if (tag !== STRING_TAG) throw this.#fault('a key: an integer or a string')
    const start = this.#at
    const key = this.#readBytes(SEMICOLON)
    if (!this.#isText && !isUtf8(key)) throw this.#fault('a key in UTF-8', start)
    return keyOf(key.toString('utf8'))
  }

  #open(tag: number): symbol {
    const start = this.#at
    const className = tag === OBJECT_TAG ? this.#readClassName() : undefined
    if (className === undefined) this.#skipTag()
    const count = this.#readCount(COLON, ':')
    this.#expect(OPEN, '{')
    this.#elements += count
    if (this.#elements > this.#options.maxElements) {
      throw this.#fault(`no more than ${this.#options.maxElements} elements`, start)
    }
    if (this.#frames.length >= this.#options.maxDepth) {
      throw this.#fault(`no more than ${this.#options.maxDepth} levels`, start)
    }
    const slot = this.#slots?.length ?? 0
    if (className === undefined) {
      this.#slots?.push(UNFINISHED)
      this.#frames.push(new PhpArrayFrame(count, slot, this.#options.arrays))
    } else {
      const frame = new PhpObjectFrame(count, slot, className)
      this.#slots?.push(frame.object)
      this.#frames.push(frame)
    }
    return NEWLY_OPENED
  }

  #readBoolean(): boolean {
    this.#skipTag()
    const digit = this.#bytes[this.#at]
    if (digit !== ZERO && digit !== ZERO + 1) throw this.#fault('0 or 1')
    this.#at += 1
    this.#expect(SEMICOLON, ';')
    return digit !== ZERO
  }

  #readInteger(): number | bigint {
    this.#skipTag()
    const start = this.#at
    const sign = this.#bytes[this.#at]
    if (sign === MINUS || sign === PLUS) this.#at += 1
    const firstDigit = this.#at
    const magnitude = this.#readDigits()
    const length = this.#at - firstDigit
    this.#expect(SEMICOLON, ';')
    if (length <= SAFE_DIGITS) return sign === MINUS && magnitude !== 0 ? -magnitude : magnitude
    if (length > MAX_NUMBER_LENGTH) throw this.#fault('an integer of 64 bits', start)
    const digits = BigInt(this.#bytes.toString('latin1', firstDigit, firstDigit + length))
    const exact = sign === MINUS ? -digits : digits
    if (!isInteger(exact)) throw this.#fault('an integer of 64 bits', start)
    return narrow(exact)
  }

  #readDouble(): number {
    this.#skipTag()
    const start = this.#at
    const end = this.#bytes.indexOf(SEMICOLON, start)
    if (end === -1 || end - start > MAX_NUMBER_LENGTH) throw this.#fault('a number and ;')
    this.#at = end + 1
    const text = this.#bytes.toString('latin1', start, end)
    if (DOUBLE.test(text)) return Number(text)
    if (text === 'INF') return Number.POSITIVE_INFINITY
    if (text === '-INF') return Number.NEGATIVE_INFINITY
    if (text === 'NAN') return Number.NaN
    throw this.#fault('a number', start)
  }

  #readString(): string | Buffer {
    const start = this.#at
    const bytes = this.#readBytes(SEMICOLON)
    const { strings } = this.#options
    if (strings === 'buffer') return Buffer.from(bytes)
    if (this.#isText || isUtf8(bytes)) return bytes.toString('utf8')
    if (strings === 'auto') return Buffer.from(bytes)
    throw this.#fault('a string in UTF-8', start)
  }

  #readEnum(): PhpEnum {
    const start = this.#at
    const name = this.#readName(SEMICOLON)
    const colon = name.lastIndexOf(':')
    if (colon <= 0) throw this.#fault('the name of an enumeration, a colon and a case', start)
    return new PhpEnum(name.slice(0, colon), name.slice(colon + 1))
  }

  #readCustom(): PhpCustomObject {
    const className = this.#readClassName()
    const length = this.#readCount(COLON, ':')
    this.#expect(OPEN, '{')
    const data = this.#take(length)
    this.#expect(CLOSE, '}')
    this.#hasCustom = true
    return new PhpCustomObject(className, Buffer.from(data))
  }

  /** `R:n;` and `r:n;`: what was read as the nth value, itself and not a copy. */
  #readReference(): unknown {
    const start = this.#at
    // Its bytes may hold values that PHP counts: what a number means behind it, only its class knows.
    if (this.#hasCustom) throw this.#fault('no reference behind an object with a format of its own')
    this.#skipTag()
    const number = this.#readCount(SEMICOLON, ';')
    const slots = this.#slots ?? []
    if (number < 1 || number > slots.length)
      throw this.#fault('the number of a value before it', start)
    const value = slots[number - 1]
    if (value === UNFINISHED)
      throw this.#fault('no reference to an array from within itself', start)
    return value
  }

  #readClassName(): string {
    return this.#readName(COLON)
  }

  #readName(end: number): string {
    const start = this.#at
    const name = this.#readBytes(end)
    if (name.length === 0 || !isUtf8(name)) throw this.#fault('the name of a class', start)
    return name.toString('utf8')
  }

  /** `X:length:"bytes"` and the byte behind it: a view, to be copied by whoever keeps it. */
  #readBytes(end: number): Buffer {
    this.#skipTag()
    const length = this.#readCount(COLON, ':')
    this.#expect(QUOTE, '"')
    const bytes = this.#take(length)
    this.#expect(QUOTE, '"')
    this.#expect(end, String.fromCharCode(end))
    return bytes
  }

  #take(length: number): Buffer {
    const left = this.#bytes.length - this.#at
    if (length > left) throw this.#fault(`${length} bytes, but only ${left} are left`)
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  #readCount(end: number, name: string): number {
    const start = this.#at
    const count = this.#readDigits()
    if (this.#at - start > SAFE_DIGITS) throw this.#fault('a shorter number', start)
    this.#expect(end, name)
    return count
  }

  #readDigits(): number {
    const start = this.#at
    let value = 0
    for (;;) {
      const digit = (this.#bytes[this.#at] ?? 0) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      this.#at += 1
    }
    if (this.#at === start) throw this.#fault('a digit')
    return value
  }

  #skipTag(): void {
    this.#at += 1
    this.#expect(COLON, ':')
  }

  #expect(byte: number, name: string): void {
    if (this.#bytes[this.#at] !== byte) throw this.#fault(name)
    this.#at += 1
  }

  #fault(wanted: string, offset: number = this.#at): EncodingError {
    const size = this.#bytes.length
    const end = offset >= size ? ', which is its end' : ''
    return new EncodingError(
      `a payload of ${size} bytes is not what PHP serializes: at byte ${offset}${end} there must be ${wanted}`,
    )
  }
}
