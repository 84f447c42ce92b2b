import { afterEach, describe, expect, it, vi } from 'vitest'
import { BodyCollector } from '../../../src/protocol/body-collector.ts'

const MIB = 1024 * 1024

/** Bytes asked of the allocator since the last call. */
function spyOnMemory(): () => number {
  const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
  return () => {
    const bytes = allocate.mock.calls.reduce((sum, [size]) => sum + size, 0)
    allocate.mockClear()
    return bytes
  }
}

describe('BodyCollector', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('joins pieces of any size in order', () => {
    const collector = new BodyCollector()
    const pieces = [1, 5000, 0, 3, 70_000, 4095, 4096, 4097, 1, 1].map((size, index) =>
      Buffer.alloc(size, index + 1),
    )
    for (const piece of pieces) collector.add(piece)
    const whole = Buffer.concat(pieces)
    expect(collector.length).toBe(whole.length)
    expect(collector.take().equals(whole)).toBe(true)
    expect(collector.length).toBe(0)
  })

  it('is empty after take, and can be used again', () => {
    const collector = new BodyCollector()
    expect(collector.take()).toHaveLength(0)
    for (const text of ['first', 'second']) {
      collector.add(Buffer.from(text))
      expect(String(collector.take())).toBe(text)
    }
  })

  it('does not change a body that was taken when the next one is gathered', () => {
    const collector = new BodyCollector()
    collector.add(Buffer.from('first'))
    const first = collector.take()
    collector.add(Buffer.from('other'))
    expect(String(first)).toBe('first')
  })

  it('keeps nothing of a chunk, which may be used again', () => {
    const collector = new BodyCollector()
    const chunk = Buffer.alloc(70_000, 1)
    collector.add(chunk, 10, 69_000)
    chunk.fill(2)
    collector.add(chunk, 0, 5)
    const body = collector.take()
    expect(body.equals(Buffer.concat([Buffer.alloc(68_990, 1), Buffer.alloc(5, 2)]))).toBe(true)
  })

  it.each([1, 4096, 65_536])(
    'takes little more memory than a body has, however many pieces of %d bytes there are',
    (size) => {
      const takenBytes = spyOnMemory()
      const collector = new BodyCollector()
      const piece = Buffer.alloc(size, 7)
      for (let at = 0; at < MIB; at += size) collector.add(piece, 0, size, MIB)
      expect(takenBytes()).toBeLessThan(1.2 * MIB)
      const body = collector.take()
      expect(body.equals(Buffer.alloc(MIB, 7))).toBe(true)
      expect(body.buffer.byteLength).toBe(MIB)
    },
  )

  it.each([64 * 1024 - 12, 10_000, 32 * 1024])(
    'does not copy a body again for its last bytes, when it began with a piece of %d bytes',
    (first) => {
      const takenBytes = spyOnMemory()
      const collector = new BodyCollector()
      const piece = Buffer.alloc(64 * 1024)
      const size = 16 * 64 * 1024 + 100
      collector.add(piece, 0, first, size)
      for (let left = size - first; left > 0; left -= piece.length) {
        collector.add(piece, 0, Math.min(left, piece.length), size)
      }
      expect(takenBytes()).toBeLessThan(1.2 * size)
    },
  )

  it('takes no memory for what is only announced', () => {
    const takenBytes = spyOnMemory()
    const collector = new BodyCollector()
    collector.add(Buffer.alloc(12), 0, 12, 4 * 1024 * MIB)
    expect(takenBytes()).toBeLessThanOrEqual(4096)
    collector.add(Buffer.alloc(5000), 0, 5000, 4 * 1024 * MIB)
    expect(takenBytes()).toBeLessThan(200_000)
  })

  it('takes memory in proportion to the bytes of a line, whose length nobody knows', () => {
    const takenBytes = spyOnMemory()
    const collector = new BodyCollector()
    for (let count = 0; count < 256; count += 1) collector.add(Buffer.alloc(4097, 1))
    expect(takenBytes()).toBeLessThan(5 * MIB)
    expect(collector.take()).toHaveLength(256 * 4097)
  })
})
