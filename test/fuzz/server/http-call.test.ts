import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HttpCall, readHttpCall } from '../../../src/server/http/http-call.ts'
import { HttpRefused } from '../../../src/server/http/http-refused.ts'
import { RequestRefused } from '../../../src/server/session/request-refused.ts'

const MAX_BYTES = 512

function read(url: string, headers: Record<string, string>, isCompatible: boolean): HttpCall {
  return readHttpCall(
    { method: 'POST', url, headers },
    { isCompatible, maxArgumentBytes: MAX_BYTES },
  )
}

describe('the head of a request', () => {
  test('is a job that a packet could name, or refused', () => {
    const text = fc.string({ unit: 'binary-ascii', maxLength: 600 })
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (path, unique, word, isCompatible) => {
        const headers = {
          'x-gearman-unique': unique,
          'x-gearman-priority': word,
          'x-gearman-background': word,
        }
        try {
          const call = read(`/${path}`, headers, isCompatible)
          expect(call.functionName).not.toContain('\0')
          expect(call.functionName.length).toBeLessThanOrEqual(MAX_BYTES)
          expect(call.unique.length).toBeLessThanOrEqual(64)
        } catch (error) {
          if (!(error instanceof HttpRefused || error instanceof RequestRefused)) throw error
        }
      }),
    )
  })

  test('names any function, when its path is encoded as a URL', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(name, fc.boolean(), (one, isCompatible) => {
        const { functionName } = read(`/${encodeURIComponent(one)}`, {}, isCompatible)
        expect(Buffer.from(functionName, 'latin1').toString('utf8')).toBe(one)
      }),
    )
  })
})
