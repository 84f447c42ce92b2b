import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Pause } from '../../../src/connection/pause.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'

const { signal: never } = new AbortController()

describe('a pause', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function watch(promise: Promise<void>): () => boolean {
    let isOver = false
    promise.then(
      () => {
        isOver = true
      },
      () => undefined,
    )
    return () => isOver
  }

  test('ends after its time', async () => {
    const isOver = watch(new Pause().wait(100, never))
    await vi.advanceTimersByTimeAsync(99)
    expect(isOver()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isOver()).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of no time ends at once', async () => {
    await new Pause().wait(0, never)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends at once when the time by which it must end has passed', async () => {
    const pause = new Pause()
    const isOver = watch(pause.wait(1000, never))
    pause.endBy(performance.now())
    await vi.advanceTimersByTimeAsync(0)
    expect(isOver()).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('becomes shorter, never longer', async () => {
    const pause = new Pause()
    const isOver = watch(pause.wait(1000, never))
    pause.endBy(performance.now() + 500)
    pause.endBy(performance.now() + 2000)
    await vi.advanceTimersByTimeAsync(499)
    expect(isOver()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isOver()).toBe(true)
  })

  test('that has not begun yet is shortened as well, and only that one', async () => {
    const pause = new Pause()
    pause.endBy(performance.now() + 10)
    const first = watch(pause.wait(1000, never))
    await vi.advanceTimersByTimeAsync(10)
    expect(first()).toBe(true)
    const second = watch(pause.wait(1000, never))
    await vi.advanceTimersByTimeAsync(999)
    expect(second()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(second()).toBe(true)
  })

  test('rejects with the reason of its signal, before and while it lasts', async () => {
    const controller = new AbortController()
    const pause = new Pause()
    const waiting = rejectionOf(pause.wait(1000, controller.signal))
    const reason = new Error('closed')
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    expect(await rejectionOf(pause.wait(1000, controller.signal))).toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('may be held and let go at any time', async () => {
    const pause = new Pause()
    pause.hold(true)
    const isOver = watch(pause.wait(100, never))
    pause.hold(false)
    pause.hold(true)
    await vi.advanceTimersByTimeAsync(100)
    expect(isOver()).toBe(true)
  })
})
