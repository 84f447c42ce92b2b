import { describe, expect, test } from 'vitest'
import { LaneSlots } from '../../../src/worker/lane-slots.ts'
import { type SlotClaimant, Slots } from '../../../src/worker/slots.ts'

/** Takes up to `wanted` slots, and remembers how many it got at a time. */
function claimant(slots: Slots, wanted: number): SlotClaimant & { readonly got: number[] } {
  const got: number[] = []
  return {
    got,
    claim: (most) => {
      const count = Math.min(most, wanted)
      wanted -= count
      slots.reserve(count)
      got.push(count)
      return wanted > 0
    },
  }
}

describe('Slots', () => {
  test('give all that is free to one who waits alone', () => {
    const slots = new Slots(4, 2)
    const alone = claimant(slots, 10)
    slots.enqueue(alone)
    slots.serve()
    expect(alone.got).toEqual([6])
    slots.unreserve(2)
    slots.serve()
    expect(alone.got).toEqual([6, 2])
  })

  test('go round among several, one at a time', () => {
    const slots = new Slots(5, 0)
    const first = claimant(slots, 10)
    const second = claimant(slots, 10)
    slots.enqueue(first)
    slots.enqueue(second)
    slots.serve()
    expect(first.got).toEqual([1, 1, 1])
    expect(second.got).toEqual([1, 1])
    slots.unreserve(1)
    slots.serve()
    expect(second.got).toEqual([1, 1, 1])
  })

  test('are kept while paused', () => {
    const slots = new Slots(1, 0)
    const waiting = claimant(slots, 1)
    slots.enqueue(waiting)
    slots.pause()
    slots.serve()
    expect(waiting.got).toEqual([])
    slots.resume()
    slots.serve()
    expect(waiting.got).toEqual([1])
  })

  test('let jobs run up to the concurrency, and wait beyond it', () => {
    const slots = new Slots(2, 1)
    slots.beginRun()
    slots.beginRun()
    slots.beginWait()
    expect(slots.canRun).toBe(false)
    expect(slots.free).toBe(0)
    slots.endRun()
    expect(slots.canRun).toBe(true)
    slots.endWait()
    expect(slots.free).toBe(2)
  })

  test('may be without limit', () => {
    const slots = new Slots(Number.POSITIVE_INFINITY, 0)
    for (let index = 0; index < 1000; index += 1) slots.beginRun()
    expect(slots.canRun).toBe(true)
    expect(slots.free).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('LaneSlots', () => {
  test('count against the lane and against the worker', () => {
    const slots = new Slots(10, 0)
    const lane = new LaneSlots(slots, 2)
    lane.reserve(1)
    lane.beginRun()
    expect(lane.free).toBe(0)
    expect(slots.free).toBe(8)
    lane.unreserve(1)
    lane.endRun()
    lane.beginWait()
    lane.endWait()
    expect(lane.free).toBe(2)
    expect(slots.free).toBe(10)
    lane.setLimit(5)
    expect(lane.free).toBe(5)
  })

  test('keep those waiting who find the lane full, out of the way of others, until it has room', () => {
    const slots = new Slots(10, 0)
    const lane = new LaneSlots(slots, 1)
    const crowded = claimant(slots, 1)
    const other = claimant(slots, 2)
    lane.beginRun()
    lane.enqueue(crowded)
    slots.enqueue(other)
    slots.serve()
    expect([crowded.got, other.got]).toEqual([[], [2]])
    lane.endRun()
    slots.serve()
    expect(crowded.got).toEqual([1])
  })

  test.each<[string, (lane: LaneSlots) => void, (lane: LaneSlots) => void]>([
    ['the end of a job', (lane) => lane.beginRun(), (lane) => lane.endRun()],
    ['a grab in vain', (lane) => lane.reserve(1), (lane) => lane.unreserve(1)],
    ['a job that will not start', (lane) => lane.beginWait(), (lane) => lane.endWait()],
    ['a higher limit', (lane) => lane.reserve(1), (lane) => lane.setLimit(2)],
  ])('have room again after %s', (_name, fill, makeRoom) => {
    const slots = new Slots(10, 0)
    const lane = new LaneSlots(slots, 1)
    const crowded = claimant(slots, 1)
    fill(lane)
    lane.enqueue(crowded)
    makeRoom(lane)
    slots.serve()
    expect(crowded.got).toEqual([1])
  })

  test('let no more jobs start than the lane allows, however many it holds', () => {
    const lane = new LaneSlots(new Slots(10, 0), 1)
    expect(lane.hasPlace).toBe(true)
    lane.beginRun()
    lane.beginWait()
    expect([lane.hasPlace, lane.free]).toEqual([false, -1])
    lane.endRun()
    expect([lane.hasPlace, lane.free]).toEqual([true, 0])
  })
})
