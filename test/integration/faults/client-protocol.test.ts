import { describe, expect, test } from 'vitest'
import {
  type GearmanConnection,
  JOB_COMPLETE,
  JOB_UNKNOWN,
  ProtocolError,
  UnknownCommandError,
} from '../../../src/index.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { useClient } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { header, request, response } from '../../helpers/packet-log.ts'

const QUICK = { reconnectMinDelay: 1, reconnectMaxDelay: 20 } as const

const CREATED = response('JOB_CREATED', ['H:1'])
const COMPLETE = response('WORK_COMPLETE', ['H:1', 'done'])

/** What a peer may send that no client can take, and whether the job was accepted by then. */
const broken: readonly (readonly [string, Buffer, 'unknown' | 'accepted', unknown])[] = [
  ['bad magic', Buffer.from('\0BAD\0\0\0\x08\0\0\0\0', 'latin1'), 'unknown', ProtocolError],
  [
    'bad magic before the header is complete',
    Buffer.from('\0BAD', 'latin1'),
    'unknown',
    ProtocolError,
  ],
  ['the magic of a request', request('ECHO_REQ', ['x']), 'unknown', ProtocolError],
  ['an unknown type', header('\0RES', 99, 0), 'unknown', ProtocolError],
  ['type 0', header('\0RES', 0, 0), 'unknown', ProtocolError],
  ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'unknown', ProtocolError],
  [
    'an answer to another question',
    response('STATUS_RES', ['H:1', '1', '1', '0', '0']),
    'unknown',
    ProtocolError,
  ],
  ['two answers to one question', Buffer.concat([CREATED, CREATED]), 'accepted', ProtocolError],
  [
    'an ERROR without a text',
    Buffer.concat([header('\0RES', PacketType.ERROR, 4), Buffer.from('OOPS')]),
    'unknown',
    ProtocolError,
  ],
  [
    'a result without a NUL',
    Buffer.concat([CREATED, header('\0RES', PacketType.WORK_COMPLETE, 3), Buffer.from('H:1')]),
    'accepted',
    ProtocolError,
  ],
  [
    'data without a NUL',
    Buffer.concat([CREATED, header('\0RES', PacketType.WORK_DATA, 3), Buffer.from('H:1')]),
    'accepted',
    ProtocolError,
  ],
  [
    'a status without numbers',
    Buffer.concat([CREATED, header('\0RES', PacketType.WORK_STATUS, 4), Buffer.from('H:1\0')]),
    'accepted',
    ProtocolError,
  ],
  ['a packet for workers', response('NOOP'), 'unknown', UnknownCommandError],
  [
    'a packet for servers',
    Buffer.concat([header('\0RES', PacketType.SUBMIT_JOB, 4), Buffer.from('t\0u\0')]),
    'unknown',
    ProtocolError,
  ],
]

describe('a peer that breaks the protocol', () => {
  failOnLeaks()

  test.each(broken)(
    '%s: that connection is closed and dialled again, others are not touched',
    async (_what, bytes, delivery, errorClass) => {
      const bad = await useFakeServer([
        async (peer) => {
          await peer.expect('SUBMIT_JOB')
          peer.sendBytes(bytes)
          await peer.closed
        },
        async (peer) => {
          await peer.expect('SUBMIT_JOB')
          peer.sendBytes(Buffer.concat([CREATED, COMPLETE]))
        },
      ])
      const good = await useFakeServer([
        async (peer) => {
          await peer.expect('SUBMIT_JOB')
          peer.sendBytes(CREATED)
          await lost
          peer.sendBytes(COMPLETE)
        },
      ])
      const client = useClient([bad.address, good.address], QUICK)
      const [first, second] = client.connectionList
      if (first === undefined || second === undefined) throw new Error('there are two')
      for (const connection of client.connectionList) await client.establishConnection(connection)
      let target: GearmanConnection = second
      client.establishRequestConnection = () => target
      const untouched = client.submitJob('t', 'other')
      target = first
      const lost = client.submitJob('t', 'x')
      expect(await lost).toMatchObject({ state: JOB_UNKNOWN, delivery, timedOut: false })
      expect(first.lastError).toBeInstanceOf(errorClass)
      expect(first.lastError?.message).toContain(bad.address)
      expect(await untouched).toMatchObject({ state: JOB_COMPLETE })
      expect(second.lastError).toBeUndefined()
      await client.establishConnection(first)
      expect(String(await client.do('t', 'again'))).toBe('done')
      expect(bad.connectionCount).toBe(2)
      expect(good.connectionCount).toBe(1)
    },
  )

  const answers = Buffer.concat([CREATED, response('WORK_DATA', ['H:1', 'part']), COMPLETE])
  const lengths = Array.from({ length: answers.length }, (_, length) => length)

  test.each(lengths)(
    'an answer that ends after %i bytes leaves no call hanging',
    async (length) => {
      const server = await useFakeServer(
        [
          async (peer) => {
            await peer.expect('SUBMIT_JOB')
            peer.sendBytes(answers.subarray(0, length))
            peer.end()
          },
        ],
        { otherwise: () => undefined },
      )
      const client = useClient(server.address, QUICK)
      const outcome = await client.submitJob('t', 'x')
      expect(outcome).toMatchObject({
        state: JOB_UNKNOWN,
        delivery: length < CREATED.length ? 'unknown' : 'accepted',
        timedOut: false,
      })
      const [connection] = client.connectionList
      const isMidPacket = ![0, CREATED.length, answers.length - COMPLETE.length].includes(length)
      expect(connection?.lastError?.message.includes('in the middle of a packet')).toBe(isMidPacket)
    },
  )

  test('a server that answers garbage to the very first question is not used', async () => {
    const garbage = await useFakeServer([], {
      autoAnswer: false,
      otherwise: (peer) => peer.sendBytes(Buffer.from('220 smtp.example.org ESMTP\r\n')),
    })
    const good = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        peer.sendBytes(Buffer.concat([CREATED, COMPLETE]))
      },
    ])
    const client = useClient([garbage.address, good.address], QUICK)
    expect(String(await client.do('t', 'x', { unique: 'u', pollTimeout: 30_000 }))).toBe('done')
  })
})

describe('odd but legal answers', () => {
  failOnLeaks()

  test('handles with a trailing NUL are the same handles', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        peer.send('JOB_CREATED', ['H:1\0'])
        peer.send('WORK_FAIL', ['H:1\0'])
      },
    ])
    const outcome = await useClient(server.address).submitJob('t', 'x')
    expect(outcome).toMatchObject({ state: 'FAILED', handle: 'H:1' })
  })

  test('packets of jobs that nobody here knows are dropped', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        peer.send('WORK_COMPLETE', ['H:other', 'x'])
        peer.send('WORK_DATA', ['H:other', 'x'])
        peer.send('WORK_STATUS', ['H:other', '1', '2'])
        peer.send('WORK_FAIL', ['H:other'])
        peer.send('WORK_EXCEPTION', ['H:other', 'x'])
        peer.sendBytes(Buffer.concat([CREATED, COMPLETE, COMPLETE]))
      },
    ])
    expect(String(await useClient(server.address).do('t', 'x'))).toBe('done')
  })

  test('every byte of an answer may come on its own', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        for (const byte of Buffer.concat([CREATED, COMPLETE])) {
          peer.sendBytes(Buffer.from([byte]))
          await new Promise(setImmediate)
        }
      },
    ])
    expect(String(await useClient(server.address).do('t', 'x'))).toBe('done')
  })
})
