import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeName, escapeText } from '../../../../src/cli/process/escape-name.ts'

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

describe('a name in the log', () => {
  test.each([
    ['plain-name_1', 'plain-name_1'],
    ['', ''],
    ['two words', 'two words'],
    ['a,b', 'a\\x2cb'],
    ['a\\x0a', 'a\\x5cx0a'],
    ['line\r\nfeed', 'line\\x0d\\x0afeed'],
    [latin1('grün 漢字'), 'grün 漢字'],
    ['\xff\xfe\t', '\\xff\\xfe\\x09'],
    [latin1('a\u202eb\u2028c\u0085d'), 'a\\u{202e}b\\u{2028}c\\x85d'],
  ])('%j is written as %s', (name, written) => {
    expect(escapeName(name)).toBe(written)
  })

  test('never holds a control character or a comma, whatever bytes it is', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const written = escapeName(Buffer.from(bytes).toString('latin1'))
        expect(written).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp},]/u)
      }),
    )
  })
})

test('a text in the log stays one line', () => {
  expect(escapeText('a, b\n  ERROR forged \u{1b}[2J')).toBe('a, b\\x0a  ERROR forged \\x1b[2J')
})
