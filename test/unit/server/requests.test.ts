import { describe, expect, test } from 'vitest'
import type { PacketName } from '../../../src/protocol/packets.ts'
import { TestServer } from './server-harness.ts'

const TRUNCATED = 'ERROR INVALID_PACKET An argument of the packet is missing'
const TOO_LARGE = 'ERROR ARGUMENT_TOO_LARGE An argument of the packet is too large'
const UNIQUE_TOO_LARGE = 'ERROR ARGUMENT_TOO_LARGE Unique value too large'

describe('a packet that lacks an argument', () => {
  test.each([
    ['SUBMIT_JOB', ['f', 'u']],
    ['SUBMIT_JOB', ['f']],
    ['SUBMIT_JOB', ['']],
    ['SUBMIT_JOB_LOW_BG', ['f', 'u']],
    ['SUBMIT_JOB_EPOCH', ['f', 'u', '0']],
    ['SUBMIT_REDUCE_JOB', ['f', 'u', 'r', 'data']],
    ['SUBMIT_REDUCE_JOB_BACKGROUND', ['f', 'u', 'r', 'data']],
    ['CAN_DO_TIMEOUT', ['f']],
    ['WORK_COMPLETE', ['H:test:1']],
    ['WORK_DATA', ['']],
    ['WORK_STATUS', ['H:test:1', '1']],
    ['WORK_EXCEPTION', ['H:test:1']],
  ] as readonly (readonly [PacketName, readonly string[]])[])(
    '%s %j gets an error, and the next packet is read as usual',
    (name, args) => {
      const peer = new TestServer().connect()
      expect(peer.play(name, ...args)).toEqual([TRUNCATED])
      expect(peer.play('ECHO_REQ', 'x')).toEqual(['ECHO_RES x'])
    },
  )
})

describe('sizes', () => {
  test('a unique id of exactly 64 bytes is whole: it coalesces, is found, and reaches the worker', () => {
    const server = new TestServer()
    const client = server.connect()
    const unique = 'u'.repeat(64)
    expect(client.play('SUBMIT_JOB', 'f', unique, 'A')).toEqual(['JOB_CREATED H:test:1'])
    expect(client.play('SUBMIT_JOB', 'f', unique, 'B')).toEqual(['JOB_CREATED H:test:1'])
    expect(client.play('GET_STATUS_UNIQUE', unique)).toEqual([
      `STATUS_RES_UNIQUE ${unique} 1 0 0 0 2`,
    ])
    expect(server.worker().play('GRAB_JOB_UNIQ')).toEqual([
      `JOB_ASSIGN_UNIQ H:test:1 f ${unique} A`,
    ])
  })

  test('a longer unique id is refused by every packet that has one', () => {
    const peer = new TestServer().connect()
    const unique = 'u'.repeat(65)
    expect(peer.play('SUBMIT_JOB', 'f', unique, 'x')).toEqual([UNIQUE_TOO_LARGE])
    expect(peer.play('SUBMIT_JOB_EPOCH', 'f', unique, '0', 'x')).toEqual([UNIQUE_TOO_LARGE])
    expect(peer.play('SUBMIT_REDUCE_JOB', 'f', unique, 'r', '', 'x')).toEqual([UNIQUE_TOO_LARGE])
    expect(peer.play('SUBMIT_REDUCE_JOB', 'f', 'u', unique, '', 'x')).toEqual([UNIQUE_TOO_LARGE])
    expect(peer.play('GET_STATUS_UNIQUE', unique)).toEqual([UNIQUE_TOO_LARGE])
  })

  test('arguments over the limit are refused, data may be of any size', () => {
    const server = new TestServer({ maxArgumentBytes: 1000 })
    const peer = server.connect()
    const [fits, large] = ['n'.repeat(1000), 'n'.repeat(1001)]
    expect(peer.play('CAN_DO', fits)).toEqual([])
    expect(peer.play('CAN_DO', large)).toEqual([TOO_LARGE])
    expect(peer.play('CAN_DO_TIMEOUT', large, '1')).toEqual([TOO_LARGE])
    expect(peer.play('SET_CLIENT_ID', large)).toEqual([TOO_LARGE])
    expect(peer.play('SUBMIT_JOB_BG', large, '', 'x')).toEqual([TOO_LARGE])
    expect(peer.play('SUBMIT_JOB_BG', fits, '', 'x'.repeat(5000))).toEqual(['JOB_CREATED H:test:1'])
    expect(peer.play('GRAB_JOB')).toEqual([`JOB_ASSIGN H:test:1 ${fits} ${'x'.repeat(5000)}`])
    expect(server.table.functions.has(large)).toBe(false)
  })

  test('handles that no server makes get an answer too', () => {
    const peer = new TestServer().connect()
    const handle = 'h'.repeat(64)
    const error =
      'ERROR ARGUMENT_TOO_LARGE Error occurred due to GEARMAND_JOB_HANDLE_SIZE being too small from snprintf'
    expect(peer.play('GET_STATUS', handle)).toEqual([error])
    expect(peer.play('WORK_FAIL', handle)).toEqual([error])
    expect(peer.play('GET_STATUS', 'H:test:')).toEqual(['STATUS_RES H:test: 0 0 0 0'])
  })

  test('a handle is found by its exact text only', () => {
    const server = new TestServer()
    const peer = server.connect()
    peer.play('SUBMIT_JOB_BG', 'f', '', 'x')
    for (const handle of [
      'H:test:01',
      'H:test:1 ',
      'h:test:1',
      'H:test:+1',
      'H:tess:1',
      'H:test:1x',
    ]) {
      expect(peer.play('GET_STATUS', handle)).toEqual([`STATUS_RES ${handle} 0 0 0 0`])
    }
    expect(peer.play('GET_STATUS', 'H:test:1')).toEqual(['STATUS_RES H:test:1 1 0 0 0'])
  })

  test('a denominator that gearmand would not pass on is refused', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    expect(worker.play('WORK_STATUS', 'H:test:1', '1', '123456789012')).toEqual([
      'ERROR ARGUMENT_TOO_LARGE A number in the packet is too large',
    ])
    expect(client.look()).toEqual([])
  })

  test('large data are kept whole, whether they own their memory or share it', () => {
    const server = new TestServer()
    const client = server.connect()
    const worker = server.worker()
    for (const size of [0, 1, 95, 96, 97, 1023, 1024, 1025, 8192, 100_000]) {
      const data = Buffer.from(Array.from({ length: size }, (_, index) => index % 256))
      const front = Buffer.from('f\0\0')
      const shared = Buffer.alloc(300_000)
      const own = Buffer.concat([front, data])
      own.copy(shared, 1000)
      client.session.onPacket(18, own)
      client.session.onPacket(18, shared.subarray(1000, 1000 + own.length))
      shared.fill(0)
      for (let count = 0; count < 2; count += 1) {
        const [reply = ''] = worker.play('GRAB_JOB')
        expect(reply.endsWith(` f ${data.toString('latin1')}`)).toBe(true)
      }
    }
  })
})

describe('functions', () => {
  test('are told apart by every byte of their names', () => {
    const server = new TestServer()
    const client = server.connect()
    for (const name of ['f', 'F', 'f ', 'ff', '', 'f\xff', 'f\xc3\xbf', 'f']) {
      client.play('SUBMIT_JOB_BG', name, '', name)
    }
    expect(server.table.functions.size).toBe(7)
    expect(server.worker('f\xff').play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:6 f\xff f\xff'])
  })

  test('a dropped function that is named again is a new one', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    expect(client.say('drop function f')).toBe(
      'JOB_CREATED H:test:1WORK_FAIL H:test:1OK\r\n'.slice(20),
    )
    expect(client.play('SUBMIT_JOB', 'f', 'u', 'y')).toEqual(['JOB_CREATED H:test:2'])
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:2 f y'])
  })
})

describe('a server that is shutting down', () => {
  test('refuses every kind of submission, and goes on with all else', () => {
    const server = new TestServer()
    const peer = server.worker()
    peer.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    server.submissions.isClosed = true
    const refused = 'ERROR SHUTDOWN Server is shutting down'
    expect(peer.play('SUBMIT_JOB', 'f', 'u', 'x')).toEqual([refused])
    expect(peer.play('SUBMIT_JOB_EPOCH', 'g', '', '0', 'x')).toEqual([refused])
    expect(peer.play('SUBMIT_REDUCE_JOB', 'g', '', 'r', '', 'x')).toEqual([refused])
    expect(peer.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
  })
})
