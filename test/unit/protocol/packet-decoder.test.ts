import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import { PacketDecoder } from '../../../src/protocol/packet-decoder.ts'
import { PACKETS, PacketType } from '../../../src/protocol/packets.ts'
import { EXAMPLES, header, logPackets, request, response } from '../../helpers/packet-log.ts'

/** The event that {@link logPackets} notes for a packet. */
const eventOf = (name: string, packet: Buffer): string =>
  `${name} ${packet.subarray(12).toString('hex')}`

describe('PacketDecoder', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(EXAMPLES)(
    'reads $name split at any point, on two connections by turns',
    ({ name, args }) => {
      const packet = request(name, args)
      for (let split = 0; split <= packet.length; split += 1) {
        const one = logPackets()
        const other = logPackets()
        const [first, second] = [packet.subarray(0, split), packet.subarray(split)]
        one.decoder.push(first)
        other.decoder.push(first)
        expect(one.decoder.isMidPacket).toBe(split > 0 && split < packet.length)
        other.decoder.push(second)
        one.decoder.push(second)
        for (const { decoder, events } of [one, other]) {
          expect(events).toEqual([eventOf(name, packet)])
          expect(decoder.isMidPacket).toBe(false)
        }
      }
    },
  )

  it('reads all packets in one chunk, and in chunks of any one size', () => {
    const packets = EXAMPLES.map(({ name, args }) => ({ name, bytes: response(name, args) }))
    const stream = Buffer.concat(packets.map(({ bytes }) => bytes))
    const wanted = packets.map(({ name, bytes }) => eventOf(name, bytes))
    for (const size of [stream.length, 1, 2, 3, 5, 11, 12, 13, 64, 100]) {
      const { decoder, events } = logPackets({ magic: 'response' })
      for (let start = 0; start < stream.length; start += size) {
        decoder.push(stream.subarray(start, start + size))
      }
      expect(events).toEqual(wanted)
    }
  })

  it('gives a body that lies in one chunk as a view of it', () => {
    const chunk = request('ECHO_REQ', ['data'])
    let body: Buffer | undefined
    const decoder = new PacketDecoder(
      { onPacket: (_type, bytes) => (body = bytes) },
      { magic: 'request', maxBodyBytes: 100 },
    )
    decoder.push(chunk)
    expect(body?.buffer).toBe(chunk.buffer)
    decoder.push(chunk.subarray(0, 7))
    decoder.push(chunk.subarray(7))
    expect(body?.buffer).toBe(chunk.buffer)
  })

  it('reads the unused type 5, which a server answers with an ERROR', () => {
    const { decoder, events } = logPackets()
    decoder.push(header('\0REQ', 5, 0))
    expect(events).toEqual(['type 5 '])
  })

  it('takes an empty chunk', () => {
    const { decoder, events } = logPackets()
    decoder.push(Buffer.alloc(0))
    expect([events, decoder.isMidPacket]).toEqual([[], false])
  })

  it('passes on what a handler throws', () => {
    const decoder = new PacketDecoder(
      {
        onPacket: () => {
          throw new RangeError('a bug of the session')
        },
      },
      { magic: 'request', maxBodyBytes: 100 },
    )
    expect(() => decoder.push(request('PRE_SLEEP'))).toThrow(RangeError)
  })
})

describe('PacketDecoder.stop', () => {
  it('drops the rest of the chunk in work, and all that comes later', () => {
    const events: number[] = []
    const decoder: PacketDecoder = new PacketDecoder(
      {
        onPacket: (type) => {
          events.push(type)
          if (type === PacketType.RESET_ABILITIES) decoder.stop()
        },
      },
      { magic: 'request', maxBodyBytes: 100 },
    )
    const chunk = [request('PRE_SLEEP'), request('RESET_ABILITIES'), request('GRAB_JOB')]
    decoder.push(Buffer.concat([...chunk, Buffer.from('garbage')]))
    decoder.push(request('GRAB_JOB'))
    decoder.push(Buffer.from('more garbage'))
    expect(events).toEqual([PacketType.PRE_SLEEP, PacketType.RESET_ABILITIES])
  })
})

describe('PacketDecoder with text', () => {
  const stream = Buffer.concat([
    Buffer.from('status\n'),
    request('ECHO_REQ', ['line\nin data']),
    Buffer.from('version\r\n\nshow jobs\r\n'),
    request('PRE_SLEEP'),
    request('CAN_DO', ['f']),
    Buffer.from('workers\n'),
  ])
  const wanted = [
    'line status',
    `ECHO_REQ ${Buffer.from('line\nin data').toString('hex')}`,
    'line version',
    'line ',
    'line show jobs',
    'PRE_SLEEP ',
    'CAN_DO 66',
    'line workers',
  ]

  it('reads lines between packets, whatever the chunks', () => {
    for (let size = 1; size <= stream.length; size += 1) {
      const { decoder, events } = logPackets({ lines: true })
      for (let start = 0; start < stream.length; start += size) {
        decoder.push(stream.subarray(start, start + size))
      }
      expect(events).toEqual(wanted)
    }
  })

  it('is in the middle of something while a line is not whole', () => {
    const { decoder } = logPackets({ lines: true })
    decoder.push(Buffer.from('vers'))
    expect(decoder.isMidPacket).toBe(true)
    decoder.push(Buffer.from('ion\n'))
    expect(decoder.isMidPacket).toBe(false)
  })

  it('refuses a line over the limit', () => {
    const { decoder } = logPackets({ lines: true, maxLineBytes: 10 })
    expect(() => decoder.push(Buffer.from('0123456789a'))).toThrow(ProtocolError)
  })

  it('stops at a line over the limit when somebody wants to know, whatever the chunks', () => {
    const stream = Buffer.concat([
      Buffer.from('version\n0123456789a\nstatus\n'),
      request('PRE_SLEEP'),
    ])
    for (const size of [1, 3, 9, 18, 19, 20, stream.length]) {
      const { decoder, events } = logPackets({ lines: true, maxLineBytes: 10, longLines: true })
      for (let start = 0; start < stream.length; start += size) {
        decoder.push(stream.subarray(start, start + size))
      }
      expect(events).toEqual(['line version', 'too long'])
    }
  })

  it('refuses text where none is expected, at its first byte', () => {
    const { decoder } = logPackets()
    expect(() => decoder.push(Buffer.from('H'))).toThrow('bad magic')
  })
})

describe('PacketDecoder and bad headers', () => {
  it.each([
    ['\0XXX', 4],
    ['\0REP', 4],
    ['\0RES', 4],
    ['\0\0\0\0', 4],
  ])('refuses the magic %j as soon as its 4 bytes are there', (magic, bytes) => {
    const { decoder } = logPackets()
    const bad = Buffer.from(magic, 'latin1')
    decoder.push(bad.subarray(0, bytes - 1))
    expect(() => decoder.push(bad.subarray(bytes - 1))).toThrow(ProtocolError)
    expect(() => logPackets().decoder.push(bad)).toThrow('bad magic 0x')
    expect(() => logPackets().decoder.push(Buffer.concat([bad, Buffer.alloc(20)]))).toThrow(
      'bad magic 0x',
    )
  })

  it.each([0, 43, 999, 0xffff_ffff])('refuses type %i before its body', (type) => {
    const bad = header('\0REQ', type, 1000)
    expect(() => logPackets().decoder.push(bad)).toThrow(`unknown packet type ${type}`)
    const { decoder } = logPackets()
    decoder.push(bad.subarray(0, 5))
    expect(() => decoder.push(bad.subarray(5))).toThrow(ProtocolError)
  })

  it.each([0, 43, 0xffff_ffff])('hands type %i to who wants unknown ones', (type) => {
    const { decoder, events } = logPackets({
      unknownTypes: true,
      oversized: true,
      foreign: true,
      maxBodyBytes: 10,
    })
    const stream = Buffer.concat([
      header('\0REQ', type, 0),
      Buffer.concat([header('\0REQ', type, 2), Buffer.from('ab')]),
      Buffer.concat([header('\0REQ', type, 11), Buffer.from('longer bodies')]).subarray(0, 12 + 11),
      Buffer.concat([header('\0RES', type, 2), Buffer.from('ab')]),
      request('PRE_SLEEP'),
    ])
    decoder.push(stream.subarray(0, 20))
    decoder.push(stream.subarray(20))
    expect(events).toEqual([
      `type ${type} `,
      `type ${type} 6162`,
      `oversized type ${type} 11 longer bodi`,
      `foreign type ${type} 2`,
      'PRE_SLEEP ',
    ])
  })

  it('hands packets under the other magic to who wants them', () => {
    const { decoder, events } = logPackets({ foreign: true })
    const stream = Buffer.concat([response('JOB_CREATED', ['H:1']), request('PRE_SLEEP')])
    decoder.push(stream)
    for (const byte of stream) decoder.push(Buffer.from([byte]))
    expect(events).toEqual([
      'foreign JOB_CREATED 3',
      'PRE_SLEEP ',
      'foreign JOB_CREATED 3',
      'PRE_SLEEP ',
    ])
    expect(() => decoder.push(Buffer.from('\0XXX'))).toThrow('bad magic')
  })
})

describe('PacketDecoder and its size limit', () => {
  it('refuses a larger body at its header, unless somebody wants to know', () => {
    const { decoder, events } = logPackets({ maxBodyBytes: 8 })
    decoder.push(request('ECHO_REQ', ['12345678']))
    expect(events).toHaveLength(1)
    expect(() => decoder.push(header('\0REQ', PACKETS.ECHO_REQ.code, 9))).toThrow(
      'ECHO_REQ of 9 bytes is over the limit of 8',
    )
  })

  it('skips a larger body, shows its front, and reads on behind it', () => {
    const large = request('WORK_COMPLETE', ['H:lap:1', Buffer.alloc(5000, 'x')])
    const stream = Buffer.concat([large, request('WORK_FAIL', ['H:lap:2'])])
    const front = `H:lap:1\0${'x'.repeat(1024 - 8)}`
    for (const size of [stream.length, 1, 7, 12, 13, 1000, 1036, 4096]) {
      const { decoder, events } = logPackets({ maxBodyBytes: 4999, oversized: true })
      for (let start = 0; start < stream.length; start += size) {
        decoder.push(stream.subarray(start, start + size))
      }
      expect(events).toEqual([
        `oversized WORK_COMPLETE 5008 ${front}`,
        `WORK_FAIL ${Buffer.from('H:lap:2').toString('hex')}`,
      ])
    }
  })

  it('is in the middle of a packet while it skips', () => {
    const { decoder, events } = logPackets({ maxBodyBytes: 4, oversized: true })
    decoder.push(header('\0REQ', PacketType.ECHO_REQ, 5))
    expect(decoder.isMidPacket).toBe(true)
    decoder.push(Buffer.from('12345'))
    expect([decoder.isMidPacket, events]).toEqual([false, ['oversized ECHO_REQ 5 12345']])
  })

  it('keeps no chunk of a skipped body alive', () => {
    let front: Buffer | undefined
    const decoder = new PacketDecoder(
      { onPacket: () => undefined, onOversized: (_type, _size, bytes) => (front = bytes) },
      { magic: 'request', maxBodyBytes: 10 },
    )
    const chunk = request('ECHO_REQ', [Buffer.alloc(60_000)])
    decoder.push(chunk)
    expect(front?.buffer).not.toBe(chunk.buffer)
  })

  it('says that a skipped body came under the other magic', () => {
    const { decoder, events } = logPackets({ maxBodyBytes: 4, oversized: true, foreign: true })
    decoder.push(response('ECHO_RES', [Buffer.alloc(2000)]))
    expect(events).toEqual(['foreign ECHO_RES 1024'])
  })

  it('takes no memory for a header that claims 4 GiB', () => {
    const alloc = vi.spyOn(Buffer, 'alloc')
    const unsafe = vi.spyOn(Buffer, 'allocUnsafe')
    const slow = vi.spyOn(Buffer, 'allocUnsafeSlow')
    const { decoder } = logPackets({ maxBodyBytes: 0xffff_ffff })
    const before = process.memoryUsage().arrayBuffers
    alloc.mockClear()
    decoder.push(header('\0REQ', PacketType.ECHO_REQ, 0xffff_ffff))
    decoder.push(Buffer.from('the first bytes'))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
    const sizes = [alloc, unsafe, slow].flatMap((spy) => spy.mock.calls.map(([size]) => size))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536)
  })
})

describe('PacketDecoder and work', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('copies each byte of a body at most twice, though each comes in a chunk of its own', () => {
    const bodyBytes = 1024 * 1024
    const bodies: Buffer[] = []
    const decoder = new PacketDecoder(
      { onPacket: (_type, body) => bodies.push(body) },
      { magic: 'request', maxBodyBytes: bodyBytes },
    )
    let joinedBytes = 0
    const concat = Buffer.concat.bind(Buffer)
    vi.spyOn(Buffer, 'concat').mockImplementation((pieces, total) => {
      // The pieces that are joined are few: bytes were gathered, not kept one by one.
      expect(pieces.length).toBeLessThan(100)
      joinedBytes += pieces.reduce((sum, piece) => sum + piece.length, 0)
      return concat(pieces, total)
    })
    const slow = vi.spyOn(Buffer, 'allocUnsafeSlow')
    decoder.push(header('\0REQ', PacketType.ECHO_REQ, bodyBytes))
    const byte = Buffer.from([0xab])
    for (let count = 0; count < bodyBytes; count += 1) decoder.push(byte)
    const gatheredBytes = slow.mock.calls.reduce((sum, [size]) => sum + size, 0)
    vi.restoreAllMocks()
    expect(joinedBytes).toBeLessThanOrEqual(bodyBytes)
    expect(gatheredBytes).toBeLessThan(1.2 * bodyBytes)
    expect(bodies.map((body) => body.equals(Buffer.alloc(bodyBytes, 0xab)))).toEqual([true])
  })

  it('copies nothing when packets lie whole in their chunk', () => {
    const concat = vi.spyOn(Buffer, 'concat')
    const chunk = Buffer.concat(Array.from({ length: 100 }, () => request('CAN_DO', ['f'])))
    concat.mockClear()
    const copy = vi.spyOn(Buffer.prototype, 'copy')
    const slow = vi.spyOn(Buffer, 'allocUnsafeSlow')
    const { decoder, events } = logPackets()
    decoder.push(chunk)
    expect(events).toHaveLength(100)
    for (const spy of [concat, copy, slow]) expect(spy).not.toHaveBeenCalled()
  })
})
