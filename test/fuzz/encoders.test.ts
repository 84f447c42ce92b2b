import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JSONDataEncoder } from '../../src/encoders/json-data-encoder.ts'
import { findJsonFault } from '../../src/encoders/json-fault.ts'
import { RawDataEncoder } from '../../src/encoders/raw-data-encoder.ts'
import { StringDataEncoder } from '../../src/encoders/string-data-encoder.ts'
import { EncodingError } from '../../src/errors.ts'

const RUNS = { numRuns: 500 }
const anyText = fc.string({ unit: 'binary', maxLength: 200 })
const anyBytes = fc.uint8Array({ maxLength: 200 })

/** What an action gives, or nothing when it is refused as it should be. */
function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    expect(error).toBeInstanceOf(EncodingError)
    return undefined
  }
}

describe('encoders', () => {
  it('bring text back as it was, or refuse it', () => {
    const encoder = new StringDataEncoder()
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = unlessRefused(() => encoder.encode(text))
        if (bytes !== undefined) expect(encoder.decode(Buffer.from(bytes))).toBe(text)
      }),
      RUNS,
    )
  })

  it('bring bytes back as they were, or refuse them', () => {
    const text = new StringDataEncoder()
    const raw = new RawDataEncoder()
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const body = Buffer.from(bytes)
        expect(raw.encode(raw.decode(body))).toEqual(body)
        const decoded = unlessRefused(() => text.decode(body))
        if (decoded !== undefined) expect(text.encode(decoded)).toEqual(body)
      }),
      RUNS,
    )
  })

  it('bring JSON back as JSON.parse and JSON.stringify do', () => {
    const encoder = new JSONDataEncoder()
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const bytes = Buffer.from(encoder.encode(value))
        expect(encoder.decode(bytes)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      RUNS,
    )
  })

  it('make text of whatever is thrown', () => {
    const raw = new RawDataEncoder()
    const json = new JSONDataEncoder()
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withSparseArray: true }), (thrown) => {
        expect(raw.decodeError(Buffer.from(raw.encodeError(thrown)))).toBeTypeOf('string')
        expect(json.decodeError(Buffer.from(json.encodeError(thrown)))).toMatchObject({
          name: expect.any(String),
          message: expect.any(String),
        })
      }),
      RUNS,
    )
  })
})

describe('the position of a JSON fault', () => {
  const damaged = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '{', '}', '[', ']', '"', ',', ':', '\\', '0', 'e', 'x'),
    )
    .map(([text, at, char]) => {
      const index = at % text.length
      return text.slice(0, index) + char + text.slice(index + 1)
    })

  it('is one from which on nothing can make the text JSON', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, anyText), fc.oneof(fc.json(), anyText), (text, rest) => {
        fc.pre(!isJson(text))
        const { position, problem } = findJsonFault(text)
        expect(position).toBeLessThanOrEqual(text.length)
        expect(problem).toBe(position === text.length ? 'unexpected end' : 'unexpected character')
        if (position === text.length) return
        const front = text.slice(0, position + 1)
        for (const end of [rest, '', '"', '}', ']', '"}', ':1}', '1', '1}', '1]']) {
          expect(isJson(front + end)).toBe(false)
        }
      }),
      RUNS,
    )
  })

  it('is the same whatever follows it', () => {
    fc.assert(
      fc.property(damaged, anyText, (text, rest) => {
        fc.pre(!isJson(text) && findJsonFault(text).position < text.length)
        expect(findJsonFault(text + rest)).toEqual(findJsonFault(text))
      }),
      RUNS,
    )
  })

  function isJson(text: string): boolean {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
})
