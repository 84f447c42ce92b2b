import * as zlib from 'node:zlib'
import { checkInteger } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { CompressingEncoder, type CompressionOptions } from './compressing-encoder.ts'
import type { DataEncoder } from './data-encoder.ts'
import type { EncoderSource } from './encoder-source.ts'

/** What Node.js has since 22.15 and 23.8, as far as it is used. */
interface ZstdLibrary {
  readonly zstdCompressSync: (bytes: Uint8Array, options: object) => Buffer
  readonly zstdDecompressSync: (bytes: Uint8Array, options: object) => Buffer
  readonly constants: { readonly ZSTD_c_compressionLevel: number }
}

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)
const DEFAULT_LEVEL = 3

/**
 * Puts Zstandard around another encoder: smaller than gzip, and several times faster. Both ends need it, and here
 * it needs Node.js 22.15 or newer (of the 23 line, 23.8).
 *
 * An empty payload stays empty. Exceptions are the other encoder's, not compressed. It works on the thread that it
 * is called on.
 */
export class ZstdDataEncoder<In, Out = In> extends CompressingEncoder<In, Out> {
  /** Whether this Node.js has Zstandard. */
  static get isSupported(): boolean {
    return findZstd() !== undefined
  }

  /**
   * @param encoder - what turns values into the bytes to compress: an instance, or a class made without arguments
   * @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) where Node.js has no Zstandard, for no encoder, or
   * an option out of its range
   */
  constructor(encoder: EncoderSource<DataEncoder<In, Out>>, options: CompressionOptions = {}) {
    const library = findZstd()
    if (library === undefined) {
      const problem = `needs Node.js 22.15 or newer, which has Zstandard; this is ${process.version}`
      throw new InvalidArgumentError('ZstdDataEncoder', problem)
    }
    const level = checkInteger('level', options.level ?? DEFAULT_LEVEL, 1, 22)
    const params = { [library.constants.ZSTD_c_compressionLevel]: level }
    const zstd = {
      name: 'zstd',
      magic: MAGIC,
      compress: (bytes: Uint8Array): Buffer => library.zstdCompressSync(bytes, { params }),
      decompress: (bytes: Uint8Array, maxOutputLength: number): Buffer =>
        library.zstdDecompressSync(bytes, { maxOutputLength }),
    }
    super(encoder, zstd, options.maxDecodedBytes)
  }
}

function findZstd(): ZstdLibrary | undefined {
  const library: object = zlib
  return 'zstdCompressSync' in library ? (library as ZstdLibrary) : undefined
}
