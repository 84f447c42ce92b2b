import { describe, expect, test } from 'vitest'
import { parseInt64, parseUint32 } from '../../../src/server/session/c-numbers.ts'

describe('parseInt64', () => {
  test.each([
    ['', 0],
    ['12', 12],
    [' \t\n12abc', 12],
    ['-5', -5],
    ['+7', 7],
    ['abc', 0],
    ['--1', 0],
    ['0x10', 0],
    ['9223372036854775807', 2 ** 63],
    ['9223372036854775808', undefined],
    ['-9223372036854775809', undefined],
    ['0000000000000000000000000000012', 12],
    ['0'.repeat(400), 0],
    ['9'.repeat(5000), undefined],
  ])('%j is %s', (text, expected) => {
    expect(parseInt64(text)).toBe(expected)
  })
})

describe('parseUint32', () => {
  test.each([
    ['', 0],
    ['7', 7],
    ['999999999', 999_999_999],
    ['4294967295', 4_294_967_295],
    ['4294967296', 0],
    ['-1', 4_294_967_295],
    ['x5', 0],
    ['0.25', 0],
    [' 12 ', 12],
    ['9'.repeat(40), 4_294_967_295],
    [`-${'9'.repeat(40)}`, 0],
  ])('%j is %s', (text, expected) => {
    expect(parseUint32(Buffer.from(text))).toBe(expected)
  })
})
