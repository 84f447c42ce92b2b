import { checkInteger } from '../core/checks.ts'
import { EncodingError } from '../errors.ts'
import { DataEncoder } from './data-encoder.ts'
import { type EncoderSource, toEncoder } from './encoder-source.ts'

/** What the encoders that compress can be told. */
export interface CompressionOptions {
  /** How hard to try: 0 to 9 for gzip, 1 to 22 for zstd. @defaultValue 6 for gzip, 3 for zstd */
  readonly level?: number | undefined
  /**
   * How many bytes a payload may have when it is decompressed: a few can stand for gigabytes. At most 1 GiB.
   * @defaultValue 67,108,864 (64 MiB)
   */
  readonly maxDecodedBytes?: number | undefined
}

/** A pair of functions: bytes into fewer bytes, and back. */
export interface Compression {
  /** What it is called in errors. */
  readonly name: string
  /** The first bytes of whatever it makes. */
  readonly magic: Uint8Array
  /** Makes fewer bytes of bytes. */
  readonly compress: (bytes: Uint8Array) => Uint8Array
  /** Throws a RangeError with the code `ERR_BUFFER_TOO_LARGE` beyond the limit, and other errors for other faults. */
  readonly decompress: (bytes: Uint8Array, maxBytes: number) => Buffer
}

const DEFAULT_MAX_DECODED_BYTES = 64 * 1024 * 1024
const GIBIBYTE = 1024 * 1024 * 1024
const EMPTY = Buffer.alloc(0)

/**
 * Puts compression around another encoder. Both ends need it. An empty payload stays empty, so that no result
 * is no result. Exceptions are the inner encoder's, not compressed: they are short, and readable for everybody.
 */
export abstract class CompressingEncoder<In, Out> extends DataEncoder<In, Out> {
  readonly #inner: DataEncoder<In, Out>
  readonly #compression: Compression
  readonly #maxDecodedBytes: number

  protected constructor(
    inner: EncoderSource<DataEncoder<In, Out>>,
    compression: Compression,
    maxDecodedBytes: number = DEFAULT_MAX_DECODED_BYTES,
  ) {
    super()
    this.#inner = toEncoder(inner, 'encoder')
    this.#compression = compression
    this.#maxDecodedBytes = checkInteger('maxDecodedBytes', maxDecodedBytes, 1, GIBIBYTE)
  }

  /** @throws EncodingError (`ERR_GEARMAN_ENCODING`) when the inner encoder cannot encode the value */
  encode(value: In): Uint8Array {
    const bytes = this.#inner.encode(value)
    return bytes.length === 0 ? EMPTY : this.#compression.compress(bytes)
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when the bytes are not compressed, are damaged, or become
   * more than `maxDecodedBytes`; and when the inner encoder cannot decode what was in them
   */
  decode(bytes: Buffer): Out {
    return this.#inner.decode(bytes.length === 0 ? bytes : this.#decompress(bytes))
  }

  /** As the inner encoder does it. */
  override encodeError(error: unknown): Uint8Array {
    return this.#inner.encodeError(error)
  }

  /** As the inner encoder does it; compressed ones, which other programs may send, are read as well. */
  override decodeError(bytes: Buffer): unknown {
    const { magic } = this.#compression
    const isCompressed = bytes.subarray(0, magic.length).equals(magic)
    return this.#inner.decodeError(isCompressed ? this.#decompress(bytes) : bytes)
  }

  #decompress(bytes: Buffer): Buffer {
    const { name, decompress } = this.#compression
    try {
      return decompress(bytes, this.#maxDecodedBytes)
    } catch (cause) {
      const isTooLarge = (cause as Partial<NodeJS.ErrnoException>).code === 'ERR_BUFFER_TOO_LARGE'
      const problem = isTooLarge
        ? `becomes more than ${this.#maxDecodedBytes} bytes`
        : `is not whole ${name}`
      throw new EncodingError(`a payload of ${bytes.length} bytes ${problem}`, { cause })
    }
  }
}
