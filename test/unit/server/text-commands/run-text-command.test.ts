import { describe, expect, test } from 'vitest'
import { SERVER_VERSION } from '../../../../src/server/version.ts'
import { TestServer } from '../server-harness.ts'

describe('text commands', () => {
  test('tell version, process id and log level', () => {
    const admin = new TestServer().connect()
    expect(admin.say('version')).toBe(`OK ${SERVER_VERSION}\n`)
    expect(admin.say('getpid')).toBe(`OK ${process.pid}\n`)
    expect(admin.say('verbose')).toBe('OK ERROR\n')
  })

  test('list every connection with its id and functions', () => {
    const server = new TestServer()
    const worker = server.worker('f')
    worker.play('CAN_DO', 'g')
    worker.play('SET_CLIENT_ID', 'me')
    expect(server.connect().say('workers')).toBe('1 127.0.0.1 me : g f\n2 127.0.0.1 - :\n.\n')
  })

  test('names with tabs and line ends do not forge rows and columns', () => {
    const server = new TestServer()
    const peer = server.worker('evil\t9\n.\nname')
    peer.play('SET_CLIENT_ID', 'two\nlines')
    peer.play('SUBMIT_JOB_BG', 'evil\t9\n.\nname', 'u\nv', 'x')
    expect(peer.say('status')).toContain('evil?9?.?name\t1\t0\t1\n.\n')
    expect(peer.say('prioritystatus')).toBe('evil?9?.?name\t0\t1\t0\t1\n.\n')
    expect(peer.say('workers')).toBe('1 127.0.0.1 two?lines : evil?9?.?name\n.\n')
    expect(peer.say('show unique jobs')).toBe('u?v\n.\n')
  })

  test('stop the server, at once or gracefully, and are answered before', () => {
    const server = new TestServer()
    const admin = server.connect()
    expect(admin.say('shutdown')).toBe('OK\r\n')
    expect(admin.say('SHUTDOWN graceful')).toBe('OK\r\n')
    expect(server.shutdowns).toEqual([false, true])
  })

  test('that stop the server or keep work from being done are not for everybody', () => {
    const server = new TestServer()
    const stranger = server.connect('192.0.2.1')
    stranger.say('create function f')
    const commands = [
      ...['shutdown', 'Shutdown graceful', 'DROP function f'],
      ...['pause function f', 'resume function f', 'purge function f'],
    ]
    for (const command of commands) {
      const [name = ''] = command.toLowerCase().split(' ')
      const refusal = `ERR NOT_ALLOWED The+command+${name}+is+not+allowed+from+192.0.2.1\r\n`
      expect(stranger.say(command)).toBe(refusal)
    }
    expect(server.shutdowns).toEqual([])
    expect(stranger.say('status')).toBe('f\t0\t0\t0\n.\n')
  })

  test('drop a function with its queued jobs; their clients are told', () => {
    const server = new TestServer()
    const [client, admin] = [server.connect(), server.connect()]
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    client.play('SUBMIT_JOB_EPOCH', 'f', '', '2000000000', 'later')
    client.play('SUBMIT_JOB', 'g', 'u', 'x')
    client.look()
    expect(admin.say('drop function f')).toBe('OK\r\n')
    expect(client.look()).toEqual(['WORK_FAIL H:test:1'])
    expect(admin.say('show jobs')).toBe('H:test:3\t0\t0\t0\n.\n')
    expect(server.clock.timerCount).toBe(0)
  })

  test('create a function whose name keeps its last letter', () => {
    const server = new TestServer()
    expect(server.connect().say('create function name')).toBe('OK\r\n')
    expect([...server.table.functions.keys()]).toEqual(['name'])
  })

  test.each([
    ['maxqueue f 2', [2, 2, 2]],
    ['maxqueue f 2 3', [2, 3, 0]],
    ['maxqueue f 2 3 4', [2, 3, 4]],
    ['maxqueue f -1 x 99999999999', [0, 0, 4_294_967_295]],
    ['maxqueue f', [0, 0, 0]],
    ['maxqueue f 1 2 3 4', [1, 2, 3]],
  ])('%s sets the limits %j', (line, limits) => {
    const server = new TestServer()
    const queue = server.table.openFunction('f')
    queue.limits[0] = 7
    expect(server.connect().say(line)).toBe('OK\r\n')
    expect(queue.limits).toEqual(limits)
  })
})
