import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sleep } from '../../../src/core/sleep.ts'

/** Notes when a promise settles, without waiting for it. */
function watch(promise: Promise<void>): { state: 'pending' | 'resolved' | 'rejected' } {
  const watched: { state: 'pending' | 'resolved' | 'rejected' } = { state: 'pending' }
  promise.then(
    () => {
      watched.state = 'resolved'
    },
    () => {
      watched.state = 'rejected'
    },
  )
  return watched
}

describe('sleep', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('resolves after the delay', async () => {
    const watched = watch(sleep(100))
    await vi.advanceTimersByTimeAsync(99)
    expect(watched.state).toBe('pending')
    await vi.advanceTimersByTimeAsync(1)
    expect(watched.state).toBe('resolved')
  })

  it("rejects with the signal's own reason, and leaves no timer and no listener", async () => {
    const controller = new AbortController()
    const reason = { any: 'value' }
    const slept = sleep(1000, { signal: controller.signal })
    controller.abort(reason)
    await expect(slept).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('does not begin when the signal was aborted before', async () => {
    await expect(sleep(1000, { signal: AbortSignal.abort('early') })).rejects.toBe('early')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no listener on the signal when the time is over', async () => {
    const controller = new AbortController()
    const slept = sleep(5, { signal: controller.signal })
    await vi.advanceTimersByTimeAsync(5)
    await slept
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('takes delays that are longer than a timer can be (2^31 - 1 ms)', async () => {
    const watched = watch(sleep(2 ** 31 + 1000))
    await vi.advanceTimersByTimeAsync(2 ** 31 + 999)
    expect(watched.state).toBe('pending')
    await vi.advanceTimersByTimeAsync(1)
    expect(watched.state).toBe('resolved')
  })

  it('sleeps for ever when told so, until it is aborted', async () => {
    const controller = new AbortController()
    const slept = sleep(Number.POSITIVE_INFINITY, { signal: controller.signal })
    const watched = watch(slept)
    await vi.advanceTimersByTimeAsync(2 ** 33)
    expect(watched.state).toBe('pending')
    controller.abort('enough')
    await expect(slept).rejects.toBe('enough')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('sleep with unref', () => {
  it('lets the process exit meanwhile', () => {
    const timer = vi.spyOn(globalThis, 'setTimeout')
    const controller = new AbortController()
    sleep(1e6, { signal: controller.signal, unref: true }).catch(() => undefined)
    const made = timer.mock.results[0]?.value as NodeJS.Timeout
    expect(made.hasRef()).toBe(false)
    controller.abort()
    timer.mockRestore()
  })
})
