import { expect, test } from 'vitest'
import { Slots } from '../../../src/worker/slots.ts'
import { type FromServer, job, readySession, type SessionHarness } from './session-harness.ts'

const VAIN_GRABS = 8
const TRIAL_EVERY = 16
const GRAB = 'GRAB_JOB_ALL'
const DONE = 'WORK_COMPLETE H:1 '

/** A worker that takes one job at a time, and has had so many that came alone. */
function lonelyWorker(jobs: number): SessionHarness {
  const harness = readySession()
  harness.receive(['NO_JOB'])
  for (let count = 0; count < jobs; count += 1) {
    oneJob(harness)
    harness.receive(['NO_JOB'])
  }
  harness.sent()
  return harness
}

/** The server calls, and has one job. */
function oneJob(harness: SessionHarness): string[] {
  harness.receive(['NOOP'])
  harness.receive(job('H:1'))
  harness.sent()
  harness.endJob()
  return harness.sent()
}

function noJobs(count: number): FromServer[] {
  return Array.from({ length: count }, () => ['NO_JOB'])
}

test('a worker that has grabbed in vain behind several jobs sleeps at once behind the next', () => {
  expect(oneJob(lonelyWorker(VAIN_GRABS - 1))).toEqual([DONE, GRAB])
  const harness = lonelyWorker(VAIN_GRABS)
  expect(oneJob(harness)).toEqual([DONE, 'PRE_SLEEP'])
  harness.receive(['NOOP'])
  expect(harness.sent()).toEqual([GRAB])
})

test('it tries now and then whether more jobs wait', () => {
  const harness = lonelyWorker(VAIN_GRABS)
  for (let count = 1; count < TRIAL_EVERY; count += 1) {
    expect(oneJob(harness)).toEqual([DONE, 'PRE_SLEEP'])
  }
  expect(oneJob(harness)).toEqual([DONE, GRAB])
  harness.receive(['NO_JOB'])
  harness.sent()
  expect(oneJob(harness)).toEqual([DONE, 'PRE_SLEEP'])
})

test('one job that such a grab brings is enough: it grabs behind each job again', () => {
  const harness = lonelyWorker(VAIN_GRABS)
  for (let count = 0; count < TRIAL_EVERY; count += 1) oneJob(harness)
  for (let count = 0; count < 3; count += 1) {
    harness.receive(job('H:1'))
    harness.endJob()
    expect(harness.sent()).toEqual([DONE, GRAB])
  }
})

test('a task that is registered is grabbed for, whatever the habit', () => {
  const harness = lonelyWorker(VAIN_GRABS)
  harness.receive(['NOOP'])
  harness.receive(job('H:1'))
  harness.session.canDo({ task: 'upper', serverTimeoutMs: undefined })
  harness.sent()
  harness.endJob()
  expect(harness.sent()).toEqual([DONE, GRAB])
})

test('grabs that were sent together and brought nothing count as one', () => {
  const harness = readySession({ slots: new Slots(64, 0) })
  harness.receive(job('H:1'))
  harness.receive(job('H:1'), job('H:1'))
  harness.receive(job('H:1'), job('H:1'), job('H:1'), job('H:1'))
  harness.receive(...noJobs(VAIN_GRABS))
  for (const expected of [4, 2, 1]) {
    harness.sent()
    harness.receive(['NOOP'])
    expect(harness.sent()).toEqual(Array.from({ length: expected }, () => GRAB))
    if (expected > 1) harness.receive(...noJobs(expected))
  }
  harness.receive(job('H:1'))
  expect(harness.sent()).toEqual([GRAB, GRAB])
})

test('a worker with free slots sleeps while a job runs that came alone, and is called for the next', () => {
  const harness = readySession({ slots: new Slots(4, 0) })
  harness.receive(['NO_JOB'])
  for (let count = 0; count < VAIN_GRABS; count += 1) {
    harness.receive(['NOOP'])
    harness.receive(job('H:1'))
    harness.receive(['NO_JOB'], ['NO_JOB'])
    harness.endJob()
  }
  harness.sent()
  harness.receive(['NOOP'])
  harness.receive(job('H:1'))
  expect(harness.sent()).toEqual([GRAB, 'PRE_SLEEP'])
  harness.receive(['NOOP'])
  expect(harness.sent()).toContain(GRAB)
})
