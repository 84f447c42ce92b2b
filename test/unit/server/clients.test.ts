import { describe, expect, test } from 'vitest'
import { TestServer } from './server-harness.ts'

describe('a job and its clients', () => {
  test('is dropped when its last foreground client leaves before it is grabbed', () => {
    const server = new TestServer()
    const [one, two] = [server.connect(), server.connect()]
    one.play('SUBMIT_JOB', 'f', 'u', 'x')
    two.play('SUBMIT_JOB', 'f', 'u', 'x')
    one.leave()
    expect(server.status()).toBe('1 0 0')
    two.leave()
    expect(server.status()).toBe('0 0 0')
    expect(server.worker().play('GRAB_JOB')).toEqual(['NO_JOB'])
    expect(server.outcomes).toEqual(['abandoned'])
  })

  test('stays when a background submission joined it, and its clients leave', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    expect(server.connect().play('SUBMIT_JOB_BG', 'f', 'u', 'y')).toEqual(['JOB_CREATED H:test:1'])
    client.leave()
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
  })

  test('of the background stays when a foreground client joined it and left', () => {
    const server = new TestServer()
    server.connect().play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'y')
    client.leave()
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
  })

  test('that runs and was abandoned is revived by a submission that joins it', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    client.leave()
    expect(worker.say('show jobs')).toBe('H:test:1\t0\t1\t0\n.\n')
    const other = server.connect()
    expect(other.play('SUBMIT_JOB', 'f', 'u', 'y')).toEqual(['JOB_CREATED H:test:1'])
    expect(worker.say('show jobs')).toBe('H:test:1\t0\t0\t0\n.\n')
    worker.play('WORK_COMPLETE', 'H:test:1', 'result')
    expect(other.look()).toEqual(['WORK_COMPLETE H:test:1 result'])
  })

  test('that runs and was abandoned ends with its worker', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    client.leave()
    worker.leave()
    expect(server.status()).toBe('0 0 0')
  })

  test('that runs and was abandoned takes its result without an error', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    client.leave()
    expect(worker.play('WORK_COMPLETE', 'H:test:1', 'r')).toEqual([])
    expect(server.status()).toBe('0 0 1')
  })

  test('a connection that is client and worker of one job takes it along when it is lost', () => {
    const server = new TestServer()
    const peer = server.worker()
    const other = server.worker()
    other.play('PRE_SLEEP')
    peer.play('SUBMIT_JOB', 'f', '', 'x')
    other.look()
    peer.play('GRAB_JOB')
    peer.leave()
    expect(other.look()).toEqual([])
    expect(server.status()).toBe('0 0 1')
  })

  test('leaving takes a thousand waiting jobs along, and touches no others', () => {
    const server = new TestServer()
    const [leaving, staying] = [server.connect(), server.connect()]
    for (let count = 0; count < 1000; count += 1) {
      leaving.play('SUBMIT_JOB', 'f', '', 'x')
      staying.play('SUBMIT_JOB', 'f', '', 'y')
    }
    leaving.leave()
    expect(server.status()).toBe('1000 0 0')
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:2 f y'])
  })
})

describe('cancelling', () => {
  test('a queued job ends it: its clients get WORK_FAIL, it is gone at once', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    expect(server.connect().say('cancel job H:test:1')).toBe('OK\r\n')
    expect(client.look()).toEqual(['WORK_FAIL H:test:1'])
    expect(client.play('GET_STATUS', 'H:test:1')).toEqual(['STATUS_RES H:test:1 0 0 0 0'])
    expect(client.say('cancel job H:test:1')).toBe('ERR UNKNOWN_JOB\r\n')
    expect(server.status()).toBe('0 0 0')
  })

  test('a running job sends one final packet only, whatever its worker still says', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    expect(client.say('cancel job H:test:1')).toBe('WORK_FAIL H:test:1OK\r\n')
    expect(client.say('cancel job H:test:1')).toBe('OK\r\n')
    expect(worker.play('WORK_DATA', 'H:test:1', 'd')).toEqual([])
    expect(client.say('show jobs')).toBe('H:test:1\t0\t1\t0\n.\n')
    expect(worker.play('WORK_COMPLETE', 'H:test:1', 'r')).toEqual([])
    expect(client.look()).toEqual([])
    expect(server.outcomes).toEqual(['cancelled'])
  })

  test('a running job frees its unique id for a new one', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    client.say('cancel job H:test:1')
    expect(client.play('SUBMIT_JOB', 'f', 'u', 'y')).toEqual(['JOB_CREATED H:test:2'])
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    expect(client.play('SUBMIT_JOB', 'f', 'u', 'z')).toEqual(['JOB_CREATED H:test:2'])
  })

  test('a running job is not given to another worker', () => {
    const server = new TestServer()
    server.connect().play('SUBMIT_JOB_BG', 'f', '', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    server.connect().say('cancel job H:test:1')
    worker.leave()
    expect(server.worker().play('GRAB_JOB')).toEqual(['NO_JOB'])
  })
})

describe('exceptions', () => {
  test('reach who asked; who did not gets WORK_FAIL without a stray NUL', () => {
    const server = new TestServer()
    const [asking, other] = [server.connect(), server.connect()]
    asking.play('OPTION_REQ', 'exceptions')
    asking.play('SUBMIT_JOB', 'f', 'u', 'x')
    other.play('SUBMIT_JOB', 'f', 'u', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play('WORK_EXCEPTION', 'H:test:1', 'boom')
    expect(asking.look()).toEqual(['WORK_EXCEPTION H:test:1 boom'])
    expect(other.look()).toEqual(['WORK_FAIL H:test:1'])
    expect(server.outcomes).toEqual(['exception'])
  })

  test('a failure reported with a NUL behind the handle reaches clients without it', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    expect(worker.play('WORK_FAIL', 'H:test:1\0')).toEqual([])
    expect(client.look()).toEqual(['WORK_FAIL H:test:1'])
  })
})

describe('a result that is too large to be taken', () => {
  test('fails its job, so that its clients do not wait for ever, and is refused', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.session.onOversized(13, Buffer.from('H:test:1\0xxxxxxxx'))
    expect(worker.look()).toEqual([
      'ERROR ARGUMENT_TOO_LARGE The packet is larger than the server allows',
    ])
    expect(client.look()).toEqual(['WORK_FAIL H:test:1'])
  })

  test('leaves the jobs of other workers alone', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    server.worker().play('GRAB_JOB')
    server.connect().session.onOversized(13, Buffer.from('H:test:1\0xxxxxxxx'))
    expect(client.look()).toEqual([])
  })
})

describe('the age of a job', () => {
  test('counts from when it was accepted, whatever happens to it', () => {
    const server = new TestServer()
    server.connect().play('SUBMIT_JOB_BG', 'f', '', 'x')
    const [job] = server.table.handles
    server.clock.advance(1500)
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.leave()
    server.clock.advance(500)
    expect(job && server.table.ageMs(job)).toBe(2000)
  })
})
