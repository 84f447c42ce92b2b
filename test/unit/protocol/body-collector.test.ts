import { afterEach, describe, expect, it, vi } from 'vitest'
import { BodyCollector } from '../../../src/protocol/body-collector.ts'

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

  it('does not copy a large piece that is alone', () => {
    const collector = new BodyCollector()
    const piece = Buffer.alloc(5000)
    collector.add(piece)
    expect(collector.take()).toBe(piece)
  })

  it('takes memory in proportion to the bytes when they come one by one', () => {
    const takenBytes = spyOnMemory()
    const collector = new BodyCollector()
    const one = Buffer.alloc(1, 7)
    for (let count = 0; count < 1024 * 1024; count += 1) collector.add(one)
    expect(takenBytes()).toBeLessThan(1.2 * 1024 * 1024)
    expect(collector.take().equals(Buffer.alloc(1024 * 1024, 7))).toBe(true)
  })

  it('takes memory in proportion to the bytes when large and tiny pieces alternate', () => {
    const takenBytes = spyOnMemory()
    const collector = new BodyCollector()
    const large = Buffer.alloc(4096, 1)
    const tiny = Buffer.alloc(1, 2)
    for (let count = 0; count < 256; count += 1) {
      collector.add(large)
      collector.add(tiny)
    }
    expect(takenBytes()).toBeLessThan(0.2 * 1024 * 1024)
    expect(
      collector
        .take()
        .equals(Buffer.concat(Array.from({ length: 256 }, () => [large, tiny]).flat())),
    ).toBe(true)
  })
})
