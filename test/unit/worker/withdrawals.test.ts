import { describe, expect, test } from 'vitest'
import { Slots } from '../../../src/worker/slots.ts'
import { job, readySession } from './session-harness.ts'

const NO_JOB = ['NO_JOB'] as const
const reverse = { task: 'reverse', serverTimeoutMs: undefined }

describe('unregistering a task on a connection', () => {
  test('sends CANT_DO at once when none of its jobs runs', () => {
    const harness = readySession()
    harness.sent()
    harness.session.cantDo('reverse')
    expect(harness.sent()).toEqual(['CANT_DO reverse'])
    harness.clock.stop()
  })

  test('waits for its running jobs: the server would give them to others', () => {
    const harness = readySession({ slots: new Slots(3, 0) })
    harness.receive(job('H:1'))
    harness.receive(job('H:2'), NO_JOB)
    harness.sent()
    harness.session.cantDo('reverse')
    harness.endJob()
    expect(harness.sent()).toEqual(['WORK_COMPLETE H:1 '])
    harness.endJob()
    expect(harness.sent()).toEqual(['WORK_COMPLETE H:2 ', 'CANT_DO reverse'])
    harness.clock.stop()
  })

  test('lets jobs of other tasks run meanwhile', () => {
    const harness = readySession({ slots: new Slots(3, 0), tasks: ['reverse', 'upper'] })
    harness.receive(job('H:1'))
    harness.session.cantDo('reverse')
    harness.receive(job('H:2', 'upper'))
    expect(harness.jobs).toHaveLength(2)
    expect(harness.sent().filter((name) => name === 'GRAB_JOB_ALL').length).toBeGreaterThan(1)
    harness.clock.stop()
  })

  test('holds back jobs that still come, and stops asking, until the server has them back', () => {
    const slots = new Slots(4, 0)
    const harness = readySession({ slots })
    harness.receive(job('H:1'))
    harness.session.cantDo('reverse')
    harness.sent()
    harness.receive(job('H:2'))
    expect(harness.jobs).toHaveLength(1)
    expect(slots.running).toBe(1)
    harness.receive(NO_JOB)
    expect(harness.sent()).not.toContain('GRAB_JOB_ALL')
    harness.endJob()
    expect(harness.sent()).toContain('CANT_DO reverse')
    harness.clock.stop()
  })

  test('forgets a job that the server sent before it read the CANT_DO: it is in the queue again', () => {
    const slots = new Slots(1, 0)
    const harness = readySession({ slots })
    harness.session.cantDo('reverse')
    harness.receive(job('H:1'))
    expect(harness.jobs).toHaveLength(0)
    expect(slots.running).toBe(0)
    harness.session.canDo(reverse)
    harness.receive(job('H:1'))
    expect(harness.jobs).toHaveLength(1)
    harness.clock.stop()
  })

  test('is undone by registering it again, and what was held back runs', () => {
    const harness = readySession({ slots: new Slots(4, 0) })
    harness.receive(job('H:1'))
    harness.session.cantDo('reverse')
    harness.receive(job('H:2'))
    harness.sent()
    harness.session.canDo(reverse)
    expect(harness.jobs.map(({ handle }) => handle)).toEqual(['H:1', 'H:2'])
    expect(harness.sent()).not.toContain('CAN_DO reverse')
    harness.endJob()
    harness.endJob()
    expect(harness.sent()).not.toContain('CANT_DO reverse')
    harness.clock.stop()
  })

  test('sends nothing on a connection that is lost', () => {
    const harness = readySession()
    harness.receive(job('H:1'))
    harness.session.cantDo('reverse')
    harness.lose()
    harness.sent()
    harness.endJob()
    expect(harness.sent()).not.toContain('CANT_DO reverse')
  })
})
