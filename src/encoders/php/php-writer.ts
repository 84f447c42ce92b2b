import { types } from 'node:util'
import { kindOf } from '../../core/checks.ts'
import { EncodingError } from '../../errors.ts'
import { isPlainObject } from '../plain-object.ts'
import { writeUtf8 } from '../text.ts'
import { isInteger, isIntegerKey } from './php-keys.ts'
import { PhpCustomObject, PhpEnum, PhpObject } from './php-values.ts'

/** What a {@link PhpWriter} goes by; nothing is left out. */
export interface PhpWriterOptions {
  readonly maxDepth: number
  readonly maxElements: number
}

/** An array or object that is not written to its end. */
interface OpenContainer {
  readonly container: object
  /** The keys of the values; a list has none. */
  readonly keys: readonly unknown[] | undefined
  readonly values: readonly unknown[]
  next: number
}

/** Text is gathered up to about this many characters before it becomes bytes. */
const MAX_TEXT_LENGTH = 1 << 20

/** Writes one value as PHP's `serialize` does, without recursion. */
export class PhpWriter {
  readonly #options: PhpWriterOptions
  readonly #chunks: Uint8Array[] = []
  readonly #open: OpenContainer[] = []
  /** Those in {@link #open}, to find a cycle. */
  readonly #path = new Set<object>()
  /** The numbers of the objects written so far, for references; cases of an enumeration by their name. */
  readonly #objects = new Map<object | string, number>()
  #text = ''
  #values = 0
  #elements = 0
  #hasCustom = false

  constructor(options: PhpWriterOptions) {
    this.#options = options
  }

  /**
   * The bytes.
   *
   * @throws EncodingError for what PHP has no form for, and beyond the limits
   */
  write(value: unknown): Uint8Array {
    this.#writeValue(value)
    for (;;) {
      const top = this.#open.at(-1)
      if (top === undefined) return this.#finish()
      if (top.next === top.values.length) this.#close(top)
      else this.#writeElement(top)
    }
  }

  #writeElement(top: OpenContainer): void {
    const at = top.next
    top.next += 1
    if (top.keys === undefined) this.#text += `i:${at};`
    else this.#writeKey(top.keys[at])
    this.#writeValue(top.values[at])
    if (this.#text.length > MAX_TEXT_LENGTH) this.#flush()
  }

  #close(top: OpenContainer): void {
    this.#open.pop()
    this.#path.delete(top.container)
    this.#text += '}'
  }

  #writeValue(value: unknown): void {
    this.#values += 1
    if (value === null || value === undefined) this.#text += 'N;'
    else if (typeof value === 'string') this.#text += `s:${quoted(value)};`
    else if (typeof value === 'number') this.#text += numberText(value)
    else if (typeof value === 'boolean') this.#text += value ? 'b:1;' : 'b:0;'
    else if (typeof value === 'bigint') this.#text += `i:${checkInteger(value)};`
    else if (typeof value === 'object') this.#writeObject(value)
    else throw noForm(value)
  }

  #writeObject(value: object): void {
    if (types.isUint8Array(value)) {
      this.#writeBytes('s:', value, '";')
    } else if (Array.isArray(value)) {
      this.#enter('a', value, undefined, value)
    } else if (value instanceof Map) {
      this.#enter('a', value, [...value.keys()], [...value.values()])
    } else if (isPhpValue(value)) {
      this.#writeOnce(value)
    } else if (isPlainObject(value)) {
      this.#enter('a', value, Object.keys(value), Object.values(value))
    } else {
      throw noForm(value)
    }
  }

  /** An object that was written before is named by its number: it stays one object. */
  #writeOnce(value: PhpObject | PhpCustomObject | PhpEnum): void {
    const isEnum = value instanceof PhpEnum
    const identity = isEnum ? `${value.className}:${value.caseName}` : value
    const before = this.#objects.get(identity)
    if (before !== undefined) {
      if (this.#hasCustom) throw noReference()
      this.#text += `r:${before};`
      return
    }
    this.#objects.set(identity, this.#values)
    if (value instanceof PhpObject) {
      const { className, properties } = value
      const values = [...properties.values()]
      this.#enter(`O:${quoted(className)}`, value, [...properties.keys()].map(String), values)
    } else if (value instanceof PhpEnum) {
      this.#text += `E:${quoted(String(identity))};`
    } else {
      this.#text += `C:${quoted(value.className)}:${value.data.length}:{`
      this.#push(value.data)
      this.#text += '}'
      this.#hasCustom = true
    }
  }

  #enter(
    start: string,
    container: object,
    keys: readonly unknown[] | undefined,
    values: readonly unknown[],
  ): void {
    if (this.#path.has(container)) {
      throw new EncodingError(`${kindOf(container)} that holds itself cannot be written for PHP`)
    }
    const { maxDepth, maxElements } = this.#options
    this.#elements += values.length
    if (this.#elements > maxElements) {
      throw new EncodingError(`a value of more than ${maxElements} elements is not written for PHP`)
    }
    if (this.#open.length >= maxDepth) {
      throw new EncodingError(`a value of more than ${maxDepth} levels is not written for PHP`)
    }
    this.#text += `${start}:${values.length}:{`
    this.#path.add(container)
    this.#open.push({ container, keys, values, next: 0 })
  }

  #writeKey(key: unknown): void {
    const isOfObject = this.#open.at(-1)?.container instanceof PhpObject
    if (typeof key === 'string') {
      this.#text += isOfObject || !isIntegerKey(key) ? `s:${quoted(key)};` : `i:${key};`
    } else if (Number.isSafeInteger(key)) {
      this.#text += `i:${String(key)};`
    } else if (typeof key === 'bigint') {
      this.#text += `i:${checkInteger(key)};`
    } else {
      throw new EncodingError(`${kindOf(key)} cannot be a key of a PHP array`)
    }
  }

  #writeBytes(start: string, bytes: Uint8Array, end: string): void {
    this.#text += `${start}${bytes.length}:"`
    this.#push(bytes)
    this.#text += end
  }

  #push(bytes: Uint8Array): void {
    this.#flush()
    this.#chunks.push(bytes)
  }

  /** Also where half a surrogate pair is found: next to the quotes around it, it stays half a pair. */
  #flush(): void {
    this.#chunks.push(writeUtf8(this.#text))
    this.#text = ''
  }

  #finish(): Uint8Array {
    this.#flush()
    const [only] = this.#chunks
    return only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks)
  }
}

/** PHP counts bytes, not characters. */
function quoted(text: string): string {
  return `${Buffer.byteLength(text)}:"${text}"`
}

function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? 'd:-0;' : `i:${value};`
  if (Number.isFinite(value)) return `d:${value};`
  if (Number.isNaN(value)) return 'd:NAN;'
  return value > 0 ? 'd:INF;' : 'd:-INF;'
}

function checkInteger(value: bigint): bigint {
  if (isInteger(value)) return value
  throw new EncodingError('a bigint of more than 64 bits cannot be written for PHP')
}

function isPhpValue(value: object): value is PhpObject | PhpCustomObject | PhpEnum {
  return value instanceof PhpObject || value instanceof PhpCustomObject || value instanceof PhpEnum
}

/** The bytes of such an object may hold values that PHP counts: which number is whose is not known here. */
function noReference(): EncodingError {
  return new EncodingError(
    'an object that was written before cannot be named again for PHP behind one with a format of its own',
  )
}

function noForm(value: unknown): EncodingError {
  return new EncodingError(`${kindOf(value)} cannot be written for PHP`, {
    cause: new TypeError('PHP has no form for it'),
  })
}
