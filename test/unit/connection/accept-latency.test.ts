import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AcceptLatency } from '../../../src/connection/accept-latency.ts'

describe('the latency of acceptance', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function answer(latency: AcceptLatency, ms: number): void {
    const request = {}
    latency.onSent(request)
    vi.advanceTimersByTime(ms)
    latency.onAnswer(request)
  }

  test('is unknown before the first answer, then what that took', () => {
    const latency = new AcceptLatency()
    expect(latency.value).toBeUndefined()
    answer(latency, 40)
    expect(latency.value).toBe(40)
  })

  test('is smoothed', () => {
    const latency = new AcceptLatency()
    answer(latency, 40)
    answer(latency, 80)
    expect(latency.value).toBe(50)
    for (let count = 0; count < 50; count += 1) answer(latency, 0)
    expect(latency.value).toBeLessThan(0.01)
  })

  test('times one request at once', () => {
    const latency = new AcceptLatency()
    const [first, second] = [{}, {}]
    latency.onSent(first)
    vi.advanceTimersByTime(10)
    latency.onSent(second)
    latency.onAnswer(second)
    expect(latency.value).toBeUndefined()
    vi.advanceTimersByTime(10)
    latency.onAnswer(first)
    expect(latency.value).toBe(20)
  })

  test('of a server that has not answered for long is the age of the request', () => {
    const latency = new AcceptLatency()
    answer(latency, 5)
    latency.onSent({})
    vi.advanceTimersByTime(50)
    expect(latency.value).toBe(5)
    vi.advanceTimersByTime(3000)
    expect(latency.value).toBe(3050)
  })
})
