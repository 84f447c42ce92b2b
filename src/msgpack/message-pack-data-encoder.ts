import { decode, type EncoderOptions, ExtensionCodec, encode } from '@msgpack/msgpack'
import { checkInteger, kindOf } from '../core/checks.ts'
import { DataEncoder } from '../encoders/data-encoder.ts'
import { errorReport } from '../encoders/error-report.ts'
import { readErrorText } from '../encoders/error-text.ts'
import { EncodingError } from '../errors.ts'
import { scanMessagePack } from './scan-message-pack.ts'
import { StrictCodec } from './strict-codec.ts'

/** What {@link MessagePackDataEncoder} can be told. */
export interface MessagePackDataEncoderOptions {
  /**
   * How deep arrays and maps may be nested, both ways: 1 to 1000.
   * @defaultValue 500
   */
  readonly maxDepth?: number | undefined
  /**
   * Extension types of your own, of the library; give it to both ends. Timestamps (`Date`) are always there.
   * @defaultValue none
   */
  readonly extensionCodec?: ExtensionCodec | undefined
}

const DEFAULT_MAX_DEPTH = 500
const MAX_DEPTH = 1000
const EMPTY = Buffer.alloc(0)

/**
 * MessagePack both ways, through the library `@msgpack/msgpack`, version 3: `npm install @msgpack/msgpack`.
 *
 * - `undefined` is an empty payload; in objects it is left out, in arrays it is nil.
 * - Plain objects are maps, `Uint8Array`s are bin, `Date`s are timestamps. Other classes, Maps included, are refused
 *   unless `extensionCodec` knows them.
 * - Integers beyond a number's exact range are `bigint`, and are written from `bigint`. Beside one, numbers of more than
 *   32 bits are written as floats.
 * - Bytes arrive as `Uint8Array`s, keys as strings.
 *
 * Exceptions travel as a map `{ name, message, code, cause }`. What arrives is not checked against `Out`: the type
 * is a promise of the other side.
 */
export class MessagePackDataEncoder<In = unknown, Out = In> extends DataEncoder<In, Out> {
  readonly #maxDepth: number
  readonly #codec: StrictCodec

  /** @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for an option out of its range */
  constructor({
    maxDepth = DEFAULT_MAX_DEPTH,
    extensionCodec,
  }: MessagePackDataEncoderOptions = {}) {
    super()
    this.#maxDepth = checkInteger('maxDepth', maxDepth, 1, MAX_DEPTH)
    this.#codec = new StrictCodec(extensionCodec ?? new ExtensionCodec())
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for what MessagePack has no form for (a function, a symbol, an
   * instance of a class, a bigint of more than 64 bits), and beyond `maxDepth`: a cycle
   */
  encode(value: In): Uint8Array {
    if (value === undefined) return EMPTY
    const options = {
      // The library counts what is in the innermost one, too.
      maxDepth: this.#maxDepth + 1,
      extensionCodec: this.#codec,
      ignoreUndefined: true,
    }
    try {
      return this.#encodeWith(value, options)
    } catch (error) {
      if (error instanceof EncodingError) throw error
      throw new EncodingError(`${kindOf(value)} cannot be written as MessagePack`, { cause: error })
    }
  }

  #encodeWith(value: In, options: EncoderOptions): Uint8Array {
    this.#codec.foundBigint = false
    try {
      return encode(value, options)
    } catch (error) {
      // The library writes either numbers of more than 32 bits as integers, or bigints.
      if (!this.#codec.foundBigint) throw error
      checkBigints(value)
      return encode(value, { ...options, useBigInt64: true })
    }
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for anything but one value of MessagePack; it names the offset, and
   * never quotes the payload
   */
  decode(bytes: Buffer): Out {
    if (bytes.length === 0) return undefined as Out
    const { hasInteger64, hasBytes } = scanMessagePack(bytes, this.#maxDepth)
    try {
      // The library gives views: of a copy, since the payload may be part of a larger chunk.
      const value = decode(hasBytes ? new Uint8Array(bytes) : bytes, {
        extensionCodec: this.#codec,
        useBigInt64: hasInteger64,
        mapKeyConverter: toKey,
      })
      return (hasInteger64 ? narrow(value) : value) as Out
    } catch (error) {
      if (error instanceof EncodingError) throw error
      throw new EncodingError(`a payload of ${bytes.length} bytes cannot be read as MessagePack`, {
        cause: error,
      })
    }
  }

  /** The map `{ name, message, code, cause }`; `code` and `cause` only where the error has them. */
  override encodeError(error: unknown): Uint8Array {
    return encode(errorReport(error))
  }

  /**
   * What the MessagePack of an exception says when it is a map, or else its text.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when it is neither; the exception then stays a `Buffer`
   */
  override decodeError(bytes: Buffer): unknown {
    try {
      const value: unknown = bytes.length === 0 ? undefined : this.decode(bytes)
      // The first byte of a text is a number or a string in MessagePack.
      if (typeof value === 'object' && value !== null) return value
    } catch {
      // A worker with another encoder wrote it: its words are better than none.
    }
    return readErrorText(bytes)
  }
}

function toKey(key: unknown): string | number {
  if (typeof key === 'string' || typeof key === 'number') return key
  if (typeof key === 'bigint') return String(key)
  throw new EncodingError('a map of MessagePack can only be read when its keys are text or numbers')
}

/** @throws EncodingError for one of more than 64 bits: the library would cut it */
function checkBigints(value: unknown): void {
  const seen = new Set<unknown>()
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'bigint') checkBigint(next)
    if (typeof next !== 'object' || next === null || ArrayBuffer.isView(next)) continue
    if (seen.has(next)) continue
    seen.add(next)
    for (const element of Object.values(next)) {
      if (element !== undefined) open.push(element)
    }
  }
}

function checkBigint(value: bigint): void {
  if (value >= -(2n ** 63n) && value < 2n ** 64n) return
  throw new EncodingError('a bigint of more than 64 bits cannot be written as MessagePack', {
    cause: new RangeError('MessagePack has integers of 64 bits'),
  })
}

/** Integers of 64 bits as numbers where that is exact. The values are new ones: they are changed in place. */
function narrow(value: unknown): unknown {
  if (typeof value === 'bigint') return narrowed(value)
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || ArrayBuffer.isView(next)) continue
    const container = next as Record<string, unknown>
    for (const key of Object.keys(container)) {
      const element = container[key]
      if (typeof element === 'bigint') container[key] = narrowed(element)
      else if (typeof element === 'object' && element !== null) open.push(element)
    }
  }
  return value
}

function narrowed(value: bigint): number | bigint {
  const near = Number(value)
  return Number.isSafeInteger(near) ? near : value
}
