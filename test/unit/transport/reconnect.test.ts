import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { type ReconnectOptions, reconnect, waitQuietly } from '../../../src/transport/reconnect.ts'

/** Options that wait for nothing, and what they were called with. */
function noteDelays(options: Partial<ReconnectOptions> = {}) {
  const delays: number[] = []
  const failures: unknown[] = []
  const resolved: ReconnectOptions = {
    minDelayMs: 100,
    maxDelayMs: 1000,
    failuresBefore: 0,
    signal: new AbortController().signal,
    onFailure: (error) => failures.push(error),
    wait: async (delayMs) => {
      delays.push(delayMs)
    },
    ...options,
  }
  return { delays, failures, options: resolved }
}

/** Fails a number of times with an error, then succeeds. */
function failing(times: number, error: () => unknown): () => Promise<string> {
  let left = times
  return async () => {
    left -= 1
    if (left >= 0) throw error()
    return 'open'
  }
}

describe('reconnect', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('gives what the first successful attempt gives, and tells of each failure', async () => {
    const { delays, failures, options } = noteDelays()
    const errors = [new Error('first'), new Error('second')]
    const pending = [...errors]
    await expect(
      reconnect(
        failing(2, () => pending.shift()),
        options,
      ),
    ).resolves.toBe('open')
    expect(failures).toEqual(errors)
    expect(delays).toHaveLength(2)
  })

  it('doubles the bound of the delay up to the largest', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const { delays, options } = noteDelays()
    await reconnect(
      failing(6, () => new Error('refused')),
      options,
    )
    expect(delays).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  it('draws each delay from nothing to the bound', async () => {
    const random = vi.spyOn(Math, 'random')
    random.mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValueOnce(0.25)
    const { delays, options } = noteDelays()
    await reconnect(
      failing(3, () => new Error('refused')),
      options,
    )
    expect(delays).toEqual([0, 100, 100])
  })

  it('goes on where the failures before it ended', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const { delays, options } = noteDelays({ failuresBefore: 2 })
    await reconnect(
      failing(2, () => new Error('refused')),
      options,
    )
    expect(delays).toEqual([400, 800])
  })

  it('does not give up after thousands of failures', async () => {
    const { failures, options } = noteDelays()
    await reconnect(
      failing(3000, () => new Error('refused')),
      options,
    )
    expect(failures).toHaveLength(3000)
  })

  it.each([
    ['a TypeError', () => new TypeError('fetch failed, or a bug')],
    ['a string', () => 'refused'],
    ['undefined', () => undefined],
  ])('goes on after %s, and tells of it as an Error', async (_what, error) => {
    const { failures, options } = noteDelays()
    await expect(reconnect(failing(2, error), options)).resolves.toBe('open')
    expect(failures).toEqual([expect.any(Error), expect.any(Error)])
  })

  it("ends with the signal's reason while it waits", async () => {
    const controller = new AbortController()
    const waiting = createDeferred<void>()
    const { options } = noteDelays({
      signal: controller.signal,
      wait: (_delayMs, signal) => {
        waiting.resolve()
        return waitQuietly(1e6, signal)
      },
    })
    const ended = reconnect(
      failing(1, () => new Error('refused')),
      options,
    )
    ended.catch(() => undefined)
    await waiting.promise
    const reason = new Error('closed')
    controller.abort(reason)
    await expect(ended).rejects.toBe(reason)
  })

  it("ends with the signal's reason while it tries", async () => {
    const controller = new AbortController()
    const { options, failures } = noteDelays({ signal: controller.signal })
    const reason = new Error('closed')
    const attempt = async (): Promise<never> => {
      controller.abort(reason)
      throw new Error('given up')
    }
    await expect(reconnect(attempt, options)).rejects.toBe(reason)
    expect(failures.length).toBeLessThanOrEqual(1)
  })

  it('does not try when it was aborted before', async () => {
    const reason = new Error('closed')
    const { options } = noteDelays({ signal: AbortSignal.abort(reason) })
    const attempt = vi.fn(async () => 'open')
    await expect(reconnect(attempt, options)).rejects.toBe(reason)
    expect(attempt).not.toHaveBeenCalled()
  })
})
