import { describe, expect, test } from 'vitest'
import { batchEnd, packBytes } from '../../../../src/server/postgres/packed-bytes.ts'

const MIB = 1024 * 1024

describe('rows of one statement', () => {
  test('end before they are too many bytes, but are one at least', () => {
    const sizes = [10 * MIB, 6 * MIB, 1, 40 * MIB, 40 * MIB]
    const ends = sizes.map((_, start) => batchEnd(sizes, start, (size) => size))
    expect(ends).toEqual([2, 3, 3, 4, 5])
  })

  test('end when they are very many', () => {
    const sizes = new Array<number>(50_000).fill(1)
    expect([0, 20_000, 40_000].map((start) => batchEnd(sizes, start, () => 1))).toEqual([
      20_000, 40_000, 50_000,
    ])
  })
})

test('the bytes of rows are one value, with where each row begins and how long its pieces are', () => {
  const rows = [
    [Buffer.from('ab'), Buffer.from('')],
    [Buffer.from('c'), Buffer.from('def')],
  ]
  const packed = packBytes(rows, 2)
  expect(packed).toEqual({
    bytes: Buffer.from('abcdef'),
    starts: '{1,3}',
    lengths: ['{2,1}', '{0,3}'],
  })
  expect(packBytes([], 2)).toMatchObject({ starts: '{}', lengths: ['{}', '{}'] })
})
