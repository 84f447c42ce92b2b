import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Drain, type Remaining } from '../../../src/server/drain.ts'

const GRACE_MS = 100

/** A wait whose server is this object. */
function useDrain(graceMs = GRACE_MS) {
  const state = { remaining: 'waiting' as Remaining, progress: 0, isOver: false }
  const drain = new Drain(
    { remaining: () => state.remaining, progress: () => state.progress },
    graceMs,
  )
  const wait = async (limitMs = Number.POSITIVE_INFINITY): Promise<void> => {
    void drain.wait(limitMs).then(() => {
      state.isOver = true
    })
    await vi.advanceTimersByTimeAsync(0)
  }
  return { drain, state, wait }
}

describe('the wait of a graceful stop', () => {
  beforeEach(() => void vi.useFakeTimers())

  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  test('is over at once when nothing is left', async () => {
    const { state, wait } = useDrain()
    state.remaining = 'nothing'
    await wait()
    expect(state.isOver).toBe(true)
  })

  test('is over after the grace when no worker takes what is queued', async () => {
    const { drain, state, wait } = useDrain()
    await wait()
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
    drain.check()
    expect(state.isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(state.isOver).toBe(true)
  })

  test('goes on as long as workers take jobs', async () => {
    const { drain, state, wait } = useDrain()
    await wait()
    for (state.progress = 1; state.progress < 5; state.progress += 1) {
      await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
      drain.check()
    }
    expect(state.isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(GRACE_MS)
    expect(state.isOver).toBe(true)
  })

  test('goes on as long as a job runs, and the grace begins when it has ended', async () => {
    const { drain, state, wait } = useDrain()
    state.remaining = 'running'
    await wait()
    await vi.advanceTimersByTimeAsync(100 * GRACE_MS)
    state.remaining = 'waiting'
    drain.check()
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
    expect(state.isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(state.isOver).toBe(true)
  })

  test('has a limit of its own, whatever runs', async () => {
    const { state, wait } = useDrain()
    state.remaining = 'running'
    await wait(1000)
    await vi.advanceTimersByTimeAsync(1000)
    expect(state.isOver).toBe(true)
  })

  test('is ended by whoever is in a hurry; checks behind it do nothing', async () => {
    const { drain, state, wait } = useDrain(Number.POSITIVE_INFINITY)
    await wait()
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect(state.isOver).toBe(false)
    drain.end()
    drain.check()
    await vi.advanceTimersByTimeAsync(0)
    expect(state.isOver).toBe(true)
  })
})
