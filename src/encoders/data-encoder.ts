import { errorText } from './error-report.ts'
import { readErrorText } from './error-text.ts'

/**
 * Turns values into payloads and back: extend it to speak a format of your own.
 *
 * `In` is what may be handed over for sending, `Out` is what arrives. What `encode` and `decode` throw
 * should be an {@link EncodingError}: code `ERR_GEARMAN_ENCODING`.
 */
export abstract class DataEncoder<In, Out = In> {
  /**
   * A value as the bytes of a payload. The bytes must not change until they are sent.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when the value cannot be encoded
   */
  abstract encode(value: In): Uint8Array

  /**
   * The bytes of a payload as a value. They may be kept, and may share their memory with other small payloads.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when the bytes are not in the format
   */
  abstract decode(bytes: Buffer): Out

  /**
   * What a task's callback threw, as the payload of an exception: UTF-8 text, `Name: message`.
   * Takes whatever can be thrown, and never throws itself.
   */
  encodeError(error: unknown): Uint8Array {
    return Buffer.from(errorText(error), 'utf8')
  }

  /**
   * The payload of an exception, as the holder of the request gets it: the text. Perl's workers freeze theirs
   * with Storable: it is thawed.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when it is not UTF-8; the exception then stays a `Buffer`
   */
  decodeError(bytes: Buffer): unknown {
    return readErrorText(bytes)
  }
}

/** Any encoder: what it takes shows at run time, and it may give anything. */
export type AnyEncoder = DataEncoder<unknown, unknown>

/** What an encoder takes for sending. */
export type EncoderInput<E extends AnyEncoder> = Parameters<E['encode']>[0]

/** What an encoder gives for what arrived. */
export type EncoderOutput<E extends AnyEncoder> = ReturnType<E['decode']>
