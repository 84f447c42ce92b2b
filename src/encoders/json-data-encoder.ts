import { kindOf } from '../core/checks.ts'
import { EncodingError } from '../errors.ts'
import { DataEncoder } from './data-encoder.ts'
import { errorReport } from './error-report.ts'
import { readErrorText } from './error-text.ts'
import { findJsonFault } from './json-fault.ts'
import { readUtf8 } from './text.ts'

const EMPTY = Buffer.alloc(0)
const FAULT = Symbol('not JSON')

/**
 * JSON both ways, with the rules of `JSON.stringify`; `undefined` is an empty payload.
 *
 * Exceptions travel as an object `{ name, message, code, cause }`. What arrives is not checked against
 * `Out`: the type is a promise of the other side.
 */
export class JSONDataEncoder<In = unknown, Out = In> extends DataEncoder<In, Out> {
  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for what JSON cannot hold: a function, a symbol, a BigInt,
   * a cycle, a `toJSON` that throws. The reason is its `cause`.
   */
  encode(value: In): Uint8Array {
    if (value === undefined) return EMPTY
    return Buffer.from(stringify(value), 'utf8')
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for anything but JSON in UTF-8; it names the position, and
   * never quotes the payload
   */
  decode(bytes: Buffer): Out {
    if (bytes.length === 0) return undefined as Out
    const text = readUtf8(bytes)
    const value = parse(text)
    if (value === FAULT) throw invalidJson(bytes.length, text)
    return value as Out
  }

  /** The JSON object `{ name, message, code, cause }`; `code` and `cause` only where the error has them. */
  override encodeError(error: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(errorReport(error)), 'utf8')
  }

  /**
   * What the JSON of an exception says, or its text when it is no JSON.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when it is not UTF-8; the exception then stays a `Buffer`
   */
  override decodeError(bytes: Buffer): unknown {
    const text = readErrorText(bytes)
    const value = parse(text)
    // A worker with another encoder wrote it: its words are better than none.
    return value === FAULT ? text : value
  }
}

/** The value of a JSON text, or {@link FAULT}: the engine's own error quotes the payload and goes no further. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return FAULT
  }
}

function invalidJson(byteCount: number, text: string): EncodingError {
  const { position, problem } = findJsonFault(text)
  return new EncodingError(
    `a payload of ${byteCount} bytes is not JSON: ${problem} at position ${position}`,
    { cause: new SyntaxError(`${problem} at position ${position} of ${text.length}`) },
  )
}

function stringify(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new EncodingError(`${kindOf(value)} cannot be written as JSON`, { cause })
  }
  if (text === undefined) {
    throw new EncodingError(`${kindOf(value)} cannot be written as JSON`, {
      cause: new TypeError('JSON has no form for it'),
    })
  }
  return text
}
