import { describe, expect, it } from 'vitest'
import { detach, detachFrom } from '../../../src/encoders/detach.ts'

/** A block of memory, and a view into it. */
function viewInto(blockBytes: number, viewBytes: number): Buffer {
  const block = Buffer.alloc(blockBytes, 1)
  return block.subarray(100, 100 + viewBytes)
}

describe.each([
  ['detach', (view: Buffer, start: number) => detach(view.subarray(start))],
  ['detachFrom', detachFrom],
])('%s', (_name, take) => {
  it.each([0, 1, 16, 128, 129, 4096, 4097, 30_000])(
    'copies %d bytes out of a block that is used again',
    (length) => {
      const view = viewInto(65_536, length + 20)
      for (let index = 0; index < length; index += 1) view[20 + index] = index % 251
      const taken = take(view, 20)
      const before = Buffer.from(taken)
      Buffer.from(view.buffer).fill(9)
      // Not with toEqual, which looks at each byte for itself: that is seconds on a busy machine.
      expect(taken.equals(before)).toBe(true)
      expect(taken.equals(Buffer.from(Array.from({ length }, (_, index) => index % 251)))).toBe(
        true,
      )
    },
  )

  it('does not copy what owns most of its memory', () => {
    const view = viewInto(1_000_100, 1_000_000)
    expect(take(view, 20).buffer).toBe(view.buffer)
  })
})

it('does not copy once more what was copied already, and goes on to copy all else', () => {
  const copy = detachFrom(viewInto(65_536, 20), 4)
  expect(detach(copy)).toBe(copy)
  const view = viewInto(65_536, 20)
  expect(detach(view).buffer).not.toBe(view.buffer)
})
