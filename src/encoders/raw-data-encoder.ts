import { types } from 'node:util'
import { kindOf } from '../core/checks.ts'
import { EncodingError } from '../errors.ts'
import { DataEncoder } from './data-encoder.ts'
import { detach } from './detach.ts'
import { writeUtf8 } from './text.ts'

/** What {@link RawDataEncoder} sends: bytes as they are, text as UTF-8, `undefined` as an empty payload. */
export type RawInput = Uint8Array | string | undefined

const EMPTY = Buffer.alloc(0)

/** Payloads as they are: bytes in, `Buffer` out. The default. */
export class RawDataEncoder extends DataEncoder<RawInput, Buffer> {
  /**
   * Bytes are passed on without a copy: they must not change until they are sent.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for anything but a `Uint8Array`, a string or `undefined`,
   * and for a string with half a surrogate pair
   */
  encode(value: RawInput): Uint8Array {
    if (typeof value === 'string') return writeUtf8(value)
    if (types.isUint8Array(value)) return value
    if (value === undefined) return EMPTY
    throw new EncodingError(
      `the raw encoder takes a Uint8Array, a string or undefined, not ${kindOf(value)}`,
    )
  }

  /** The bytes. Those that are a small part of a larger block of memory are copied out of it. */
  decode(bytes: Buffer): Buffer {
    return detach(bytes)
  }
}

/** python-gearman's name for {@link RawDataEncoder}. */
export const NoopEncoder: typeof RawDataEncoder = RawDataEncoder
/** python-gearman's name for {@link RawDataEncoder}. */
export type NoopEncoder = RawDataEncoder
