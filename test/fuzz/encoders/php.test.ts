import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { PhpDataEncoder } from '../../../src/encoders/php/php-data-encoder.ts'
import { EncodingError } from '../../../src/errors.ts'
import { phpValue } from '../../helpers/arbitrary-php.ts'
import { damaged } from '../../helpers/damaged-bytes.ts'

/** Many runs are work for seconds where nothing else runs: a busy machine is slow, not broken. */
vi.setConfig({ testTimeout: 300_000 })

const encoder = new PhpDataEncoder({ arrays: 'map' })
const small = new PhpDataEncoder({ maxDepth: 5, maxElements: 20, strings: 'buffer' })
const written = phpValue.map((value) => Buffer.from(encoder.encode(value)))
const likePhp = fc
  .array(
    fc.constantFrom(
      'a:',
      'O:',
      's:',
      'i:',
      'r:',
      'R:',
      'C:',
      'E:',
      '1',
      '2',
      ':',
      ';',
      '{',
      '}',
      '"',
      'N;',
      '"A"',
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.from(parts.join('')))

describe('PHP data', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(written, (bytes) => {
        const value = encoder.decode(bytes)
        const again = Buffer.from(encoder.encode(value))
        expect(isDeepStrictEqual(encoder.decode(again), value)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('is read or refused, whatever the bytes are', () => {
    const anything = fc.oneof(
      damaged(written),
      likePhp,
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        for (const reader of [encoder, small]) {
          try {
            const value = reader.decode(bytes)
            // What can be read can be written, or is refused as well: cycles of references, keys that are objects.
            reader.encode(value)
          } catch (error) {
            expect(error).toBeInstanceOf(EncodingError)
          }
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
