import { gunzipSync, gzipSync } from 'node:zlib'
import { checkInteger } from '../core/checks.ts'
import { CompressingEncoder, type CompressionOptions } from './compressing-encoder.ts'
import type { DataEncoder } from './data-encoder.ts'
import type { EncoderSource } from './encoder-source.ts'

const MAGIC = Uint8Array.of(0x1f, 0x8b)
const DEFAULT_LEVEL = 6

/**
 * Puts gzip around another encoder: PHP's `gzencode`, Python's `gzip.compress`. Both ends need it.
 *
 * An empty payload stays empty. Exceptions are the other encoder's, not compressed. It works on the thread that it
 * is called on: about 10 ms for a megabyte of JSON.
 */
export class GzipDataEncoder<In, Out = In> extends CompressingEncoder<In, Out> {
  /**
   * @param encoder - what turns values into the bytes to compress: an instance, or a class made without arguments
   * @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for no encoder, or an option out of its range
   */
  constructor(encoder: EncoderSource<DataEncoder<In, Out>>, options: CompressionOptions = {}) {
    const level = checkInteger('level', options.level ?? DEFAULT_LEVEL, 0, 9)
    const gzip = {
      name: 'gzip',
      magic: MAGIC,
      compress: (bytes: Uint8Array): Buffer => gzipSync(bytes, { level }),
      decompress: (bytes: Uint8Array, maxOutputLength: number): Buffer =>
        gunzipSync(bytes, { maxOutputLength }),
    }
    super(encoder, gzip, options.maxDecodedBytes)
  }
}
