import { describe, expect, test } from 'vitest'
import { SystemClock } from '../../../src/server/queue/clock.ts'
import { turn } from './server-harness.ts'

describe('the clock of the machine', () => {
  test('stands still while one callback runs, and goes on after it', async () => {
    const clock = new SystemClock()
    const first = clock.elapsedMs()
    const untilMs = performance.now() + 1
    while (performance.now() <= untilMs);
    expect(clock.elapsedMs()).toBe(first)
    await turn()
    expect(clock.elapsedMs()).toBeGreaterThan(first)
  })

  test('counts from the moment in which it was made', () => {
    const before = performance.now()
    const clock = new SystemClock()
    expect(clock.elapsedMs()).toBeLessThanOrEqual(performance.now() - before)
  })

  test('tells Unix time, too', () => {
    const before = Date.now()
    expect(new SystemClock().nowMs()).toBeGreaterThanOrEqual(before)
  })
})
