import { describe, expect, it } from 'vitest'
import { PingRequest, type ReplyParser, TextRequest } from '../../../src/admin/admin-request.ts'
import { AdminSession } from '../../../src/admin/admin-session.ts'
import type { SessionLink } from '../../../src/connection/session.ts'
import {
  ConnectionError,
  type GearmanError,
  ProtocolError,
  ServerError,
  UnknownCommandError,
} from '../../../src/errors.ts'
import type { AdminCommandName } from '../../../src/protocol/admin-commands.ts'
import {
  parseDone,
  parseStatus,
  parseUniqueJobs,
  parseVersion,
  parseWorkers,
} from '../../../src/protocol/admin-replies.ts'
import { PacketDecoder } from '../../../src/protocol/packet-decoder.ts'
import { encodePacket } from '../../../src/protocol/packet-encoder.ts'
import { PacketType, packetName } from '../../../src/protocol/packets.ts'
import * as recorded from '../../helpers/recorded-admin-replies.ts'

interface Loss {
  readonly command: string
  readonly error: GearmanError
  readonly wasSent: boolean
}

/** A session whose connection is two lists: what it sent, and who was told of its loss. */
class Conversation {
  readonly sent: string[] = []
  readonly losses: Loss[] = []
  readonly session: AdminSession
  readonly #decoder: PacketDecoder
  #position = 0

  constructor() {
    const link: SessionLink = {
      server: 'a:1',
      position: 0,
      unsentBytes: 0,
      send: (type, args) => this.#note(`${packetName(type)} ${args.join(' ')}`),
      sendBytes: (bytes) => this.#note(Buffer.from(bytes).toString()),
      fail: () => undefined,
    }
    Object.defineProperty(link, 'position', { get: () => this.#position })
    this.session = new AdminSession(link)
    this.#decoder = new PacketDecoder(this.session, { magic: 'response', maxBodyBytes: 1024 })
  }

  text<Answer>(
    name: AdminCommandName,
    parse: ReplyParser<Answer>,
    args: readonly string[] = [],
  ): TextRequest<Answer> {
    const request = new TextRequest(name, args, parse, (lost, error, wasSent) => {
      this.losses.push({ command: lost.command, error, wasSent })
    })
    this.session.ask(request)
    return request
  }

  ping(): PingRequest {
    const request = new PingRequest(() => undefined)
    this.session.ask(request)
    return request
  }

  receive(...pieces: (string | Buffer)[]): void {
    for (const piece of pieces) this.#decoder.push(Buffer.from(piece))
  }

  #note(text: string): void {
    this.sent.push(text)
    this.#position += text.length
  }
}

/** The reply to the ECHO_REQ of the nth request of a session. */
const echo = (nth: number): Buffer =>
  encodePacket('response', PacketType.ECHO_RES, [`admin ${nth}`])

const STATUS_ROW = [{ task: 'reverse', queued: 6, running: 0, workers: 1 }]

describe('an admin session', () => {
  it('begins with an ECHO_REQ, whose reply makes the connection ready', () => {
    const { session, sent } = new Conversation()
    session.start()
    expect(sent).toEqual(['ECHO_REQ ping'])
    session.onPacket(PacketType.ECHO_RES, Buffer.from('ping'))
    expect(session.outstandingReplies).toBe(0)
  })

  it('sends commands at once, each as a line, before the reply to the one before', () => {
    const talk = new Conversation()
    talk.text('version', parseVersion)
    talk.text('status', parseStatus)
    expect(talk.sent).toEqual(['version\r\n', 'status\r\n'])
  })

  it('sends an ECHO_REQ behind a command whose reply has no end of its own', () => {
    const talk = new Conversation()
    talk.text('showUniqueJobs', parseUniqueJobs)
    talk.text('dropFunction', parseDone, ['alpha'])
    expect(talk.sent).toEqual([
      'show unique jobs\r\n',
      'ECHO_REQ admin 1',
      'drop function alpha\r\n',
      'ECHO_REQ admin 2',
    ])
  })

  it('gives each request its own reply, wherever the bytes are split', async () => {
    const transcript = Buffer.concat([
      Buffer.from(recorded.VERSION),
      Buffer.from(recorded.STATUS),
      echo(3),
      Buffer.from(recorded.UNIQUE_JOBS),
      echo(4),
      Buffer.from(recorded.UNKNOWN_SHUTDOWN),
      Buffer.from(recorded.DROPPED_TWO),
      echo(6),
      Buffer.from(recorded.WORKERS),
      Buffer.from(recorded.DONE),
    ])
    for (let split = 1; split < transcript.length; split += 1) {
      const talk = new Conversation()
      const answers = Promise.allSettled([
        talk.text('version', parseVersion).answer,
        talk.text('status', parseStatus).answer,
        talk.ping().answer,
        talk.text('showUniqueJobs', parseUniqueJobs).answer,
        talk.text('shutdown', parseDone).answer,
        talk.text('dropFunction', parseDone, ['alpha']).answer,
        talk.text('workers', parseWorkers).answer,
        talk.text('maxqueue', parseDone, ['alpha']).answer,
      ])
      talk.receive(transcript.subarray(0, split), transcript.subarray(split))
      expect(talk.session.outstandingReplies).toBe(0)
      const [version, status, ping, uniques, shutdown, drop, workers, maxqueue] = await answers
      expect(version).toMatchObject({ value: '1.1.20+ds' })
      expect(status).toMatchObject({ value: { length: 6 } })
      expect(ping).toMatchObject({ status: 'fulfilled' })
      expect(uniques).toMatchObject({ value: { length: 8 } })
      expect(shutdown).toMatchObject({ reason: { serverCode: 'UNKNOWN_COMMAND' } })
      expect(drop).toMatchObject({ status: 'fulfilled' })
      expect(workers).toMatchObject({ value: { length: 4 } })
      expect(maxqueue).toMatchObject({ status: 'fulfilled' })
    }
  })

  it('reads a transcript that comes byte by byte', async () => {
    const talk = new Conversation()
    const status = talk.text('status', parseStatus)
    const ping = talk.ping()
    const version = talk.text('version', parseVersion)
    const bytes = [Buffer.from(recorded.STATUS), echo(2), Buffer.from(recorded.VERSION)]
    for (const byte of Buffer.concat(bytes)) talk.receive(Buffer.of(byte))
    expect(await status.answer).toHaveLength(6)
    expect(await ping.answer).toBeGreaterThanOrEqual(0)
    expect(await version.answer).toBe('1.1.20+ds')
  })

  it.each<[AdminCommandName, ReplyParser<unknown>]>([
    ['status', parseStatus],
    ['workers', parseWorkers],
  ])('takes an ERR line for the whole reply to "%s"', async (name, parse) => {
    const talk = new Conversation()
    const refused = talk.text(name, parse)
    const next = talk.text('version', parseVersion)
    talk.receive(recorded.UNKNOWN_SHOW, recorded.VERSION)
    await expect(refused.answer).rejects.toThrow(ServerError)
    expect(await next.answer).toBe('1.1.20+ds')
  })

  it('takes an ERR line for the whole reply to "show unique jobs" only when nothing else came', async () => {
    const talk = new Conversation()
    const refused = talk.text('showUniqueJobs', parseUniqueJobs)
    const answered = talk.text('showUniqueJobs', parseUniqueJobs)
    talk.receive(recorded.UNKNOWN_SHOW, echo(1), 'ERR UNKNOWN_JOB\n.\n', echo(2))
    await expect(refused.answer).rejects.toMatchObject({ serverCode: 'UNKNOWN_SHOW_ARGUMENTS' })
    expect(await answered.answer).toEqual([{ unique: 'ERR UNKNOWN_JOB' }])
  })

  it('keeps a task that looks like an error in its table', async () => {
    const talk = new Conversation()
    const status = talk.text('status', parseStatus)
    talk.receive('ERR NO\t6\t0\t1\n', '.\n')
    expect(await status.answer).toEqual([{ ...STATUS_ROW[0], task: 'ERR NO' }])
  })

  it('keeps the place of a request whose caller has gone, and drops its reply', async () => {
    const talk = new Conversation()
    const gone = talk.text('version', parseVersion)
    const goneTable = talk.text('status', parseStatus)
    const goneFenced = talk.text('showUniqueJobs', parseUniqueJobs)
    const last = talk.text('version', parseVersion)
    const reason = new Error('enough')
    for (const request of [gone, goneTable, goneFenced]) request.fail(reason)
    talk.receive('OK 0.1\n', recorded.STATUS, recorded.UNIQUE_JOBS, echo(3), recorded.VERSION)
    expect(await last.answer).toBe('1.1.20+ds')
    for (const request of [gone, goneTable, goneFenced]) {
      await expect(request.answer).rejects.toBe(reason)
    }
  })

  it('fails a table with a row of another shape, and goes on with the next reply', async () => {
    const talk = new Conversation()
    const status = talk.text('status', parseStatus)
    const version = talk.text('version', parseVersion)
    talk.receive('reverse\t6\n', '.\n', recorded.VERSION)
    await expect(status.answer).rejects.toThrow(ProtocolError)
    expect(await version.answer).toBe('1.1.20+ds')
  })

  it('cannot go on when a single line is no answer to its command', async () => {
    const talk = new Conversation()
    const version = talk.text('version', parseVersion)
    expect(() => talk.receive('reverse\t6\t0\t1\n')).toThrow(ProtocolError)
    await expect(version.answer).rejects.toThrow(ProtocolError)
  })

  it('cannot go on when text comes that nobody asked for', () => {
    const talk = new Conversation()
    expect(() => talk.receive(recorded.DONE)).toThrow(/text of 2 bytes that answers no command/)
    talk.session.start()
    expect(() => talk.receive(recorded.DONE)).toThrow(ProtocolError)
  })

  it('cannot go on when text comes in place of an ECHO_RES', async () => {
    const talk = new Conversation()
    const ping = talk.ping()
    expect(() => talk.receive(recorded.DONE)).toThrow(ProtocolError)
    await expect(ping.answer).rejects.toThrow(/is answered by a line of text/)
  })

  it('cannot go on when an ECHO_RES comes in place of text, or another one than expected', async () => {
    const early = new Conversation()
    early.text('version', parseVersion)
    expect(() => early.receive(echo(1))).toThrow(ProtocolError)
    const foreign = new Conversation()
    const uniques = foreign.text('showUniqueJobs', parseUniqueJobs)
    expect(() => foreign.receive('.\n', echo(7))).toThrow(ProtocolError)
    await expect(uniques.answer).rejects.toThrow(/another ECHO_RES/)
  })

  it('cannot go on when a packet comes that is none of an admin connection', () => {
    const talk = new Conversation()
    expect(() => talk.receive(encodePacket('response', PacketType.NOOP, []))).toThrow(
      UnknownCommandError,
    )
    const oversized = Buffer.concat([echo(1).subarray(0, 8), Buffer.of(0, 0, 8, 0)])
    expect(() => talk.receive(oversized, Buffer.alloc(2048))).toThrow(ProtocolError)
  })

  it('fails the request at the front when the server answers an ERROR packet', async () => {
    const talk = new Conversation()
    const ping = talk.ping()
    const version = talk.text('version', parseVersion)
    talk.receive(
      encodePacket('response', PacketType.ERROR, ['INVALID_COMMAND', 'Command not expected']),
      recorded.VERSION,
    )
    await expect(ping.answer).rejects.toMatchObject({ serverCode: 'INVALID_COMMAND' })
    expect(await version.answer).toBe('1.1.20+ds')
  })

  it('tells what waits for a reply of the loss, and whether it was sent', () => {
    const talk = new Conversation()
    talk.text('version', parseVersion)
    const gone = talk.text('status', parseStatus)
    gone.answer.catch(() => undefined)
    gone.fail(new Error('its caller has gone'))
    talk.text('workers', parseWorkers)
    const error = new ConnectionError('a:1: closed')
    talk.session.lost(error, 'version\r\n'.length)
    expect(talk.losses).toEqual([
      { command: 'version', error, wasSent: true },
      { command: 'workers', error, wasSent: false },
    ])
  })

  it('can ask a request again in another session, from an empty reply on', async () => {
    const first = new Conversation()
    const status = first.text('status', parseStatus)
    first.receive('half\t1\t1\t1\n')
    first.session.lost(new ConnectionError('a:1: closed'), 100)
    expect(status.isAsked).toBe(false)
    const second = new Conversation()
    second.session.ask(status)
    second.receive('reverse\t6\t0\t1\n.\n')
    expect(await status.answer).toEqual(STATUS_ROW)
  })
})
