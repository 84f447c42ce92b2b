import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ReplyParser, TextRequest } from '../../src/admin/admin-request.ts'
import { AdminSession } from '../../src/admin/admin-session.ts'
import type { SessionLink } from '../../src/connection/session.ts'
import { GearmanError, ProtocolError, ServerError } from '../../src/errors.ts'
import { ADMIN_COMMANDS, type AdminCommandName } from '../../src/protocol/admin-commands.ts'
import { parseFailedList } from '../../src/protocol/admin-failed-replies.ts'
import {
  parseCount,
  parseFunctionList,
  parseJobList,
} from '../../src/protocol/admin-list-replies.ts'
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
} from '../../src/protocol/admin-replies.ts'
import { PacketDecoder } from '../../src/protocol/packet-decoder.ts'
import * as recorded from '../helpers/recorded-admin-replies.ts'

const RUNS = { numRuns: 500 }

const PARSERS: { readonly [Name in AdminCommandName]: ReplyParser<unknown> } = {
  version: parseVersion,
  getpid: parsePid,
  verbose: parseVerbose,
  status: parseStatus,
  prioritystatus: parsePriorityStatus,
  workers: parseWorkers,
  showJobs: parseJobs,
  showUniqueJobs: parseUniqueJobs,
  cancelJob: parseDone,
  createFunction: parseDone,
  dropFunction: parseDone,
  maxqueue: parseDone,
  listFunctions: parseFunctionList,
  listJobs: parseJobList,
  pauseFunction: parseDone,
  resumeFunction: parseDone,
  purgeFunction: parseCount,
  kickFunction: parseCount,
  kickJob: parseCount,
  listFailed: parseFailedList,
  requeueFailed: parseCount,
  purgeFailed: parseCount,
  shutdown: parseDone,
}

const names = Object.keys(ADMIN_COMMANDS) as AdminCommandName[]
const recordings = Object.values(recorded).filter((value) => typeof value === 'string')

/** Lines that are nearly right. */
const nearly = fc
  .tuple(
    fc.constantFrom(...recordings.flatMap((reply) => recorded.linesOf(reply))),
    fc.nat(40),
    fc.constantFrom('', ' ', '\t', ' : ', 'ERR ', '%', '+', '-1', '.', '\n'),
  )
  .map(([line, at, splice]) => line.slice(0, at) + splice + line.slice(at + 1))
const anyLine = fc.oneof(nearly, fc.string({ unit: 'binary', maxLength: 60 }), fc.constant('.'))
const anyReply = fc.array(anyLine, { maxLength: 8 })

describe('the parsers of admin replies', () => {
  it('parse any lines, or reject them with ProtocolError or ServerError', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), anyReply, (name, lines) => {
        try {
          PARSERS[name]({ command: name, server: 'a:1', lines })
        } catch (error) {
          expect(error instanceof ProtocolError || error instanceof ServerError).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('read back every table that a server can write', () => {
    const counter = fc.nat(4_294_967_295)
    const task = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    const row = fc.record({
      task: task.map((name) => name.replaceAll(/[\t\n\r]/g, '_')),
      queued: counter,
      running: counter,
      workers: counter,
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), fc.boolean(), (rows, isCrlf) => {
        const end = isCrlf ? '\r\n' : '\n'
        const lines = rows.map((r) => [r.task, r.queued, r.running, r.workers].join('\t') + end)
        const text = `${lines.join('')}.${end}`
        const reply = { command: 'status', server: 'a:1', lines: recorded.linesOf(text) }
        expect(parseStatus(reply)).toEqual(rows)
      }),
      RUNS,
    )
  })

  it('read back every worker whose tasks hold no space', () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .map((text) => text.replaceAll(/[ \n\r]/g, '_'))
      .filter((text) => !text.startsWith(':'))
    const row = fc.record({
      fileDescriptor: fc.nat(65_535),
      ip: fc.oneof(fc.ipV4(), fc.ipV6()),
      clientId: fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' ')),
      tasks: fc.array(word, { maxLength: 5 }),
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 10 }), (rows) => {
        const lines = rows.map(({ fileDescriptor, ip, clientId, tasks }) =>
          [fileDescriptor, ip, clientId, ':', ...tasks].join(' '),
        )
        const reply = { command: 'workers', server: 'a:1', lines: [...lines, '.'] }
        expect(parseWorkers(reply)).toEqual(rows)
      }),
      RUNS,
    )
  })
})

describe('an admin session', () => {
  it('takes any bytes in any pieces: what waits is answered, fails, or waits on', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...recordings).map((text) => Buffer.from(text)),
      nearly.map((line) => Buffer.from(`${line}\r\n`)),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names), { maxLength: 6 }),
        fc.array(piece, { maxLength: 10 }),
        async (asked, pieces) => {
          const { session, requests } = openSession(asked)
          const outcomes = Promise.allSettled(requests.map(({ answer }) => answer))
          const decoder = new PacketDecoder(session, { magic: 'response', maxBodyBytes: 1000 })
          try {
            for (const bytes of pieces) decoder.push(Buffer.from(bytes))
          } catch (error) {
            expect(error).toBeInstanceOf(GearmanError)
          }
          session.lost(new ProtocolError('the end'), Number.POSITIVE_INFINITY)
          for (const outcome of await outcomes) {
            if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(GearmanError)
          }
        },
      ),
      RUNS,
    )
  })
})

function openSession(asked: readonly AdminCommandName[]): {
  readonly session: AdminSession
  readonly requests: readonly TextRequest<unknown>[]
} {
  const link: SessionLink = {
    server: 'a:1',
    position: 0,
    unsentBytes: 0,
    send: () => undefined,
    sendBytes: () => undefined,
    fail: () => undefined,
  }
  const session = new AdminSession(link)
  const requests = asked.map((name) => {
    const { required } = ADMIN_COMMANDS[name]
    const request = new TextRequest(name, required, PARSERS[name], (lost, error) =>
      lost.fail(error),
    )
    session.ask(request)
    return request
  })
  return { session, requests }
}
