import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Easing } from '../../../src/connection/easing.ts'

describe('easing in', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is none for a server that was never away', () => {
    expect(new Easing(1000).part).toBe(1)
  })

  test('grows evenly from a tenth to all', () => {
    const easing = new Easing(1000)
    easing.begin()
    const parts = Array.from({ length: 5 }, () => {
      const { part } = easing
      vi.advanceTimersByTime(250)
      return part
    })
    for (const [index, expected] of [0.1, 0.325, 0.55, 0.775, 1].entries()) {
      expect(parts[index]).toBeCloseTo(expected, 10)
    }
  })

  test('begins anew each time', () => {
    const easing = new Easing(1000)
    easing.begin()
    vi.advanceTimersByTime(5000)
    expect(easing.part).toBe(1)
    easing.begin()
    expect(easing.part).toBeCloseTo(0.1, 10)
  })

  test('of no time is none', () => {
    const easing = new Easing(0)
    easing.begin()
    expect(easing.part).toBe(1)
  })
})
