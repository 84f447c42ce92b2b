import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import { parseFailedList } from '../../../src/protocol/admin-failed-replies.ts'
import type { AdminReply } from '../../../src/protocol/admin-reply.ts'
import { linesOf } from '../../helpers/recorded-admin-replies.ts'

function reply(text: string): AdminReply {
  return { command: 'list failed', server: 'a:4730', lines: linesOf(text) }
}

describe('list failed', () => {
  it('tells what is known of each job, and ignores further columns', () => {
    const text =
      'H:a:1\tf\texception\thigh\t1.500\t2.000\t1\t10\t4\tYm9vbQ==\tu 1\tnew\n' +
      'H:a:2\tg\tlost\tlow\t0.000\t0.001\t3\t0\t0\t-\t\n.\n'
    expect(parseFailedList(reply(text))).toEqual([
      {
        ...{ handle: 'H:a:1', task: 'f', unique: 'u 1', reason: 'exception', priority: 'high' },
        ...{ acceptedAt: 1500, failedAt: 2000, retries: 1, bytes: 10 },
        ...{ exception: Buffer.from('boom'), exceptionBytes: 4 },
      },
      {
        ...{ handle: 'H:a:2', task: 'g', unique: '', reason: 'lost', priority: 'low' },
        ...{ acceptedAt: 0, failedAt: 1, retries: 3, bytes: 0 },
        ...{ exception: undefined, exceptionBytes: 0 },
      },
    ])
  })

  it.each([
    'f\n.\n',
    'H:a:1\tf\tbad\thigh\t1.500\t2.000\t1\t10\t0\t-\t\n.\n',
    'H:a:1\tf\tlost\tmiddle\t1.500\t2.000\t1\t10\t0\t-\t\n.\n',
    'H:a:1\tf\tlost\thigh\t1.5\t2.000\t1\t10\t0\t-\t\n.\n',
    'H:a:1\tf\tlost\thigh\t1.500\t2.000\t1\tx\t0\t-\t\n.\n',
    'H:a:1\tf\tlost\thigh\t1.500\t2.000\t1\t10\t0\t?\t\n.\n',
    'H:a:1\tf\tlost\thigh\t1.500\t2.000\t1\t10\t0\t-\n.\n',
  ])('refuses %j', (text) => {
    expect(() => parseFailedList(reply(text))).toThrow(ProtocolError)
  })
})
