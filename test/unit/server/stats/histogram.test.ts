import { describe, expect, test } from 'vitest'
import { Histogram, snapshotOf } from '../../../../src/server/stats/histogram.ts'

function countsOf(...durations: number[]): { readonly bound: number; readonly count: number }[] {
  const histogram = new Histogram()
  for (const duration of durations) histogram.observe(duration)
  const { bounds, counts } = histogram.snapshot()
  return bounds
    .map((bound, index) => ({ bound, count: counts[index] ?? Number.NaN }))
    .filter(({ count }, index) => count !== (counts[index - 1] ?? 0))
}

describe('a histogram', () => {
  test('has 31 bounds, each twice the one before, from 1/64 ms to 4.7 hours', () => {
    const { bounds, counts } = new Histogram().snapshot()
    expect(bounds).toHaveLength(31)
    expect(counts).toHaveLength(31)
    expect(bounds[0]).toBe(1 / 64)
    expect(bounds.at(-1)).toBe(16_777_216)
    for (const [index, bound] of bounds.slice(1).entries()) expect(bound).toBe(2 ** (index - 5))
  })

  test('counts a duration at the first bound that is not below it', () => {
    const { bounds } = new Histogram().snapshot()
    for (const bound of bounds) {
      expect(countsOf(bound)).toEqual([{ bound, count: 1 }])
      expect(countsOf(bound * 0.75)).toEqual([{ bound, count: 1 }])
    }
    expect(countsOf(0)).toEqual([{ bound: 1 / 64, count: 1 }])
    expect(countsOf(1.001)).toEqual([{ bound: 2, count: 1 }])
  })

  test('adds up: each count holds those of the bounds below', () => {
    expect(countsOf(0.5, 3, 3, 1000)).toEqual([
      { bound: 0.5, count: 1 },
      { bound: 4, count: 3 },
      { bound: 1024, count: 4 },
    ])
  })

  test('counts what is over all bounds in the total only', () => {
    const histogram = new Histogram()
    histogram.observe(16_777_216.5)
    histogram.observe(1e12)
    const { counts, count, sum } = histogram.snapshot()
    expect(counts.at(-1)).toBe(0)
    expect(count).toBe(2)
    expect(sum).toBe(1e12 + 16_777_216.5)
  })

  test('gives copies that later durations do not change', () => {
    const histogram = new Histogram()
    const before = histogram.snapshot()
    histogram.observe(1)
    expect(before.count).toBe(0)
    expect(before.counts.at(-1)).toBe(0)
  })

  test('that nobody needed yet looks like an empty one', () => {
    expect(snapshotOf(undefined)).toEqual(new Histogram().snapshot())
  })
})
