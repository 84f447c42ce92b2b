import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SleepWatch } from '../../../src/worker/sleep-watch.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('ticks twice in an interval, for all that there are then, until it is stopped', () => {
  const sleepers = new Map([['first', 0]])
  const sleeper = (name: string) => ({
    askAgain: (): void => {
      sleepers.set(name, (sleepers.get(name) ?? 0) + 1)
    },
  })
  const watch = new SleepWatch(1000, () => [...sleepers.keys()].map(sleeper))
  vi.advanceTimersByTime(5000)
  watch.start()
  watch.start()
  vi.advanceTimersByTime(1000)
  sleepers.set('second', 0)
  vi.advanceTimersByTime(500)
  expect([...sleepers]).toEqual([
    ['first', 3],
    ['second', 1],
  ])
  watch.stop()
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('has no timer when one may sleep for ever', () => {
  const watch = new SleepWatch(Number.POSITIVE_INFINITY, () => [])
  watch.start()
  expect(vi.getTimerCount()).toBe(0)
})
