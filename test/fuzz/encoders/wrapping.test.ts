import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AesGcmDataEncoder } from '../../../src/encoders/aes-gcm-data-encoder.ts'
import { GzipDataEncoder } from '../../../src/encoders/gzip-data-encoder.ts'
import { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import { ZstdDataEncoder } from '../../../src/encoders/zstd-data-encoder.ts'
import { EncodingError } from '../../../src/errors.ts'
import { damaged } from '../../helpers/damaged-bytes.ts'

const MAX_BYTES = 1000
const limit = { maxDecodedBytes: MAX_BYTES }
const encoders = [
  new GzipDataEncoder(RawDataEncoder, limit),
  new AesGcmDataEncoder(RawDataEncoder, { key: Buffer.alloc(16, 7) }),
  ...(ZstdDataEncoder.isSupported ? [new ZstdDataEncoder(RawDataEncoder, limit)] : []),
]
const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

describe('wrapped bytes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(payload, (bytes) => {
        for (const encoder of encoders) {
          expect(encoder.decode(Buffer.from(encoder.encode(bytes)))).toEqual(bytes)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('are read or refused, whatever happens to them, within the limit', () => {
    for (const encoder of encoders) {
      const whole = payload.map((bytes) => Buffer.from(encoder.encode(bytes)))
      fc.assert(
        fc.property(fc.oneof(damaged(whole), payload), (bytes) => {
          try {
            expect(encoder.decode(bytes).length).toBeLessThanOrEqual(MAX_BYTES)
          } catch (error) {
            expect(error).toBeInstanceOf(EncodingError)
          }
        }),
        { numRuns: 1000 },
      )
    }
  })
})
