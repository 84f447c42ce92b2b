import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NO_LIMITS } from '../../../src/client/client-options.ts'
import { CLIENT_ROLE } from '../../../src/client/client-role.ts'
import { GearmanJobRequest } from '../../../src/client/job-request.ts'
import { RequestWait } from '../../../src/client/request-wait.ts'
import {
  isAccepted,
  isDone,
  isStatusKnown,
  RequestWaiter,
} from '../../../src/client/request-waiter.ts'
import { WaitList } from '../../../src/client/wait.ts'
import { ConnectionGroup } from '../../../src/connection/connection-group.ts'
import { resolveConnectionSettings } from '../../../src/connection/connection-settings.ts'
import type { JobState } from '../../../src/jobs/constants.ts'
import { GearmanJob } from '../../../src/jobs/gearman-job.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'

function makeRequest(state: JobState = 'CREATED', background = false): GearmanJobRequest {
  const job = new GearmanJob<unknown>(undefined, undefined, 't', 'u', 'x')
  const request = new GearmanJobRequest<unknown>(job, null, background)
  request.state = state
  request.progress.isSubmitting = state === 'PENDING'
  return request
}

function listTelling(onRemove: () => void = () => undefined): WaitList {
  return new WaitList(() => undefined, onRemove)
}

function change(request: GearmanJobRequest, state: JobState): void {
  request.state = state
  request.progress.isSubmitting = state === 'PENDING'
  request.progress.notify(request)
}

describe('a wait for requests', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('ends when its condition holds for all', async () => {
    const requests = [makeRequest(), makeRequest(), makeRequest('COMPLETE')]
    const onEnd = vi.fn()
    const wait = new RequestWait(listTelling(onEnd), requests, isDone, NO_LIMITS)
    const ended = wait.start()
    expect(wait.pending()).toHaveLength(2)
    for (const request of requests.slice(0, 2)) {
      expect(onEnd).not.toHaveBeenCalled()
      change(request, 'COMPLETE')
    }
    expect(await ended).toBe(true)
    expect(onEnd).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('counts a request that is named twice', async () => {
    const request = makeRequest()
    const ended = new RequestWait(listTelling(), [request, request], isDone, NO_LIMITS).start()
    change(request, 'FAILED')
    expect(await ended).toBe(true)
  })

  test('ends with false when its time runs out, however long that takes', async () => {
    const request = makeRequest()
    const onEnd = vi.fn()
    const monthMs = 30 * 24 * 3_600_000
    const limits = { ...NO_LIMITS, deadlineMs: performance.now() + monthMs }
    const ended = new RequestWait(listTelling(onEnd), [request], isDone, limits).start()
    await vi.advanceTimersByTimeAsync(monthMs - 1000)
    expect(onEnd).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1001)
    expect(await ended).toBe(false)
    change(request, 'COMPLETE')
    expect(onEnd).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('rejects with the reason of its signal, and lets go of it', async () => {
    const request = makeRequest()
    const controller = new AbortController()
    const limits = { ...NO_LIMITS, signal: controller.signal, deadlineMs: performance.now() + 50 }
    const waits = Array.from({ length: 20 }, () =>
      rejectionOf(new RequestWait(listTelling(), [request], isDone, limits).start()),
    )
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    const reason = new Error('enough')
    controller.abort(reason)
    for (const wait of waits) expect(await wait).toBe(reason)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('lets go of its signal when it ends in another way', async () => {
    const request = makeRequest()
    const { signal } = new AbortController()
    const wait = new RequestWait(listTelling(), [request], isDone, { ...NO_LIMITS, signal })
    const ended = wait.start()
    change(request, 'COMPLETE')
    await ended
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('what is waited for', () => {
  test.each<readonly [JobState, boolean, boolean, boolean]>([
    ['UNKNOWN', true, true, true],
    ['PENDING', false, false, false],
    ['CREATED', true, false, true],
    ['FAILED', true, true, true],
    ['COMPLETE', true, true, true],
  ])(
    '%s is accepted: %s, done: %s, done in the background: %s',
    (state, accepted, done, background) => {
      expect(isAccepted(makeRequest(state))).toBe(accepted)
      expect(isDone(makeRequest(state))).toBe(done)
      expect(isDone(makeRequest(state, true))).toBe(background)
    },
  )

  test('a status is known when no question is open', () => {
    const request = makeRequest()
    expect(isStatusKnown(request)).toBe(true)
    request.progress.openQuestions = 1
    expect(isStatusKnown(request)).toBe(false)
  })
})

describe('the waits of a client', () => {
  const makeWaiter = (): RequestWaiter => {
    const settings = resolveConnectionSettings({})
    return new RequestWaiter(new ConnectionGroup(CLIENT_ROLE, settings, () => undefined))
  }

  test('are known until they end', async () => {
    const waiter = makeWaiter()
    const request = makeRequest()
    const ended = waiter.wait([request], isDone, NO_LIMITS)
    expect(waiter.pending()).toEqual([request])
    change(request, 'COMPLETE')
    expect(await ended).toBe(true)
    expect(waiter.pending()).toEqual([])
    expect(await waiter.wait([request], isDone, NO_LIMITS)).toBe(true)
  })

  test('for an answer end with it, with the time, or with the signal', async () => {
    const waiter = makeWaiter()
    expect(await waiter.within(Promise.resolve(7), NO_LIMITS)).toBe(7)
    const never = new Promise<never>(() => undefined)
    const soon = { ...NO_LIMITS, deadlineMs: performance.now() + 1 }
    expect(await rejectionOf(waiter.within(never, soon))).toMatchObject({
      code: 'ERR_GEARMAN_INVALID_CLIENT_STATE',
    })
    const controller = new AbortController()
    const aborted = waiter.within(never, { ...NO_LIMITS, signal: controller.signal })
    controller.abort()
    expect(await rejectionOf(aborted)).toBe(controller.signal.reason)
  })
})
