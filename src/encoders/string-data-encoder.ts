import { kindOf } from '../core/checks.ts'
import { EncodingError } from '../errors.ts'
import { DataEncoder } from './data-encoder.ts'
import { readUtf8, writeUtf8 } from './text.ts'

/** UTF-8 text both ways. Nothing is replaced or dropped on the way: what cannot be text is an error. */
export class StringDataEncoder extends DataEncoder<string> {
  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for anything but a string, and for a string with half
   * a surrogate pair
   */
  encode(value: string): Uint8Array {
    if (typeof value !== 'string') {
      throw new EncodingError(`the string encoder takes a string, not ${kindOf(value)}`)
    }
    return writeUtf8(value)
  }

  /** @throws EncodingError (`ERR_GEARMAN_ENCODING`) when the bytes are not UTF-8 */
  decode(bytes: Buffer): string {
    return readUtf8(bytes)
  }
}
