import { expect, test } from 'vitest'
import { GrabWindow } from '../../../src/worker/grab-window.ts'

/** One read with so many jobs and NO_JOBs. */
function read(window: GrabWindow, jobs: number, misses: number, limit = 64): number {
  for (let index = 0; index < jobs; index += 1) window.onJob()
  for (let index = 0; index < misses; index += 1) window.onNoJob()
  window.decide(limit)
  return window.size
}

test('grows by the jobs of a read, up to what is of use', () => {
  const window = new GrabWindow()
  expect(window.size).toBe(1)
  expect([read(window, 1, 0), read(window, 2, 0), read(window, 4, 0)]).toEqual([2, 4, 8])
  expect(read(window, 100, 0)).toBe(64)
  expect(read(window, 5000, 0, Number.POSITIVE_INFINITY)).toBe(1024)
})

test('is halved once by a read with any NO_JOB, and never closes', () => {
  const window = new GrabWindow()
  read(window, 31, 0)
  expect([read(window, 20, 12), read(window, 0, 1), read(window, 0, 9)]).toEqual([16, 8, 4])
  for (let index = 0; index < 5; index += 1) read(window, 0, 1)
  expect(window.size).toBe(1)
})

test('stays as it is when a read brought neither', () => {
  const window = new GrabWindow()
  read(window, 3, 0)
  expect(read(window, 0, 0)).toBe(4)
})
