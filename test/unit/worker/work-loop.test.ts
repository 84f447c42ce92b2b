import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { type LoopOptions, WorkLoop } from '../../../src/worker/work-loop.ts'

/** A loop whose end is in the test's hands. */
function startLoop(options: Partial<LoopOptions> = {}) {
  const retired = createDeferred<void>()
  const calls: string[] = []
  const loop = new WorkLoop({
    pollTimeoutMs: 1000,
    afterPoll: (any) => {
      calls.push(`afterPoll ${any}`)
      return true
    },
    afterJob: () => true,
    retire: () => {
      calls.push('retire')
      return retired.promise
    },
    close: async (reason) => {
      calls.push(`close ${reason.name}`)
    },
    onEnd: () => calls.push('end'),
    ...options,
  })
  return { loop, retired, calls }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('stopping', () => {
  test('waits for what runs, however often it is asked', async () => {
    const { loop, retired, calls } = startLoop()
    loop.stop(Number.POSITIVE_INFINITY)
    loop.stop(Number.POSITIVE_INFINITY)
    expect(calls).toEqual(['retire'])
    retired.resolve()
    await loop.ended
    loop.stop(0)
    expect(calls).toEqual(['retire', 'end'])
  })

  test('closes when the shortest of the given times is over', async () => {
    const { loop, calls } = startLoop()
    loop.stop(5000)
    loop.stop(100)
    loop.stop(200)
    await vi.advanceTimersByTimeAsync(99)
    expect(calls).toEqual(['retire'])
    await vi.advanceTimersByTimeAsync(1)
    await loop.ended
    expect(calls).toEqual(['retire', 'close InvalidWorkerState', 'end'])
  })

  test('rejects with what went wrong in it', async () => {
    const { loop, retired } = startLoop()
    loop.stop(100)
    retired.reject(new Error('broken'))
    await expect(loop.ended).rejects.toThrow('broken')
  })
})

describe('afterPoll', () => {
  test('follows several reads of a turn once', async () => {
    const { loop, retired, calls } = startLoop()
    loop.onRead()
    loop.onRead()
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toEqual(['afterPoll true'])
    loop.stop(Number.POSITIVE_INFINITY)
    loop.onRead()
    retired.resolve()
    await loop.ended
    expect(calls).toEqual(['afterPoll true', 'retire', 'end'])
  })

  test('follows each time of quiet, counted from the last read', async () => {
    const { loop, retired, calls } = startLoop()
    await vi.advanceTimersByTimeAsync(900)
    loop.onRead()
    await vi.advanceTimersByTimeAsync(990)
    expect(calls).toEqual(['afterPoll true'])
    await vi.advanceTimersByTimeAsync(20)
    expect(calls).toEqual(['afterPoll true', 'afterPoll false'])
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls).toEqual(['afterPoll true', 'afterPoll false', 'afterPoll false'])
    loop.stop(Number.POSITIVE_INFINITY)
    retired.resolve()
    await loop.ended
  })

  test('is never due without a pollTimeout', async () => {
    const { loop, calls } = startLoop({ pollTimeoutMs: Number.POSITIVE_INFINITY })
    await vi.advanceTimersByTimeAsync(1e9)
    expect(calls).toEqual([])
    loop.stop(0)
    await vi.advanceTimersByTimeAsync(1)
    await loop.ended
  })
})

describe('a hook that fails', () => {
  test('stops in order, and the first failure is the result', async () => {
    const { loop, retired, calls } = startLoop({
      afterJob: () => {
        throw new Error('first')
      },
    })
    loop.onJobEnd()
    loop.onJobEnd()
    expect(calls).toEqual(['retire'])
    retired.resolve()
    await expect(loop.ended).rejects.toThrow('first')
    loop.onJobEnd()
  })

  test('that answers nothing at all does not stop the worker', async () => {
    const { loop, retired, calls } = startLoop({ afterJob: () => undefined as unknown as boolean })
    loop.onJobEnd()
    expect(calls).toEqual([])
    loop.stop(Number.POSITIVE_INFINITY)
    retired.resolve()
    await loop.ended
  })
})
