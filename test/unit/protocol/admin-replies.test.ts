import { describe, expect, it } from 'vitest'
import { ProtocolError, ServerError } from '../../../src/errors.ts'
import {
  parseDone,
  parseJobs,
  parsePid,
  parsePriorityStatus,
  parseStatus,
  parseUniqueJobs,
  parseVerbose,
  parseVersion,
  parseWorkers,
} from '../../../src/protocol/admin-replies.ts'
import type { AdminReply } from '../../../src/protocol/admin-reply.ts'
import * as recorded from '../../helpers/recorded-admin-replies.ts'

const reply = (text: string): AdminReply => ({
  command: 'the command',
  server: 'a:1',
  lines: recorded.linesOf(text),
})

function errorOf(parse: (reply: AdminReply) => unknown, text: string): unknown {
  try {
    parse(reply(text))
  } catch (error) {
    return error
  }
  throw new Error(`${JSON.stringify(text)} was parsed`)
}

describe('version, getpid and verbose', () => {
  it('come without the OK that gearmand puts in front', () => {
    expect(parseVersion(reply(recorded.VERSION))).toBe('1.1.20+ds')
    expect(parsePid(reply(recorded.PID))).toBe(10_950)
    expect(parseVerbose(reply(recorded.VERBOSE))).toBe('ERROR')
  })

  it('a version may hold words, or come without OK from servers other than gearmand', () => {
    expect(parseVersion(reply('OK 1.1.20 gearman-sdk/0.1.0\n'))).toBe('1.1.20 gearman-sdk/0.1.0')
    expect(parseVersion(reply('1.130\r\n'))).toBe('1.130')
  })

  it.each(['OK\n', 'OK \n', 'KO 1\n', '\n', ''])('refuse %j', (text) => {
    for (const parse of [parseVersion, parsePid, parseVerbose]) {
      expect(() => parse(reply(text))).toThrow(ProtocolError)
    }
  })

  it('a process id must be a number', () => {
    for (const text of ['OK x\n', 'OK 1.5\n', 'OK -1\n', 'OK 99999999999999999999\n']) {
      expect(() => parsePid(reply(text))).toThrow(ProtocolError)
    }
  })
})

describe('commands that do something', () => {
  it('are done with OK, or with one OK for each function dropped', () => {
    expect(parseDone(reply(recorded.DONE))).toBeUndefined()
    expect(parseDone(reply(recorded.DROPPED_TWO))).toBeUndefined()
  })

  it('fail when one of several functions could not be dropped', () => {
    expect(() => parseDone(reply(recorded.DONE + recorded.STILL_CONNECTED))).toThrow(ServerError)
  })

  it('are not done without a line, or with one that says something else', () => {
    expect(() => parseDone(reply(''))).toThrow(ProtocolError)
    expect(() => parseDone(reply('done\r\n'))).toThrow(ProtocolError)
  })
})

describe('an ERR line', () => {
  it.each([
    [recorded.UNKNOWN_JOB, 'UNKNOWN_JOB', ''],
    [recorded.UNKNOWN_SHUTDOWN, 'UNKNOWN_COMMAND', 'Unknown server commandshutdown'],
    [
      recorded.INCOMPLETE,
      'INVALID_ARGUMENTS',
      'An incomplete set of arguments was sent to this command drop',
    ],
    [recorded.NOT_FOUND, 'ERR', 'function not found'],
    [recorded.STILL_CONNECTED, 'ERR', 'there are still connected workers or executing clients'],
    [
      'ERR unknown_command Unknown+server+command%3F\r\n',
      'unknown_command',
      'Unknown server command?',
    ],
    ['ERR CODE 100%+sure\n', 'CODE', '100% sure'],
    ['ERR CODE a+b and c\n', 'CODE', 'a+b and c'],
    ['ERR\r\n', 'ERR', ''],
  ])('%j becomes a ServerError with its code and its text', (text, serverCode, serverText) => {
    for (const parse of [parseDone, parseVersion, parsePid, parseVerbose]) {
      const error = errorOf(parse, text)
      expect(error).toBeInstanceOf(ServerError)
      expect(error).toMatchObject({ serverCode, serverText, server: 'a:1' })
    }
  })

  it('may come in place of every table', () => {
    for (const parse of [
      parseStatus,
      parsePriorityStatus,
      parseWorkers,
      parseJobs,
      parseUniqueJobs,
    ]) {
      expect(errorOf(parse, recorded.UNKNOWN_SHOW)).toMatchObject({
        serverCode: 'UNKNOWN_SHOW_ARGUMENTS',
      })
    }
  })
})

describe('tables', () => {
  const parsers = [parseStatus, parsePriorityStatus, parseWorkers, parseJobs, parseUniqueJobs]

  it('may be empty', () => {
    for (const parse of parsers) expect(parse(reply(recorded.EMPTY_TABLE))).toEqual([])
  })

  it('are refused without the dot that ends them', () => {
    for (const parse of parsers) {
      expect(() => parse(reply(''))).toThrow(ProtocolError)
      expect(() => parse(reply('a\t1\t1\t1\n'))).toThrow(/without its dot after 1 lines/)
    }
  })

  it('read the same whether lines end with LF or CRLF', () => {
    for (const [parse, text] of [
      [parseStatus, recorded.STATUS],
      [parsePriorityStatus, recorded.PRIORITY_STATUS],
      [parseWorkers, recorded.WORKERS],
      [parseJobs, recorded.JOBS],
      [parseUniqueJobs, recorded.UNIQUE_JOBS],
    ] as const) {
      expect(parse(reply(text.replaceAll('\n', '\r\n')))).toEqual(parse(reply(text)))
    }
  })

  it('may have any number of rows', () => {
    const count = 20_000
    const text = Array.from({ length: count }, (_, index) => `task-${index}\t${index}\t0\t3\n`)
    const rows = parseStatus(reply(`${text.join('')}.\n`))
    expect(rows).toHaveLength(count)
    expect(rows.at(-1)).toEqual({ task: 'task-19999', queued: 19_999, running: 0, workers: 3 })
  })

  it('are refused for the shape of a row, never showing what is in it', () => {
    const error = errorOf(parseStatus, 'secret\tsecret\n.\n')
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ server: 'a:1' })
    expect((error as Error).message).toBe(
      'a:1: "the command" must answer NAME\\tTOTAL\\tRUNNING\\tWORKERS, not 13 characters in 2 columns',
    )
  })
})

describe('status', () => {
  it('has a row for each task, whatever its name', () => {
    expect(parseStatus(reply(recorded.STATUS))).toEqual([
      { task: '', queued: 0, running: 0, workers: 1 },
      { task: 'tab\tfun', queued: 0, running: 0, workers: 0 },
      { task: 'naïve', queued: 0, running: 0, workers: 1 },
      { task: 'reverse', queued: 6, running: 0, workers: 1 },
      { task: 'a : b', queued: 0, running: 0, workers: 1 },
      { task: 'resize', queued: 1, running: 0, workers: 1 },
    ])
  })

  it('ignores columns that are not known yet', () => {
    expect(parseStatus(reply('a\t3\t2\t1\t9\tx\n.\n'))).toEqual([
      { task: 'a', queued: 3, running: 2, workers: 1 },
    ])
  })

  it('may have a task that looks like an error', () => {
    expect(parseStatus(reply('ERR UNKNOWN_JOB\t1\t0\t0\n.\n'))).toEqual([
      { task: 'ERR UNKNOWN_JOB', queued: 1, running: 0, workers: 0 },
    ])
  })

  it.each([recorded.STATUS_WITH_BROKEN_ROW, 'a\n.\n', 'a\t1\t2\n.\n', 'a\t1\tx\t2\n.\n', '\n.\n'])(
    'refuses %j',
    (text) => {
      expect(() => parseStatus(reply(text))).toThrow(ProtocolError)
    },
  )
})

describe('prioritystatus', () => {
  it('counts the jobs of each priority', () => {
    const rows = parsePriorityStatus(reply(recorded.PRIORITY_STATUS))
    expect(rows).toHaveLength(6)
    expect(rows[3]).toEqual({ task: 'reverse', high: 1, normal: 4, low: 1, workers: 1 })
    expect(rows[1]).toEqual({ task: 'tab\tfun', high: 0, normal: 0, low: 0, workers: 0 })
  })

  it('refuses a row of status', () => {
    expect(() => parsePriorityStatus(reply('reverse\t6\t0\t1\n.\n'))).toThrow(ProtocolError)
  })
})

describe('workers (W10)', () => {
  it('reads ids with spaces and colons at the last separator', () => {
    expect(parseWorkers(reply(recorded.WORKERS))).toEqual([
      { fileDescriptor: 40, ip: '127.0.0.1', clientId: '-', tasks: [] },
      { fileDescriptor: 36, ip: '127.0.0.1', clientId: '-', tasks: [] },
      {
        fileDescriptor: 37,
        ip: '127.0.0.1',
        clientId: 'my worker : 1',
        tasks: ['resize', 'reverse'],
      },
      // A task with a separator in its name cannot be told from an id.
      { fileDescriptor: 38, ip: '127.0.0.1', clientId: ' : naïve a', tasks: ['b'] },
    ])
  })

  it.each([
    ['31 127.0.0.1  :\n.\n', '', []],
    ['31 127.0.0.1  : f\n.\n', '', ['f']],
    ['31 127.0.0.1 a b c : f g\n.\n', 'a b c', ['f', 'g']],
    ['31 127.0.0.1 : : f\n.\n', ':', ['f']],
    ['31 127.0.0.1 host:4730/pid:7 : f\n.\n', 'host:4730/pid:7', ['f']],
    ['31 127.0.0.1 - : f:g ::\n.\n', '-', ['f:g', '::']],
  ])('reads %j', (text, clientId, tasks) => {
    expect(parseWorkers(reply(text))).toEqual([
      { fileDescriptor: 31, ip: '127.0.0.1', clientId, tasks },
    ])
  })

  it('takes an IPv6 address as the server prints it', () => {
    expect(parseWorkers(reply(recorded.WORKERS_OVER_IPV6)).map(({ ip }) => ip)).toEqual([
      '::3437:3330:7469:6e70%2007535728',
      '::3338:3033:3800:6e70%2007535728',
    ])
    expect(parseWorkers(reply('7 :: - :\n8 ::1 - : f\n9 fe80::1%eth0 id : f\n.\n'))).toEqual([
      { fileDescriptor: 7, ip: '::', clientId: '-', tasks: [] },
      { fileDescriptor: 8, ip: '::1', clientId: '-', tasks: ['f'] },
      { fileDescriptor: 9, ip: 'fe80::1%eth0', clientId: 'id', tasks: ['f'] },
    ])
  })

  it('puts an id that holds a line end together again', () => {
    expect(parseWorkers(reply(recorded.WORKERS_WITH_BROKEN_ID))).toEqual([
      { fileDescriptor: 36, ip: '127.0.0.1', clientId: '-', tasks: [] },
      { fileDescriptor: 39, ip: '127.0.0.1', clientId: 'two\nlines', tasks: ['reverse'] },
      { fileDescriptor: 40, ip: '127.0.0.1', clientId: '-', tasks: ['resize'] },
    ])
  })

  it.each([
    recorded.WORKERS_WITH_LINE_ENDS,
    '31\n.\n',
    '31 127.0.0.1\n.\n',
    '31 127.0.0.1 -\n.\n',
    '31 127.0.0.1 :\n.\n',
    'x 127.0.0.1 - : f\n.\n',
    '\n.\n',
    'garbage\n31 127.0.0.1 - : f\n.\n',
  ])('refuses %j', (text) => {
    expect(() => parseWorkers(reply(text))).toThrow(ProtocolError)
  })
})

describe('show jobs', () => {
  it('names the columns for what gearmand puts in them', () => {
    const rows = parseJobs(reply(recorded.JOBS))
    expect(rows).toHaveLength(7)
    expect(rows[0]).toEqual({ handle: 'H:vm:1', retries: 0, ignored: false, queued: true })
    expect(rows[2]).toEqual({ handle: 'H:vm:7', retries: 0, ignored: false, queued: false })
    expect(parseJobs(reply('H:a:1\t4\t1\t0\tmore\n.\n'))).toEqual([
      { handle: 'H:a:1', retries: 4, ignored: true, queued: false },
    ])
  })

  it.each(['H:a:1\n.\n', 'H:a:1\t0\t0\n.\n', 'H:a:1\t0\t2\t0\n.\n', '\t0\t0\t0\n.\n'])(
    'refuses %j',
    (text) => {
      expect(() => parseJobs(reply(text))).toThrow(ProtocolError)
    },
  )
})

describe('show unique jobs', () => {
  it('takes each line as it is: empty, a dot, or what looks like an error', () => {
    expect(parseUniqueJobs(reply(recorded.UNIQUE_JOBS)).map(({ unique }) => unique)).toEqual([
      '',
      'ERR UNKNOWN_JOB',
      'dot',
      '.',
      'u-1',
      'fg',
      '.',
      '-',
    ])
  })

  it('is no error when its only row looks like one', () => {
    expect(parseUniqueJobs(reply('ERR UNKNOWN_JOB\n.\n'))).toEqual([{ unique: 'ERR UNKNOWN_JOB' }])
  })
})
