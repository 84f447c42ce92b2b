import { describe, expect, test } from 'vitest'
import { type ReplySlot, Session } from '../../../src/connection/session.ts'
import {
  ConnectionError,
  type GearmanError,
  ProtocolError,
  type ServerError,
  UnknownCommandError,
} from '../../../src/errors.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { FakeLink } from '../../helpers/fake-link.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'

class NotingSession extends Session {
  readonly unsolicited: number[] = []
  readonly stray: string[] = []

  override start(): void {}
  override onOversized(): void {}

  protected override onUnsolicited(type: number): void {
    this.unsolicited.push(type)
  }

  protected override onLost(): void {
    this.stray.push('lost')
  }

  protected override onStrayError({ serverCode }: ServerError): void {
    this.stray.push(serverCode)
  }

  ask(slot: ReplySlot, type: number = PacketType.GET_STATUS): void {
    this.request(slot, type, ['H:1'])
  }

  errorFor(type: number): GearmanError {
    return this.unexpected(type)
  }
}

class NotingSlot implements ReplySlot {
  position = 0
  readonly events: string[] = []
  readonly #wanted: number

  constructor(wanted: number = PacketType.STATUS_RES) {
    this.#wanted = wanted
  }

  accepts(type: number): boolean {
    return type === this.#wanted
  }

  onReply(_type: number, body: Buffer): void {
    this.events.push(`reply ${body}`)
  }

  onServerError(error: ServerError): void {
    this.events.push(`error ${error.serverCode} ${error.serverText} ${error.server}`)
  }

  onLost(_error: GearmanError, wasSent: boolean): void {
    this.events.push(wasSent ? 'lost, sent' : 'lost, not sent')
  }
}

function make(): { session: NotingSession; link: FakeLink; slots: NotingSlot[] } {
  const link = new FakeLink()
  const session = new NotingSession(link)
  const slots = [new NotingSlot(), new NotingSlot(), new NotingSlot()]
  for (const slot of slots) session.ask(slot)
  return { session, link, slots }
}

const error = (text: string): Buffer => Buffer.from(text)

describe('a session', () => {
  test('gives replies to those who asked, in order', () => {
    const { session, slots } = make()
    expect(session.outstandingReplies).toBe(3)
    for (const body of ['one', 'two', 'three']) {
      session.onPacket(PacketType.STATUS_RES, Buffer.from(body))
    }
    expect(slots.map(({ events }) => events)).toEqual([
      ['reply one'],
      ['reply two'],
      ['reply three'],
    ])
    expect(session.outstandingReplies).toBe(0)
  })

  test('takes ERROR for the answer to the oldest question', () => {
    const { session, slots } = make()
    session.onPacket(PacketType.ERROR, error('QUEUE_ERROR\0Job queue is full'))
    session.onPacket(PacketType.STATUS_RES, Buffer.from('two'))
    expect(slots.map(({ events }) => events)).toEqual([
      ['error QUEUE_ERROR Job queue is full gear:4730'],
      ['reply two'],
      [],
    ])
  })

  test('takes ERROR JOB_NOT_FOUND, and any that answers nothing, for nobody’s', () => {
    const { session, slots } = make()
    session.onPacket(PacketType.ERROR, error('JOB_NOT_FOUND\0Job given in work result not found'))
    expect(slots.flatMap(({ events }) => events)).toEqual([])
    for (let count = 0; count < 3; count += 1)
      session.onPacket(PacketType.STATUS_RES, Buffer.alloc(0))
    session.onPacket(PacketType.ERROR, error('QUEUE_ERROR\0'))
    expect(session.stray).toEqual(['JOB_NOT_FOUND', 'QUEUE_ERROR'])
  })

  test('throws for an ERROR that is cut short', () => {
    const { session } = make()
    expect(() => session.onPacket(PacketType.ERROR, error('QUEUE_ERROR'))).toThrow(ProtocolError)
  })

  test('hands a packet that does not answer the oldest question to its subclass', () => {
    const { session, slots } = make()
    session.onPacket(PacketType.JOB_CREATED, Buffer.from('H:1'))
    session.onPacket(PacketType.WORK_DATA, Buffer.from('H:1\0x'))
    expect(session.unsolicited).toEqual([PacketType.JOB_CREATED, PacketType.WORK_DATA])
    expect(slots.flatMap(({ events }) => events)).toEqual([])
  })

  test('remembers nobody whose packet cannot be framed', () => {
    const { session, link } = make()
    link.refusal = new Error('no')
    expect(() => session.ask(new NotingSlot())).toThrow(link.refusal)
    expect(session.outstandingReplies).toBe(3)
  })

  test('tells everybody when the connection is lost, and whose bytes had left', () => {
    const { session, slots } = make()
    // Ten bytes each: the second had left in part.
    session.lost(new ConnectionError('gone'), 15)
    expect(slots.map(({ events }) => events)).toEqual([
      ['lost, sent'],
      ['lost, sent'],
      ['lost, not sent'],
    ])
    expect(session.stray).toEqual(['lost'])
    expect(session.outstandingReplies).toBe(0)
  })

  test('pings: ECHO_RES resolves, an ERROR too, a loss rejects', async () => {
    const link = new FakeLink()
    const session = new NotingSession(link)
    const pings = [session.ping(), session.ping(), session.ping()]
    expect(link.sent).toEqual(['ECHO_REQ ping', 'ECHO_REQ ping', 'ECHO_REQ ping'])
    session.onPacket(PacketType.ECHO_RES, Buffer.from('ping'))
    session.onPacket(PacketType.ERROR, error('INVALID_COMMAND\0no'))
    const gone = new ConnectionError('gone')
    session.lost(gone, 0)
    await Promise.all(pings.slice(0, 2))
    expect(await rejectionOf(pings[2] as Promise<void>)).toBe(gone)
  })

  test('does not know text, unless a subclass does', () => {
    const { session } = make()
    expect(() => session.onLine(Buffer.from('HTTP/1.1 400'))).toThrow(ProtocolError)
  })

  test('tells answers that nobody waits for from packets of other roles', () => {
    const { session } = make()
    expect(session.errorFor(PacketType.ECHO_RES)).toBeInstanceOf(ProtocolError)
    expect(session.errorFor(PacketType.SUBMIT_JOB)).toBeInstanceOf(ProtocolError)
    expect(session.errorFor(PacketType.NOOP)).toBeInstanceOf(UnknownCommandError)
    expect(session.errorFor(PacketType.WORK_DATA)).toMatchObject({ command: 'WORK_DATA' })
  })
})
