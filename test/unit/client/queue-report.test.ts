import { describe, expect, test } from 'vitest'
import { ClientSession } from '../../../src/client/client-session.ts'
import { QueueReport } from '../../../src/client/queue-report.ts'
import { ServerError } from '../../../src/errors.ts'
import { FakeLink } from '../../helpers/fake-link.ts'

const answer = (report: QueueReport, ...lines: string[]): boolean[] =>
  lines.map((line) => report.onLine(line))

describe('the report of a server about its queues', () => {
  test('is nothing before the first one', () => {
    const report = new QueueReport('gear:4730')
    report.onSent('mail')
    expect(report.jobs('mail')).toBeUndefined()
    expect(report.isWanted).toBe(true)
  })

  test('counts the jobs of each task, those that run included', () => {
    const report = new QueueReport('gear:4730')
    report.begin()
    expect(report.isWanted).toBe(false)
    expect(answer(report, 'mail\t7\t2\t3', 'two\twords\t1\t0\t0', '.')).toEqual([
      false,
      false,
      true,
    ])
    expect(report.isWanted).toBe(true)
    expect(report.jobs('mail')).toBe(7)
    expect(report.jobs('two\twords')).toBe(1)
    expect(report.jobs('unheard of')).toBe(0)
  })

  test('adds what was sent since it was asked for, and forgets what it counts itself', () => {
    const report = new QueueReport('gear:4730')
    report.begin()
    report.onSent('mail')
    answer(report, 'mail\t7\t0\t0', '.')
    expect(report.jobs('mail')).toBe(8)
    report.onSent('mail')
    expect(report.jobs('mail')).toBe(9)
    report.begin()
    expect(report.jobs('mail')).toBe(9)
    report.onSent('mail')
    expect(report.jobs('mail')).toBe(10)
    answer(report, 'mail\t9\t0\t0', '.')
    expect(report.jobs('mail')).toBe(10)
  })

  test.each([['ERR UNKNOWN_COMMAND Unknown+server+command'], ['mail\tmany\t0\t0', '.']])(
    'is not asked for again of a server that answers %j',
    (...lines) => {
      const report = new QueueReport('gear:4730')
      report.begin()
      expect(answer(report, ...lines).at(-1)).toBe(true)
      expect(report.isWanted).toBe(false)
      expect(report.jobs('mail')).toBeUndefined()
    },
  )

  test('is not asked for again after an ERROR packet either', () => {
    const report = new QueueReport('gear:4730')
    report.begin()
    report.onServerError(new ServerError('NOPE', ''))
    expect(report.isWanted).toBe(false)
  })
})

describe('a client session that probes', () => {
  test('asks for one report at a time, between the packets', () => {
    const link = new FakeLink()
    const session = new ClientSession(link)
    expect(session.reportedJobs('mail')).toBeUndefined()
    session.probeQueues()
    session.probeQueues()
    expect(link.sent).toEqual(['status\n'])
    for (const line of ['mail\t2\t1\t1', '.']) session.onLine(Buffer.from(line))
    expect(session.reportedJobs('mail')).toBe(2)
    session.probeQueues()
    expect(link.sent).toHaveLength(2)
  })
})
