import { describe, expect, test } from 'vitest'
import { type TestPeer, TestServer } from './server-harness.ts'

function drain(worker: TestPeer): string[] {
  const data: string[] = []
  for (;;) {
    const [reply = ''] = worker.play('GRAB_JOB')
    if (reply === 'NO_JOB') return data
    data.push(reply.split(' ').at(-1) ?? '')
  }
}

describe('which job a worker gets', () => {
  test('the newest registration first, and inside a function by priority, then by age', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB_HIGH_BG', 'a', '', 'a-high')
    for (const kind of ['LOW_BG', 'BG', 'HIGH_BG'] as const) {
      client.play(`SUBMIT_JOB_${kind}`, 'b', '', `b-${kind}-1`)
      client.play(`SUBMIT_JOB_${kind}`, 'b', '', `b-${kind}-2`)
    }
    const worker = server.worker('a')
    worker.play('CAN_DO', 'b')
    expect(drain(worker)).toEqual([
      ...['b-HIGH_BG-1', 'b-HIGH_BG-2', 'b-BG-1', 'b-BG-2', 'b-LOW_BG-1', 'b-LOW_BG-2'],
      'a-high',
    ])
  })

  test('with round robin a function that gave a job goes to the end', () => {
    const server = new TestServer({ roundRobin: true })
    const client = server.connect()
    for (const name of ['a', 'b', 'c', 'c', 'c', 'a']) client.play('SUBMIT_JOB_BG', name, '', name)
    const worker = server.connect()
    for (const name of ['a', 'b', 'c']) worker.play('CAN_DO', name)
    expect(drain(worker)).toEqual(['c', 'b', 'a', 'c', 'a', 'c'])
  })

  test('with compat 2.0 by priority over all functions, and always round robin', () => {
    const server = new TestServer({ compat: '2.0' })
    const client = server.connect()
    for (const name of ['a', 'b', 'c', 'a', 'b', 'c'])
      client.play('SUBMIT_JOB_BG', name, '', `${name}-normal`)
    client.play('SUBMIT_JOB_LOW_BG', 'c', '', 'c-low')
    client.play('SUBMIT_JOB_HIGH_BG', 'a', '', 'a-high')
    const worker = server.connect()
    for (const name of ['a', 'b', 'c']) worker.play('CAN_DO', name)
    expect(drain(worker)).toEqual([
      'a-high',
      ...['c-normal', 'b-normal', 'a-normal', 'c-normal', 'b-normal', 'a-normal'],
      'c-low',
    ])
  })

  test('jobs of a lost worker go to the end, the one assigned last first', () => {
    const server = new TestServer()
    const client = server.connect()
    for (const data of ['1', '2', '3', '4']) client.play('SUBMIT_JOB_BG', 'f', '', data)
    const worker = server.worker()
    for (let count = 0; count < 3; count += 1) worker.play('GRAB_JOB')
    worker.leave()
    expect(client.say('show jobs')).toContain('H:test:2\t1\t0\t1\n')
    expect(drain(server.worker())).toEqual(['4', '3', '2', '1'])
  })

  test('a cancelled or abandoned job in the middle of a deep queue leaves the others in order', () => {
    const server = new TestServer()
    const client = server.connect()
    const leaving = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    leaving.play('SUBMIT_JOB', 'f', '', '2')
    client.play('SUBMIT_JOB_BG', 'f', '', '3')
    client.play('SUBMIT_JOB_BG', 'f', '', '4')
    leaving.leave()
    client.say('cancel job H:test:3')
    expect(client.say('status')).toBe('f\t2\t0\t0\n.\n')
    expect(client.say('prioritystatus')).toBe('f\t0\t2\t0\t0\n.\n')
    expect(drain(server.worker())).toEqual(['1', '4'])
  })
})

describe('waking workers', () => {
  test('one NOOP per sleep, to those that sleep and can do the function', () => {
    const server = new TestServer()
    const client = server.connect()
    const [asleep, awake, other] = [server.worker(), server.worker(), server.worker('g')]
    asleep.play('PRE_SLEEP')
    other.play('PRE_SLEEP')
    for (let count = 0; count < 3; count += 1) client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    expect(asleep.look()).toEqual(['NOOP'])
    expect(awake.look()).toEqual([])
    expect(other.look()).toEqual([])
  })

  test('a worker that sleeps again without a grab, its job taken by another, is woken again', () => {
    const server = new TestServer()
    const client = server.connect()
    const [slow, fast] = [server.worker(), server.worker()]
    slow.play('PRE_SLEEP')
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    fast.play('GRAB_JOB')
    slow.play('PRE_SLEEP')
    client.play('SUBMIT_JOB_BG', 'f', '', '2')
    expect(slow.look()).toEqual(['NOOP'])
  })

  test('with workerWakeup the NOOPs rotate over the sleeping workers', () => {
    const server = new TestServer({ workerWakeup: 1 })
    const client = server.connect()
    const workers = [server.worker(), server.worker(), server.worker()]
    for (const worker of workers) worker.play('PRE_SLEEP')
    const woken: number[] = []
    for (let round = 0; round < 6; round += 1) {
      client.play('SUBMIT_JOB_BG', 'f', '', 'x')
      const index = workers.findIndex((worker) => worker.look().includes('NOOP'))
      woken.push(index)
      workers[index]?.play('GRAB_JOB')
      workers[index]?.play('PRE_SLEEP')
    }
    expect(woken).toEqual([0, 1, 2, 0, 1, 2])
  })

  test('a woken worker that leaves passes its wake-up on', () => {
    const server = new TestServer({ workerWakeup: 1 })
    const client = server.connect()
    const [one, two] = [server.worker(), server.worker()]
    one.play('PRE_SLEEP')
    two.play('PRE_SLEEP')
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    expect(two.look()).toEqual([])
    one.leave()
    expect(two.look()).toEqual(['NOOP'])
  })

  test('a worker of many functions is woken once, and its old places in their rings do no harm', () => {
    const server = new TestServer()
    const client = server.connect()
    const worker = server.worker('f')
    worker.play('CAN_DO', 'g')
    worker.play('PRE_SLEEP')
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    expect(worker.look()).toEqual(['NOOP'])
    client.play('SUBMIT_JOB_BG', 'g', '', 'y')
    expect(worker.look()).toEqual([])
    drain(worker)
    client.play('SUBMIT_JOB_BG', 'g', '', 'z')
    expect(worker.look()).toEqual([])
    drain(worker)
    worker.play('PRE_SLEEP')
    worker.leave()
    client.play('SUBMIT_JOB_BG', 'g', '', 'z')
    expect(worker.look()).toEqual([])
  })
})

describe('time limits of workers (CAN_DO_TIMEOUT)', () => {
  test('a job that takes too long goes back into the queue, and its late result is refused', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    const [slow, other] = [server.connect(), server.worker()]
    slow.play('CAN_DO_TIMEOUT', 'f', '1500')
    slow.play('GRAB_JOB')
    other.play('PRE_SLEEP')
    server.clock.advance(1499)
    expect(other.look()).toEqual([])
    server.clock.advance(1)
    expect(other.look()).toEqual(['NOOP'])
    expect(client.look()).toEqual([])
    expect(slow.play('WORK_COMPLETE', 'H:test:1', 'late')).toEqual([
      'ERROR JOB_NOT_FOUND Job given in work result not found',
    ])
    other.play('GRAB_JOB')
    other.play('WORK_COMPLETE', 'H:test:1', 'r')
    expect(client.look()).toEqual(['WORK_COMPLETE H:test:1 r'])
  })

  test('each job has a timer of its own, which ends with the job, however the worker sleeps', () => {
    const server = new TestServer()
    const client = server.connect()
    for (const data of ['1', '2', '3']) client.play('SUBMIT_JOB_BG', 'f', '', data)
    const worker = server.connect()
    worker.play('CAN_DO_TIMEOUT', 'f', '5000')
    worker.play('GRAB_JOB')
    server.clock.advance(1000)
    worker.play('GRAB_JOB')
    worker.play('GRAB_JOB')
    worker.play('PRE_SLEEP')
    worker.play('WORK_COMPLETE', 'H:test:2', '')
    expect(server.clock.timerCount).toBe(2)
    server.clock.advance(4000)
    expect(server.status()).toBe('2 1 1')
    server.clock.advance(1000)
    expect(server.status()).toBe('2 0 1')
    expect(server.clock.timerCount).toBe(0)
  })

  test.each([
    ['300', 1000],
    ['1000', 1000],
    ['2000x', 2000],
    [' 2000', 2000],
  ])('a limit of %j is %d ms', (text, expectedMs) => {
    const server = new TestServer()
    server.connect().play('SUBMIT_JOB_BG', 'f', '', 'x')
    const worker = server.connect()
    worker.play('CAN_DO_TIMEOUT', 'f', text)
    worker.play('GRAB_JOB')
    server.clock.advance(expectedMs - 1)
    expect(server.status()).toBe('1 1 1')
    server.clock.advance(1)
    expect(server.status()).toBe('1 0 1')
  })

  test.each(['0', '-1', '', 'soon', '9999999999'])('a limit of %j is none', (text) => {
    const server = new TestServer()
    server.connect().play('SUBMIT_JOB_BG', 'f', '', 'x')
    const worker = server.connect()
    expect(worker.play('CAN_DO_TIMEOUT', 'f', text)).toEqual([])
    worker.play('GRAB_JOB')
    expect(server.clock.timerCount).toBe(0)
  })

  test('a limit that fits no 64 bits is refused (gearmand 1.1.20 crashes)', () => {
    const server = new TestServer()
    expect(server.connect().play('CAN_DO_TIMEOUT', 'f', '99999999999999999999')).toEqual([
      'ERROR ARGUMENT_TOO_LARGE A number in the packet is too large',
    ])
  })
})

describe('job retries', () => {
  test('a job whose last allowed attempt is lost fails', () => {
    const server = new TestServer({ jobRetries: 2 })
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(client.look()).toEqual([])
      const worker = server.worker()
      worker.play('GRAB_JOB')
      worker.leave()
    }
    expect(client.look()).toEqual(['WORK_FAIL H:test:1'])
    expect(server.outcomes).toEqual(['lost'])
    expect(server.status()).toBe('0 0 0')
  })

  test('progress of a lost attempt is forgotten', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play('WORK_STATUS', 'H:test:1', '3', '4')
    expect(client.play('GET_STATUS', 'H:test:1')).toEqual([
      'WORK_STATUS H:test:1 3 4',
      'STATUS_RES H:test:1 1 1 3 4',
    ])
    worker.leave()
    expect(client.play('GET_STATUS', 'H:test:1')).toEqual(['STATUS_RES H:test:1 1 0 0 0'])
  })
})

describe('jobs for later (SUBMIT_JOB_EPOCH)', () => {
  const now = 1_000_000_000

  test('wake a sleeping worker when they are due, by one timer for all', () => {
    const server = new TestServer()
    const client = server.connect()
    const worker = server.worker()
    worker.play('PRE_SLEEP')
    for (const [data, seconds] of [
      ['late', 30],
      ['early', 10],
      ['middle', 20],
    ] as const) {
      client.play('SUBMIT_JOB_EPOCH', 'f', '', String(now + seconds), data)
    }
    expect(server.clock.timerCount).toBe(1)
    expect(worker.look()).toEqual([])
    expect(drain(worker)).toEqual([])
    worker.play('PRE_SLEEP')
    server.clock.advance(9999)
    expect(worker.look()).toEqual([])
    server.clock.advance(1)
    expect(worker.look()).toEqual(['NOOP'])
    expect(drain(worker)).toEqual(['early'])
    server.clock.advance(20_000)
    expect(drain(worker)).toEqual(['middle', 'late'])
    expect(server.clock.timerCount).toBe(0)
  })

  test('a far time is waited for, whatever the clock does meanwhile', () => {
    const server = new TestServer()
    server.connect().play('SUBMIT_JOB_EPOCH', 'f', '', String(now + 10_000_000), 'x')
    const worker = server.worker()
    server.clock.advance(9_999_000_000)
    expect(drain(worker)).toEqual([])
    server.clock.advance(1_000_000)
    expect(drain(worker)).toEqual(['x'])
  })

  test('do not hide jobs of lower priority, and count as normal ones', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB_EPOCH', 'f', '', String(now + 100), 'later')
    client.play('SUBMIT_JOB_LOW_BG', 'f', '', 'low')
    expect(client.say('prioritystatus')).toBe('f\t0\t1\t1\t0\n.\n')
    expect(drain(server.worker())).toEqual(['low'])
  })

  test('can be cancelled, and leave no timer behind', () => {
    const server = new TestServer()
    const client = server.connect()
    for (let index = 1; index <= 20; index += 1) {
      client.play('SUBMIT_JOB_EPOCH', 'f', '', String(now + ((index * 7) % 20) + 1), String(index))
    }
    for (let index = 1; index <= 20; index += 2) client.say(`cancel job H:test:${index}`)
    expect(server.status()).toBe('10 0 0')
    server.clock.advance(60_000)
    expect(drain(server.worker()).sort()).toEqual(
      Array.from({ length: 10 }, (_, index) => String(2 * index + 2)).sort(),
    )
    client.play('SUBMIT_JOB_EPOCH', 'f', '', String(now + 1000), 'x')
    client.say('cancel job H:test:21')
    expect(server.clock.timerCount).toBe(0)
  })

  test('a time that fits no 64 bits is refused (gearmand says nothing)', () => {
    const server = new TestServer()
    const client = server.connect()
    expect(client.play('SUBMIT_JOB_EPOCH', 'f', '', '9'.repeat(20), 'x')).toEqual([
      'ERROR ARGUMENT_TOO_LARGE A number in the packet is too large',
    ])
    expect(server.table.handles.size).toBe(0)
  })
})
