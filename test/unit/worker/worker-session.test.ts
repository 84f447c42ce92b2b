import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EncodingError, ProtocolError, UnknownCommandError } from '../../../src/errors.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { GrabCommand } from '../../../src/worker/grab-command.ts'
import { Slots } from '../../../src/worker/slots.ts'
import { job, readySession, SessionHarness } from './session-harness.ts'

const NO_JOB = ['NO_JOB'] as const
const NOOP = ['NOOP'] as const

describe('registration', () => {
  test('goes out at once behind an ECHO, and grabs follow when the server has answered', () => {
    const harness = new SessionHarness({
      clientId: 'me',
      tasks: ['reverse', { task: 'slow', serverTimeoutMs: 1500 }],
    })
    expect(harness.sent()).toEqual([
      'ECHO_REQ ping',
      'SET_CLIENT_ID me',
      'CAN_DO reverse',
      'CAN_DO_TIMEOUT slow 1500',
    ])
    harness.receive(['ECHO_RES', 'ping'])
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
  })

  test('without an id sends none, and a worker without tasks neither grabs nor is woken', () => {
    const harness = new SessionHarness({ tasks: [] })
    harness.receive(['ECHO_RES', 'ping'])
    expect(harness.sent()).toEqual(['ECHO_REQ ping', 'PRE_SLEEP'])
  })

  test('of a new task wakes a sleeping worker: jobs that are queued already bring no NOOP', () => {
    const harness = readySession()
    harness.receive(NO_JOB)
    harness.sent()
    harness.session.canDo({ task: 'upper', serverTimeoutMs: undefined })
    expect(harness.sent()).toEqual(['CAN_DO upper', 'GRAB_JOB_ALL'])
  })

  test('of a new task while a grab is under way ends in a PRE_SLEEP, which brings the NOOP', () => {
    const harness = readySession()
    harness.sent()
    harness.session.canDo({ task: 'upper', serverTimeoutMs: undefined })
    harness.receive(NO_JOB)
    expect(harness.sent()).toEqual(['CAN_DO upper', 'PRE_SLEEP'])
    harness.receive(NOOP)
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
  })
})

describe('grabbing', () => {
  test('sleeps after NO_JOB and grabs again at NOOP', () => {
    const harness = readySession()
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
    harness.receive(NO_JOB)
    expect(harness.sent()).toEqual(['PRE_SLEEP'])
    harness.receive(NOOP)
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
  })

  test('sends the next grab right behind the result', () => {
    const harness = readySession()
    harness.sent()
    harness.receive(job('H:1'))
    expect(harness.sent()).toEqual([])
    harness.endJob()
    expect(harness.sent()).toEqual(['WORK_COMPLETE H:1 ', 'GRAB_JOB_ALL'])
  })

  test('asks for one more with each job that comes, never for more than is free', () => {
    const harness = readySession({ slots: new Slots(5, 0) })
    expect(harness.sent()).toHaveLength(1)
    harness.receive(job('H:1'))
    expect(harness.sent()).toHaveLength(2)
    harness.receive(job('H:2'), job('H:3'))
    expect(harness.sent()).toHaveLength(2)
    harness.receive(job('H:4'), job('H:5'))
    expect(harness.sent()).toEqual([])
    expect(harness.jobs).toHaveLength(5)
  })

  test('asks for jobs beyond those that run when it prefetches', () => {
    const harness = readySession({ slots: new Slots(1, 2) })
    harness.sent()
    harness.receive(job('H:1'))
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL', 'GRAB_JOB_ALL'])
  })

  test('halves its window at NO_JOB, decided once per read', () => {
    const harness = readySession({ slots: new Slots(64, 0) })
    harness.receive(job('H:1'))
    harness.receive(job('H:2'), job('H:3'))
    harness.receive(job('H:4'), job('H:5'), job('H:6'), job('H:7'))
    expect(harness.sent()).toHaveLength(1 + 2 + 4 + 8)
    harness.receive(NO_JOB, NO_JOB, NO_JOB, NO_JOB, NO_JOB, NO_JOB, NO_JOB, NO_JOB)
    expect(harness.sent()).toEqual(['PRE_SLEEP'])
    harness.receive(NOOP)
    expect(harness.sent()).toHaveLength(4)
  })

  test('sleeps only when every grab is answered, and the last one with NO_JOB', () => {
    const harness = readySession({ slots: new Slots(8, 0) })
    harness.receive(job('H:1'))
    harness.sent()
    harness.receive(NO_JOB)
    expect(harness.sent()).toEqual([])
    harness.receive(NO_JOB)
    expect(harness.sent()).toEqual(['PRE_SLEEP'])
    harness.receive(NOOP)
    harness.receive(job('H:2'))
    harness.sent()
    harness.receive(NO_JOB, job('H:3'))
    expect(harness.sent()).not.toContain('PRE_SLEEP')
  })

  test('does not repeat itself: a NOOP without cause, an empty read, an unknown ECHO_RES send nothing', () => {
    const harness = readySession()
    harness.sent()
    harness.receive(NOOP)
    harness.receive(NOOP, NOOP)
    harness.session.onReadEnd()
    harness.session.refresh()
    harness.receive(['ECHO_RES', 'late'])
    expect(harness.sent()).toEqual([])
  })

  test('remembers a NOOP that comes when there is no slot', () => {
    const slots = new Slots(1, 0)
    const busy = readySession({ slots })
    const other = readySession({ slots })
    expect(other.sent()).toEqual([])
    busy.receive(NO_JOB)
    expect(other.sent()).toEqual(['GRAB_JOB_ALL'])
    other.receive(job('H:1'))
    busy.sent()
    busy.receive(NOOP)
    expect(busy.sent()).toEqual([])
    other.endJob()
    other.receive(NO_JOB)
    expect(busy.sent()).toEqual(['GRAB_JOB_ALL'])
  })

  test('asks unasked when it has slept for two ticks of the watch, once for each sleep', () => {
    const harness = readySession()
    harness.receive(NO_JOB)
    harness.sent()
    harness.session.askAgain()
    expect(harness.sent()).toEqual([])
    harness.session.askAgain()
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
    for (let tick = 0; tick < 5; tick += 1) harness.session.askAgain()
    expect(harness.sent()).toEqual([])
    harness.receive(NO_JOB)
    expect(harness.sent()).toEqual(['PRE_SLEEP'])
    harness.session.askAgain()
    harness.receive(NOOP)
    harness.receive(NO_JOB)
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL', 'PRE_SLEEP'])
    harness.session.askAgain()
    expect(harness.sent()).toEqual([])
  })

  test('asks unasked only when there is a slot, and when jobs are wanted', () => {
    const slots = new Slots(1, 0)
    const harness = readySession({ slots })
    harness.receive(NO_JOB)
    slots.beginRun()
    for (let tick = 0; tick < 5; tick += 1) harness.session.askAgain()
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL', 'PRE_SLEEP'])
    slots.endRun()
    harness.session.refresh()
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
    harness.receive(NO_JOB)
    harness.isGrabbing = false
    for (let tick = 0; tick < 5; tick += 1) harness.session.askAgain()
    expect(harness.sent()).toEqual(['PRE_SLEEP'])
  })

  test('takes turns with other servers, so that none starves', () => {
    const slots = new Slots(1, 0)
    const all = [readySession({ slots }), readySession({ slots }), readySession({ slots })]
    const order: number[] = []
    for (let round = 0; round < 9; round += 1) {
      const index = all.findIndex((harness) => harness.sent().includes('GRAB_JOB_ALL'))
      order.push(index)
      all[index]?.receive(job(`H:${round}`))
      all[index]?.endJob()
    }
    expect(order).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2])
  })

  test('stops when jobs are not wanted any more, and leaves the server unasked', () => {
    const harness = readySession()
    harness.receive(job('H:1'))
    harness.sent()
    harness.isGrabbing = false
    harness.endJob()
    harness.receive(NOOP)
    expect(harness.sent()).toEqual(['WORK_COMPLETE H:1 '])
  })
})

describe('the ways to grab', () => {
  const refusal = ['ERROR', 'UNKNOWN_COMMAND', 'Unknown command'] as const

  test('fall back until the server knows one, which the next connect remembers', () => {
    const command = new GrabCommand()
    const harness = readySession({ command })
    harness.receive(refusal)
    harness.receive(refusal)
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL', 'GRAB_JOB_UNIQ', 'GRAB_JOB'])
    harness.receive(['JOB_ASSIGN', 'H:1', 'reverse', 'data'])
    expect(harness.jobs[0]).toMatchObject({ handle: 'H:1', unique: undefined })
    expect(readySession({ command }).sent()).toEqual(['GRAB_JOB'])
    expect(harness.serverErrors).toEqual([])
  })

  test('are tried in turn with a server that closes at a packet that it does not know', () => {
    const command = new GrabCommand()
    for (let loss = 0; loss < 3; loss += 1) {
      const harness = readySession({ command })
      expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
      harness.lose()
    }
    expect(readySession({ command }).sent()).toEqual(['GRAB_JOB_UNIQ'])
  })

  test('end with an event when the server refuses all of them', () => {
    const harness = readySession()
    for (let index = 0; index < 3; index += 1) harness.receive(refusal)
    expect(harness.serverErrors).toMatchObject([{ serverCode: 'UNKNOWN_COMMAND' }])
    expect(harness.sent().at(-1)).toBe('PRE_SLEEP')
  })

  test('bring the reducer of a job', () => {
    const harness = readySession()
    harness.receive(['JOB_ASSIGN_ALL', 'H:1', 'reverse', 'u', 'sum', 'data'])
    expect(harness.jobs[0]).toMatchObject({ unique: 'u', reducer: 'sum' })
  })
})

describe('slots', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('of an unanswered grab go to others within a second; a late job says so', () => {
    const slots = new Slots(1, 0)
    const slow = readySession({ slots })
    const fast = readySession({ slots })
    vi.advanceTimersByTime(499)
    expect(fast.sent()).toEqual([])
    vi.advanceTimersByTime(510)
    expect(fast.sent()).toEqual(['GRAB_JOB_ALL'])
    fast.receive(job('H:1'))
    slow.receive(job('H:2'))
    expect(slow.jobs[0]?.isLate).toBe(true)
    expect(slots.free).toBe(-1)
    slow.endJob()
    fast.endJob()
    expect(slots.free).toBe(0)
    slow.lose()
    fast.lose()
    expect(slots.free).toBe(1)
    slow.clock.stop()
    fast.clock.stop()
  })

  test('of a late NO_JOB are not given back twice', () => {
    const slots = new Slots(1, 0)
    const harness = readySession({ slots })
    vi.advanceTimersByTime(1100)
    expect(slots.free).toBe(1)
    harness.receive(NO_JOB)
    expect(slots.free).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('are all free again when the connection is lost, whatever was under way', () => {
    const slots = new Slots(3, 2)
    const harness = readySession({ slots })
    harness.receive(job('H:1'))
    harness.receive(job('H:2'), job('H:3'))
    harness.lose()
    expect(slots.free).toBe(2)
    for (let index = 0; index < 3; index += 1) harness.endJob()
    expect(slots.free).toBe(5)
    harness.session.refresh()
    expect(harness.sent().filter((name) => name.startsWith('GRAB'))).toHaveLength(5)
    harness.clock.stop()
  })

  test('of a truncated job are free again when its connection is dropped', () => {
    const slots = new Slots(1, 0)
    const harness = readySession({ slots })
    const onPacket = (): void =>
      harness.session.onPacket(PacketType.JOB_ASSIGN_UNIQ, Buffer.from('H:1\0reverse'))
    expect(onPacket).toThrow(ProtocolError)
    harness.lose()
    expect(slots.free).toBe(1)
    harness.clock.stop()
  })
})

describe('trouble', () => {
  test('JOB_NOT_FOUND is a late word about a job, and answers no grab', () => {
    const harness = readySession()
    harness.sent()
    harness.receive(['ERROR', 'JOB_NOT_FOUND', 'Job given in work result not found'])
    expect(harness.serverErrors).toMatchObject([{ serverCode: 'JOB_NOT_FOUND' }])
    expect(harness.sent()).toEqual([])
    harness.receive(job('H:1'))
    expect(harness.jobs).toHaveLength(1)
  })

  test('an oversized job fails, and the grabs behind it keep their order', () => {
    const harness = readySession({ slots: new Slots(4, 0) })
    harness.receive(job('H:1'))
    harness.sent()
    const front = Buffer.from('H:2\0reverse\0\0xxxxx')
    harness.session.onOversized(PacketType.JOB_ASSIGN_UNIQ, 2 ** 31, front)
    harness.receive(job('H:3'))
    expect(harness.refused).toMatchObject([{ packet: { handle: 'H:2', task: 'reverse' } }])
    expect(harness.refused[0]?.error).toBeInstanceOf(EncodingError)
    expect(harness.jobs.map(({ handle }) => handle)).toEqual(['H:1', 'H:3'])
    harness.clock.stop()
  })

  test('packets that nobody asked for end the connection', () => {
    const harness = readySession()
    harness.receive(NO_JOB)
    expect(() => harness.receive(job('H:1'))).toThrow()
    expect(() => harness.receive(['JOB_CREATED', 'H:1'])).toThrow(UnknownCommandError)
    expect(() =>
      harness.session.onOversized(PacketType.ECHO_RES, 2 ** 31, Buffer.alloc(9)),
    ).toThrow()
  })
})

describe('a task with a time limit at the server', () => {
  const tasks = [{ task: 'reverse', serverTimeoutMs: 1000 }]

  test('is asked for one job at a time: gearmand has one timer per connection', () => {
    const harness = readySession({ slots: new Slots(8, 8), tasks, isTimed: true })
    expect(harness.sent()).toEqual(['GRAB_JOB_ALL'])
    harness.receive(job('H:1'))
    expect(harness.sent()).toEqual([])
    harness.endJob()
    harness.sent()
    harness.receive(NOOP, job('H:2'))
    expect(harness.sent()).toEqual([])
    harness.clock.stop()
  })

  test('has its timer stopped behind each result: gearmand lets it run on, and crashes', () => {
    const harness = readySession({ tasks, isTimed: true })
    harness.receive(job('H:1'))
    harness.sent()
    harness.endJob()
    expect(harness.sent()).toEqual(['WORK_COMPLETE H:1 ', 'PRE_SLEEP', 'GRAB_JOB_ALL'])
    harness.clock.stop()
  })
})
