import { describe, expect, it } from 'vitest'
import { ProtocolError, ServerError } from '../../../src/errors.ts'
import {
  parseCount,
  parseFunctionList,
  parseJobList,
} from '../../../src/protocol/admin-list-replies.ts'
import type { AdminReply } from '../../../src/protocol/admin-reply.ts'
import { linesOf } from '../../helpers/recorded-admin-replies.ts'

function reply(text: string): AdminReply {
  return { command: 'list', server: 'a:4730', lines: linesOf(text) }
}

describe('list functions', () => {
  it('tells the state and the limits of each task, and ignores further columns', () => {
    const text = 'f\tactive\t3\t2\t1\t4\t0\t0\t0\ng\tpaused\t0\t0\t0\t0\t7\t8\t9\tnew\n.\n'
    expect(parseFunctionList(reply(text))).toEqual([
      {
        ...{ task: 'f', paused: false, waiting: 3, delayed: 2, running: 1, workers: 4 },
        maxqueue: { high: undefined, normal: undefined, low: undefined },
      },
      {
        ...{ task: 'g', paused: true, waiting: 0, delayed: 0, running: 0, workers: 0 },
        maxqueue: { high: 7, normal: 8, low: 9 },
      },
    ])
    expect(parseFunctionList(reply('.\n'))).toEqual([])
  })

  it.each([
    'f\n.\n',
    'f\tasleep\t0\t0\t0\t0\t0\t0\t0\n.\n',
    'f\tactive\t0\t0\t0\t0\t0\t0\n.\n',
    'f\tactive\t0\t0\tx\t0\t0\t0\t0\n.\n',
  ])('refuses %j', (text) => {
    expect(() => parseFunctionList(reply(text))).toThrow(ProtocolError)
  })

  it('passes on that gearmand does not know the command', () => {
    const text = 'ERR UNKNOWN_COMMAND Unknown+server+commandlist\r\n'
    expect(() => parseFunctionList(reply(text))).toThrow(
      expect.objectContaining({ serverCode: 'UNKNOWN_COMMAND' }),
    )
  })
})

describe('list jobs', () => {
  it('tells what is known of each job', () => {
    const text =
      'H:a:1\trunning\thigh\t0\t2\t1.250\t1\t10\t0\t7\tu 1\nH:a:2\tdelayed\tlow\t1\t0\t0.001\t0\t0\t2000000000\t-\t\n.\n'
    expect(parseJobList(reply(text))).toEqual([
      {
        ...{ handle: 'H:a:1', unique: 'u 1', state: 'running', priority: 'high' },
        ...{ background: false, clients: 2, age: 1250, retries: 1, bytes: 10 },
        ...{ runAt: undefined, worker: 7 },
      },
      {
        ...{ handle: 'H:a:2', unique: '', state: 'delayed', priority: 'low' },
        ...{ background: true, clients: 0, age: 1, retries: 0, bytes: 0 },
        ...{ runAt: 2_000_000_000_000, worker: undefined },
      },
    ])
  })

  it.each([
    'H:a:1\n.\n',
    '\twaiting\thigh\t0\t0\t0.000\t0\t0\t0\t-\t\n.\n',
    'H:a:1\tlost\thigh\t0\t0\t0.000\t0\t0\t0\t-\t\n.\n',
    'H:a:1\twaiting\turgent\t0\t0\t0.000\t0\t0\t0\t-\t\n.\n',
    'H:a:1\twaiting\thigh\t2\t0\t0.000\t0\t0\t0\t-\t\n.\n',
    'H:a:1\twaiting\thigh\t0\t0\t0\t0\t0\t0\t-\t\n.\n',
    'H:a:1\twaiting\thigh\t0\tx\t0.000\t0\t0\t0\t-\t\n.\n',
    'H:a:1\twaiting\thigh\t0\t0\t0.000\t0\t0\t0\tx\t\n.\n',
    'H:a:1\twaiting\thigh\t0\t0\t0.000\t0\t0\t0\t-\n.\n',
  ])('refuses %j', (text) => {
    expect(() => parseJobList(reply(text))).toThrow(ProtocolError)
  })
})

describe('purge and kick', () => {
  it('tell how many jobs they met', () => {
    expect(parseCount(reply('OK 12\r\n'))).toBe(12)
  })

  it.each(['OK\r\n', 'OK x\r\n', '12\r\n', ''])('refuse %j', (text) => {
    expect(() => parseCount(reply(text))).toThrow(ProtocolError)
  })

  it('pass an error on', () => {
    expect(() => parseCount(reply('ERR UNKNOWN_FUNCTION\r\n'))).toThrow(ServerError)
  })
})
