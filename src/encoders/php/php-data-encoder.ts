import { checkLimit, kindOf, show } from '../../core/checks.ts'
import { EncodingError, InvalidArgumentError } from '../../errors.ts'
import { DataEncoder } from '../data-encoder.ts'
import type { PhpArrayForm } from './php-frames.ts'
import { PhpReader, type PhpReaderOptions, type PhpStringForm } from './php-reader.ts'
import { readThrowable } from './php-throwable.ts'
import { PhpWriter } from './php-writer.ts'

/** What {@link PhpDataEncoder} can be told. */
export interface PhpDataEncoderOptions {
  /**
   * How PHP's strings, which are bytes, are given: `'auto'`: text where they are UTF-8, else a `Buffer`; `'utf8'`:
   * text, and an EncodingError where they are not UTF-8; `'buffer'`: always a `Buffer`. Keys are always text.
   * @defaultValue 'auto'
   */
  readonly strings?: PhpStringForm | undefined
  /**
   * How arrays that are no lists are given: `'object'`: a plain object, which keeps keys that are whole numbers in
   * front, in ascending order; `'map'`: a `Map` in PHP's order, whose integer keys are numbers (bigint where a
   * number is not exact). An array whose keys are 0, 1, 2 and so on is an array in both, the empty one as well.
   * @defaultValue 'object'
   */
  readonly arrays?: PhpArrayForm | undefined
  /** How deep arrays and objects may be nested, both ways. @defaultValue 4096, as in PHP */
  readonly maxDepth?: number | undefined
  /** How many elements arrays and objects may have in sum, both ways. @defaultValue 10,000,000 */
  readonly maxElements?: number | undefined
  /** How many bytes a payload may have to be read. @defaultValue Infinity: the limit of the connection holds */
  readonly maxBytes?: number | undefined
}

const DEFAULT_MAX_DEPTH = 4096
const DEFAULT_MAX_ELEMENTS = 10_000_000
const EMPTY = Buffer.alloc(0)
/** How anything that PHP serializes begins. */
const SERIALIZED = /^(?:N;|[bidsaOCE]:)/

/**
 * PHP's `serialize` and `unserialize`. Reading makes plain data only: objects of whatever class arrive as
 * {@link PhpObject}, which holds the name of the class and the properties.
 *
 * | PHP | here |
 * | --- | --- |
 * | null, bool | `null`, `boolean`; `undefined` within a value is written as null |
 * | int | `number`, `bigint` beyond its exact range |
 * | float | `number`; numbers that are whole and safe are written as int |
 * | string | `string` or `Buffer`; `Uint8Array` is written, too |
 * | list | array |
 * | other arrays | plain object or `Map` |
 * | objects, cases of an enumeration | {@link PhpObject}, {@link PhpCustomObject}, {@link PhpEnum} |
 * | references | the same object in both places; a plain value is copied |
 *
 * `undefined` is an empty payload. Exceptions travel as text, `Name: message`, which PHP shows as it is; what
 * arrives is the value that a PHP worker serialized for it, or else its text. What arrives is not checked against
 * `Out`: the type is a promise of the other side.
 */
export class PhpDataEncoder<In = unknown, Out = In> extends DataEncoder<In, Out> {
  readonly #options: PhpReaderOptions
  readonly #maxBytes: number

  /** @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for an option out of its range */
  constructor(options: PhpDataEncoderOptions = {}) {
    super()
    const { strings = 'auto', arrays = 'object', maxBytes = Number.POSITIVE_INFINITY } = options
    const { maxDepth = DEFAULT_MAX_DEPTH, maxElements = DEFAULT_MAX_ELEMENTS } = options
    this.#options = {
      strings: oneOf('strings', strings, ['auto', 'utf8', 'buffer']),
      arrays: oneOf('arrays', arrays, ['object', 'map']),
      maxDepth: checkLimit('maxDepth', maxDepth, 1),
      maxElements: checkLimit('maxElements', maxElements, 1),
    }
    this.#maxBytes = checkLimit('maxBytes', maxBytes, 1)
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for what PHP has no form for (a function, a symbol, an instance
   * of a class, a bigint of more than 64 bits), for an array or plain object that holds itself, for half a
   * surrogate pair, and beyond the limits
   */
  encode(value: In): Uint8Array {
    if (value === undefined) return EMPTY
    try {
      return new PhpWriter(this.#options).write(value)
    } catch (error) {
      if (error instanceof EncodingError) throw error
      // A getter or a proxy of the user's has thrown, or the text is longer than a string can be.
      throw new EncodingError(`${kindOf(value)} cannot be written for PHP`, { cause: error })
    }
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for anything but one serialized value; it names the offset and
   * what was wanted there, and never quotes the payload
   */
  decode(bytes: Buffer): Out {
    if (bytes.length === 0) return undefined as Out
    if (bytes.length > this.#maxBytes) {
      throw new EncodingError(
        `a payload of ${bytes.length} bytes is larger than the ${this.#maxBytes} that are read`,
      )
    }
    return new PhpReader(bytes, this.#options).read() as Out
  }

  /**
   * What a PHP worker serialized for its exception, or else the text. Of an `Exception` or `Error` of PHP it is
   * `{ name, message, code, cause }`.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when it is neither; the exception then stays a `Buffer`
   */
  override decodeError(bytes: Buffer): unknown {
    if (SERIALIZED.test(bytes.toString('latin1', 0, 2))) {
      try {
        const value = this.decode(bytes)
        return readThrowable(value) ?? value
      } catch {
        // Text that only begins like it.
      }
    }
    return super.decodeError(bytes)
  }
}

function oneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  throw new InvalidArgumentError(name, `must be one of ${allowed.join(', ')}, not ${show(value)}`)
}
