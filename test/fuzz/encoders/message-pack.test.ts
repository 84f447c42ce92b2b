import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { EncodingError } from '../../../src/errors.ts'
import { MessagePackDataEncoder } from '../../../src/msgpack/message-pack-data-encoder.ts'
import { messagePackValue } from '../../helpers/arbitrary-message-pack.ts'
import { damaged } from '../../helpers/damaged-bytes.ts'

/** Many runs are work for seconds where nothing else runs: a busy machine is slow, not broken. */
vi.setConfig({ testTimeout: 300_000 })

const encoder = new MessagePackDataEncoder()
const written = messagePackValue.map((value) => Buffer.from(encoder.encode(value)))

describe('MessagePack', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(messagePackValue, (value) => {
        expect(encoder.decode(Buffer.from(encoder.encode(value)))).toEqual(value)
      }),
      { numRuns: 1000 },
    )
  })

  it('is read or refused, whatever the bytes are', () => {
    const anything = fc.oneof(
      damaged(written),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          encoder.decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(EncodingError)
        }
      }),
      { numRuns: 10_000 },
    )
  })
})
