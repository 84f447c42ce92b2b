import { expect, it } from 'vitest'
import { copyBytes, isSameAs } from '../../../src/core/short-bytes.ts'

it.each([0, 1, 96, 97, 5000])('copies %d bytes, and nothing beside them', (length) => {
  const from = Uint8Array.from({ length: length + 20 }, (_, index) => 1 + (index % 250))
  const to = new Uint8Array(length + 20)
  copyBytes(from, 7, 7 + length, to, 3)
  expect(to.subarray(3, 3 + length)).toEqual(from.subarray(7, 7 + length))
  expect([...to.subarray(0, 3), ...to.subarray(3 + length)]).toEqual(Array(20).fill(0))
})

it('tells whether bytes are the same as a part of others', () => {
  const bytes = Buffer.from('reverse')
  expect(isSameAs(Buffer.from('ver'), bytes, 2, 5)).toBe(true)
  expect(isSameAs(Buffer.from('ver'), bytes, 3, 6)).toBe(false)
  expect(isSameAs(Buffer.from('ver'), bytes, 2, 6)).toBe(false)
})
