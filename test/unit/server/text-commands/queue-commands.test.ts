import { describe, expect, test } from 'vitest'
import { TestServer } from '../server-harness.ts'

const IN_A_MINUTE = String(1_000_000_060)

describe('list functions', () => {
  test('tells state, counts and limits of each function', () => {
    const server = new TestServer()
    const worker = server.worker('f')
    worker.play('SUBMIT_JOB_BG', 'f', '', 'x')
    worker.play('SUBMIT_JOB_HIGH_BG', 'f', '', 'x')
    worker.play('SUBMIT_JOB_EPOCH', 'f', '', IN_A_MINUTE, 'x')
    worker.play('GRAB_JOB')
    worker.say('create function g')
    worker.say('maxqueue g 3 2')
    worker.say('pause function g')
    expect(worker.say('LIST Functions')).toBe(
      'f\tactive\t1\t1\t1\t1\t0\t0\t0\ng\tpaused\t0\t0\t0\t0\t3\t2\t0\n.\n',
    )
  })
})

describe('list jobs', () => {
  test('tells where each job of a function is, how old and how large, and who has it', () => {
    const server = new TestServer()
    const [client, worker] = [server.connect(), server.worker('f')]
    client.play('SUBMIT_JOB_LOW', 'f', 'u\t1', '12345')
    client.play('SUBMIT_JOB_LOW', 'f', 'u\t1', 'joins')
    client.play('SUBMIT_JOB_HIGH_BG', 'f', '', '')
    client.play('SUBMIT_JOB_EPOCH', 'f', 'later', IN_A_MINUTE, 'x')
    client.play('SUBMIT_JOB_BG', 'g', '', 'x')
    worker.play('GRAB_JOB')
    server.clock.advance(1500)
    const rows = [
      'H:test:1\twaiting\tlow\t0\t2\t1.500\t0\t5\t0\t-\tu?1\n',
      'H:test:2\trunning\thigh\t1\t0\t1.500\t0\t0\t0\t2\t\n',
      'H:test:3\tdelayed\tnormal\t1\t0\t1.500\t0\t1\t1000000060\t-\tlater\n',
    ]
    expect(client.say('list jobs f')).toBe(`${rows.join('')}.\n`)
    expect(client.say('list jobs f 2')).toBe(`${rows.slice(0, 2).join('')}.\n`)
    client.say('cancel job H:test:2')
    expect(client.say('list jobs f')).toContain('H:test:2\tcancelled\thigh\t1\t0\t')
    worker.leave()
    expect(client.say('list jobs f')).toBe(`${rows[0]}${rows[2]}.\n`)
  })

  test('of a function without any is an empty table', () => {
    const peer = new TestServer().worker('f')
    expect(peer.say('list jobs f')).toBe('.\n')
  })
})

describe('a paused function', () => {
  test('takes jobs and hands out none, and its workers sleep', () => {
    const server = new TestServer()
    const [client, worker] = [server.connect(), server.worker('f')]
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    expect(client.say('pause function f')).toBe('OK\r\n')
    expect(client.say('pause function f')).toBe('OK\r\n')
    expect(worker.play('GRAB_JOB')).toEqual(['NO_JOB'])
    expect(worker.play('PRE_SLEEP')).toEqual([])
    client.play('SUBMIT_JOB_BG', 'f', '', '2')
    client.play('SUBMIT_JOB_EPOCH', 'f', '', IN_A_MINUTE, '3')
    server.clock.advance(61_000)
    expect(worker.look()).toEqual([])
    expect(client.say('status')).toBe('f\t3\t0\t1\n.\n')
    expect(client.say('resume function f')).toBe('OK\r\n')
    expect(worker.look()).toEqual(['NOOP'])
    const data = Array.from({ length: 3 }, () => worker.play('GRAB_JOB')[0]?.split(' ').at(-1))
    expect(data).toEqual(['1', '2', '3'])
  })

  test('does not keep workers from the jobs of others', () => {
    const server = new TestServer()
    const worker = server.worker('f')
    worker.play('CAN_DO', 'paused')
    for (const name of ['f', 'paused']) worker.play('SUBMIT_JOB_BG', name, '', name)
    worker.say('pause function paused')
    expect(worker.play('PRE_SLEEP')).toEqual(['NOOP'])
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f f'])
    expect(worker.play('GRAB_JOB')).toEqual(['NO_JOB'])
  })

  test('gets the jobs of a lost worker back, and lets those that run end', () => {
    const server = new TestServer()
    const [client, worker] = [server.connect(), server.worker('f')]
    for (const data of ['1', '2']) client.play('SUBMIT_JOB', 'f', '', data)
    client.look()
    worker.play('GRAB_JOB')
    worker.play('GRAB_JOB')
    client.say('pause function f')
    worker.play('WORK_COMPLETE', 'H:test:1', 'done')
    expect(client.look()).toEqual(['WORK_COMPLETE H:test:1 done'])
    worker.leave()
    expect(server.worker('f').play('GRAB_JOB')).toEqual(['NO_JOB'])
    expect(client.say('list functions')).toBe('f\tpaused\t1\t0\t0\t1\t0\t0\t0\n.\n')
  })

  test('wakes as many workers as its jobs would have, and none when it was not paused', () => {
    const server = new TestServer({ workerWakeup: 1 })
    const client = server.connect()
    const workers = [server.worker(), server.worker(), server.worker()]
    for (const worker of workers) worker.play('PRE_SLEEP')
    client.say('pause function f')
    for (const data of ['1', '2']) client.play('SUBMIT_JOB_BG', 'f', '', data)
    client.say('resume function f')
    client.say('resume function f')
    expect(workers.map((worker) => worker.look())).toEqual([['NOOP'], ['NOOP'], []])
  })

  test('is a new one when it was dropped', () => {
    const server = new TestServer()
    const peer = server.connect()
    peer.say('create function f')
    peer.say('pause function f')
    peer.say('drop function f')
    peer.say('create function f')
    expect(peer.say('list functions')).toContain('f\tactive\t')
  })
})

describe('purge', () => {
  test('cancels what does not run, and tells the clients', () => {
    const server = new TestServer()
    const [client, worker] = [server.connect(), server.worker('f')]
    client.play('SUBMIT_JOB_HIGH', 'f', '', 'runs')
    client.play('SUBMIT_JOB', 'f', '', 'waits')
    client.play('SUBMIT_JOB_EPOCH', 'f', '', IN_A_MINUTE, 'later')
    client.play('SUBMIT_JOB', 'g', '', 'other')
    client.look()
    worker.play('GRAB_JOB')
    const admin = server.connect()
    expect(admin.say('purge function f')).toBe('OK 2\r\n')
    expect(admin.say('purge function f')).toBe('OK 0\r\n')
    expect(client.look()).toEqual(['WORK_FAIL H:test:2'])
    expect(admin.say('status')).toBe('f\t1\t1\t1\ng\t1\t0\t0\n.\n')
    expect(server.clock.timerCount).toBe(0)
  })
})

describe('kick', () => {
  test('makes a job due that waits for its time, and wakes a worker for it', () => {
    const server = new TestServer()
    const [client, worker] = [server.connect(), server.worker('f')]
    worker.play('PRE_SLEEP')
    client.play('SUBMIT_JOB_EPOCH', 'f', '', IN_A_MINUTE, 'x')
    expect(client.say('kick job H:test:1')).toBe('OK 1\r\n')
    expect(client.say('kick job H:test:1')).toBe('OK 0\r\n')
    expect(worker.look()).toEqual(['NOOP'])
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
    expect(server.clock.timerCount).toBe(0)
    // It stays due when its worker is lost.
    worker.leave()
    expect(server.worker('f').play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
  })

  test('takes the oldest ones of a function first', () => {
    const server = new TestServer()
    const client = server.connect()
    for (const data of ['1', '2', '3']) {
      client.play('SUBMIT_JOB_EPOCH', 'f', '', IN_A_MINUTE, data)
    }
    client.play('SUBMIT_JOB_EPOCH', 'g', '', IN_A_MINUTE, 'other')
    expect(client.say('kick function f 2')).toBe('OK 2\r\n')
    expect(client.say('list functions')).toContain('f\tactive\t2\t1\t')
    expect(client.say('kick function f')).toBe('OK 1\r\n')
    expect(client.say('list functions')).toContain('g\tactive\t0\t1\t')
  })
})

describe('what these commands refuse', () => {
  const unknown = 'ERR UNKNOWN_FUNCTION\r\n'
  const wrongNumber = 'ERR INVALID_ARGUMENTS The+number+must+be+a+whole+number+from+1+on\r\n'
  const incomplete = (command: string): string =>
    `ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+${command}\r\n`

  test.each([
    ['list', incomplete('list')],
    ['list jobs', incomplete('list')],
    ['list nothing', 'ERR UNKNOWN_LIST_ARGUMENTS\r\n'],
    ['list jobs unknown', unknown],
    ['list jobs f 0', wrongNumber],
    ['list jobs f -1', wrongNumber],
    ['list jobs f many', wrongNumber],
    ['pause', incomplete('pause')],
    ['pause function', incomplete('pause')],
    ['Pause job f', incomplete('Pause')],
    ['pause function F', unknown],
    ['resume function unknown', unknown],
    ['purge function unknown', unknown],
    ['purge job f', incomplete('purge')],
    ['kick', incomplete('kick')],
    ['kick job', incomplete('kick')],
    ['kick job H:test:1', 'ERR UNKNOWN_JOB\r\n'],
    ['kick function unknown', unknown],
    ['kick function f 0', wrongNumber],
  ])('%s', (command, reply) => {
    const peer = new TestServer().connect()
    peer.say('create function f')
    expect(peer.say(command)).toBe(reply)
  })
})
