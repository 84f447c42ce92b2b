import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NO_LIMITS } from '../../../src/client/client-options.ts'
import { type CallKind, JobCall } from '../../../src/client/job-call.ts'
import { GearmanJobRequest } from '../../../src/client/job-request.ts'
import { isDone } from '../../../src/client/request-waiter.ts'
import { type WaitLimits, WaitList } from '../../../src/client/wait.ts'
import { GearmanJob } from '../../../src/jobs/gearman-job.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'

interface Scene {
  readonly request: GearmanJobRequest
  readonly waits: WaitList
  readonly left: boolean[]
  call(limits?: WaitLimits): Promise<unknown>
  end(state: 'COMPLETE' | 'FAILED'): void
}

/** A job that runs, and calls that give its result, or reject with its error. */
function makeScene(): Scene {
  const job = new GearmanJob<unknown>(undefined, undefined, 't', 'u', 'x')
  const request = new GearmanJobRequest<unknown>(job)
  const waits = new WaitList(
    () => undefined,
    () => undefined,
  )
  const left: boolean[] = []
  request.state = 'CREATED'
  const kind: CallKind<unknown> = {
    waits,
    isDone,
    onLeft: (_request, isAborted) => left.push(isAborted),
    outcomeOf: ({ error, result }) => {
      if (error !== undefined) throw error
      return result
    },
  }
  return {
    request,
    waits,
    left,
    call: (limits = NO_LIMITS) => new JobCall(request, kind).start(limits),
    end: (state) => {
      request.state = state
      request.progress.notify(request)
    },
  }
}

describe('the call for one job', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('gives the outcome, once its job has ended', async () => {
    const { request, waits, call, end } = makeScene()
    const result = call()
    expect(waits.pending()).toEqual([request])
    request.progress.notify(request)
    expect(waits.pending()).toEqual([request])
    request.result = 7
    end('COMPLETE')
    expect(waits.pending()).toEqual([])
    expect(await result).toBe(7)
  })

  test('gives it at once for a job that has ended', async () => {
    const { request, waits, call, end } = makeScene()
    request.result = 7
    end('COMPLETE')
    const result = call()
    expect(waits.pending()).toEqual([])
    expect(await result).toBe(7)
  })

  test.each(['before', 'after'])(
    'rejects with what the outcome is, had %s it began',
    async (when) => {
      const { request, call, end } = makeScene()
      const error = new Error('no')
      request.error = error
      if (when === 'before') end('FAILED')
      const result = call()
      if (when === 'after') end('FAILED')
      expect(await rejectionOf(result)).toBe(error)
    },
  )

  test('ends with its time, and tells of it before it looks at the outcome', async () => {
    const { request, waits, left, call } = makeScene()
    const limits = { ...NO_LIMITS, deadlineMs: performance.now() + 50 }
    const result = call(limits)
    await vi.advanceTimersByTimeAsync(49)
    expect(left).toEqual([])
    request.result = 'late'
    await vi.advanceTimersByTimeAsync(2)
    expect(left).toEqual([false])
    expect(await result).toBe('late')
    expect(waits.pending()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('rejects with the reason of its signal, and lets go of it', async () => {
    const { waits, left, call, end } = makeScene()
    const controller = new AbortController()
    const limits = { ...NO_LIMITS, signal: controller.signal, deadlineMs: performance.now() + 50 }
    const result = rejectionOf(call(limits))
    controller.abort(new Error('enough'))
    expect(await result).toBe(controller.signal.reason)
    expect(left).toEqual([true])
    expect(waits.pending()).toEqual([])
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    expect(vi.getTimerCount()).toBe(0)
    end('COMPLETE')
    expect(left).toHaveLength(1)
  })

  test('lets the others wait when it ends', async () => {
    const scenes = [makeScene(), makeScene(), makeScene()]
    const [first, second, third] = scenes
    const waits = first?.waits ?? new WaitList(vi.fn(), vi.fn())
    for (const scene of scenes) {
      const kind = { waits, isDone, onLeft: vi.fn(), outcomeOf: vi.fn() }
      void new JobCall(scene.request, kind).start(NO_LIMITS)
    }
    second?.end('COMPLETE')
    expect(waits.pending()).toEqual([third?.request, first?.request])
    third?.end('COMPLETE')
    first?.end('COMPLETE')
    expect(waits.pending()).toEqual([])
  })
})
