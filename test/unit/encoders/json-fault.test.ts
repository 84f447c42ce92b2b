import { describe, expect, it } from 'vitest'
import { findJsonFault } from '../../../src/encoders/json-fault.ts'

describe('findJsonFault', () => {
  it.each([
    ['x', 0],
    [' \n\t x', 4],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['{,}', 1],
    ['{a:1}', 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[}', 1],
    ['[1}', 2],
    ['{"a":[1,{"b":2]]', 14],
    ['1 1', 2],
    ['01', 1],
    ['-x', 1],
    ['+1', 0],
    ['1.x', 2],
    ['1ex', 2],
    ['1e+x', 3],
    ['.5', 0],
    ['trux', 3],
    ['nul!', 3],
    ['falsey', 5],
    ['"a\nb"', 2],
    ['"\\x"', 2],
    ['"\\u12g4"', 5],
    ["'a'", 0],
    ['\u00a01', 0],
    ['\u2028', 0],
    ['NaN', 0],
    ['undefined', 0],
    ['[1]]', 3],
  ])('points at the first character that cannot be there: %j at %i', (text, position) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(findJsonFault(text)).toEqual({ position, problem: 'unexpected character' })
  })

  it.each([
    '',
    '  ',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '[',
    '[1,',
    '"abc',
    '"abc\\',
    '"\\u12',
    'tru',
    '-',
    '1.',
    '1e',
    '1e-',
  ])('says when the text ends too early: %j', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(findJsonFault(text)).toEqual({ position: text.length, problem: 'unexpected end' })
  })

  it('takes any depth and any length', () => {
    expect(findJsonFault('['.repeat(1e6)).position).toBe(1e6)
    expect(findJsonFault(`"${'é'.repeat(1e6)}"x`).position).toBe(1e6 + 2)
    expect(findJsonFault(`${'7'.repeat(1e6)}x`).position).toBe(1e6)
  })
})
