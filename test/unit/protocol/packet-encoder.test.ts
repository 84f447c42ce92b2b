import { afterEach, describe, expect, it, vi } from 'vitest'
import { EncodingError } from '../../../src/errors.ts'
import { encodePacket, PacketEncoder, viewOf } from '../../../src/protocol/packet-encoder.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { EXAMPLES, header } from '../../helpers/packet-log.ts'

const take = (encoder: PacketEncoder): Buffer => Buffer.concat(encoder.take())
const LARGE = 8192

/** A packet written the slow and plain way. */
function plainPacket(magic: string, type: number, args: readonly (string | Buffer)[]): Buffer {
  const body = args.flatMap((arg, index) =>
    index === 0 ? [Buffer.from(arg)] : [Buffer.from([0]), Buffer.from(arg)],
  )
  const bytes = Buffer.concat(body)
  return Buffer.concat([header(magic, type, bytes.length), bytes])
}

describe('PacketEncoder', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(EXAMPLES)('frames $name, as a request and as a response', ({ name, args }) => {
    const type = PacketType[name]
    const plain = args.map((arg) => (typeof arg === 'string' ? arg : viewOf(arg)))
    expect(encodePacket('request', type, args)).toEqual(plainPacket('\0REQ', type, plain))
    expect(encodePacket('response', type, args)).toEqual(plainPacket('\0RES', type, plain))
  })

  it('gathers all packets of a turn in one piece, and begins anew after take', () => {
    const encoder = new PacketEncoder({ magic: 'request' })
    for (let count = 0; count < 20; count += 1) encoder.append(PacketType.CAN_DO, ['f'])
    const pieces = encoder.take()
    expect(pieces).toHaveLength(1)
    expect(pieces[0]).toHaveLength(20 * 13)
    expect(encoder.take()).toEqual([])
    encoder.append(PacketType.PRE_SLEEP, [])
    expect(take(encoder)).toEqual(header('\0REQ', PacketType.PRE_SLEEP, 0))
  })

  it('leaves pieces that were taken as they are', () => {
    const encoder = new PacketEncoder({ magic: 'request' })
    encoder.append(PacketType.CAN_DO, ['first'])
    const [piece] = encoder.take()
    const before = Buffer.from(piece ?? '')
    for (let count = 0; count < 1000; count += 1) encoder.append(PacketType.CAN_DO, ['other'])
    expect(piece).toEqual(before)
  })

  it('keeps thousands of packets in order over its blocks', () => {
    const encoder = new PacketEncoder({ magic: 'request' })
    const wanted: Buffer[] = []
    for (let count = 0; count < 5000; count += 1) {
      const args = [`f${count}`, '', Buffer.alloc(count % 97, count)]
      encoder.append(PacketType.SUBMIT_JOB, args)
      wanted.push(encodePacket('request', PacketType.SUBMIT_JOB, args))
    }
    expect(take(encoder).equals(Buffer.concat(wanted))).toBe(true)
  })

  it('frames a body as it came', () => {
    for (const size of [0, 1, LARGE - 1, LARGE, 100_000]) {
      const body = Buffer.alloc(size, 'H:1\0data')
      const encoder = new PacketEncoder({ magic: 'response' })
      encoder.append(PacketType.NOOP, [])
      encoder.appendBody(PacketType.WORK_DATA, body)
      encoder.append(PacketType.NOOP, [])
      expect(encoder.pendingBytes).toBe(36 + size)
      const noop = header('\0RES', PacketType.NOOP, 0)
      const framed = [noop, header('\0RES', PacketType.WORK_DATA, size), body, noop]
      expect(take(encoder).equals(Buffer.concat(framed))).toBe(true)
    }
  })

  it('puts lines of text between packets', () => {
    const encoder = new PacketEncoder({ magic: 'response' })
    encoder.append(PacketType.NOOP, [])
    encoder.appendBytes(Buffer.from('OK\r\n'))
    encoder.appendBytes(Buffer.alloc(100_000, 'x'))
    encoder.appendBytes(Buffer.alloc(0))
    encoder.append(PacketType.NOOP, [])
    const noop = header('\0RES', PacketType.NOOP, 0)
    expect(take(encoder).toString('latin1')).toBe(
      `${noop.toString('latin1')}OK\r\n${'x'.repeat(100_000)}${noop.toString('latin1')}`,
    )
  })
})

describe('PacketEncoder and large arguments', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('passes a large last argument on without a copy', () => {
    const encoder = new PacketEncoder({ magic: 'request' })
    const data = new Uint8Array(LARGE).fill(7)
    encoder.append(PacketType.SUBMIT_JOB, ['f', 'u', data])
    encoder.append(PacketType.CAN_DO, ['f'])
    const pieces = encoder.take()
    expect(pieces.map((piece) => piece.length)).toEqual([12 + 4, LARGE, 13])
    expect(pieces[1]?.buffer).toBe(data.buffer)
  })

  it('respects where a view of larger memory begins and ends', () => {
    const data = Buffer.alloc(3 * LARGE)
    data.fill(1, LARGE, 2 * LARGE)
    const packet = encodePacket('request', PacketType.ECHO_REQ, [data.subarray(LARGE, 2 * LARGE)])
    expect(packet.subarray(12).equals(Buffer.alloc(LARGE, 1))).toBe(true)
  })

  it('copies a large argument that is not the last', () => {
    const name = Buffer.alloc(LARGE, 'f')
    const packet = encodePacket('request', PacketType.SUBMIT_JOB, [name, 'u', 'd'])
    expect(packet.equals(plainPacket('\0REQ', PacketType.SUBMIT_JOB, [name, 'u', 'd']))).toBe(true)
  })

  it('takes no more memory for long text than the text needs', () => {
    const slow = vi.spyOn(Buffer, 'allocUnsafeSlow')
    encodePacket('request', PacketType.ECHO_REQ, ['x'.repeat(1_000_000)])
    const sizes = slow.mock.calls.map(([size]) => size)
    expect(Math.max(...sizes)).toBeLessThan(1_010_000)
  })

  it('keeps its blocks small on a connection that says little at a time', () => {
    const slow = vi.spyOn(Buffer, 'allocUnsafeSlow')
    const encoder = new PacketEncoder({ magic: 'request' })
    for (let turn = 0; turn < 10_000; turn += 1) {
      encoder.append(PacketType.CAN_DO, ['f'])
      encoder.take()
    }
    const sizes = slow.mock.calls.map(([size]) => size)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2048)
  })

  it('takes larger blocks on a connection that says much in one turn', () => {
    const slow = vi.spyOn(Buffer, 'allocUnsafeSlow')
    const encoder = new PacketEncoder({ magic: 'request' })
    for (let count = 0; count < 100_000; count += 1) encoder.append(PacketType.CAN_DO, ['f'])
    expect(encoder.take().length).toBeLessThan(40)
    expect(Math.max(...slow.mock.calls.map(([size]) => size))).toBe(65_536)
  })
})

describe('PacketEncoder and text', () => {
  const units = ['a', 'ü', '€', '😀', '\0']
  const lengths = [0, 1, 63, 64, 65, 127, 128, 1000, 8191, 8192, 70_000]

  it.each(units)('writes %j of any length as UTF-8', (unit) => {
    for (const length of lengths) {
      const text = unit.repeat(length)
      for (const mixed of [text, `a${text}`, `${text}z`, `${'a'.repeat(63)}${text}`]) {
        const packet = encodePacket('request', PacketType.ECHO_REQ, [mixed])
        expect(packet.subarray(12).equals(Buffer.from(mixed, 'utf8'))).toBe(true)
      }
    }
  })

  it.each(['a', 'ü', '\xff', '\0'])('writes %j of any length as latin1 when told so', (unit) => {
    for (const length of lengths) {
      const text = `a${unit.repeat(length)}`
      const encoder = new PacketEncoder({ magic: 'response', textEncoding: 'latin1' })
      encoder.append(PacketType.ECHO_RES, [text])
      expect(take(encoder).subarray(12).equals(Buffer.from(text, 'latin1'))).toBe(true)
    }
  })

  it('fills blocks to their last byte with text of many lengths', () => {
    const encoder = new PacketEncoder({ magic: 'request' })
    const wanted: Buffer[] = []
    for (let length = 0; length < 1500; length += 1) {
      const text = 'aé€😀'.repeat(length / 4).slice(0, length)
      const safe = Buffer.from(text, 'utf8').toString('utf8')
      encoder.append(PacketType.CAN_DO, [safe])
      wanted.push(plainPacket('\0REQ', PacketType.CAN_DO, [safe]))
    }
    expect(take(encoder).equals(Buffer.concat(wanted))).toBe(true)
  })
})

describe('PacketEncoder and what cannot be framed', () => {
  it.each([
    ['in short text', 'fu\0nction'],
    ['at the end of short text', 'function\0'],
    ['in long text', `${'f'.repeat(100)}\0`],
    ['in text beyond ASCII', 'fü\0'],
    ['in bytes', Buffer.from([102, 0])],
    ['in large bytes', Buffer.alloc(LARGE)],
  ])('refuses a NUL before the last argument, and appends nothing: %s', (_where, name) => {
    const encoder = new PacketEncoder({ magic: 'request' })
    encoder.append(PacketType.CAN_DO, ['before'])
    const refused = (): void => encoder.append(PacketType.SUBMIT_JOB, [name, 'u', 'data'])
    expect(refused).toThrow(EncodingError)
    expect(refused).toThrow('SUBMIT_JOB: only the last argument may hold a NUL')
    expect(() => encoder.append(PacketType.SUBMIT_JOB, ['f', name, 'd'])).toThrow(EncodingError)
    expect(encoder.pendingBytes).toBe(12 + 6)
    encoder.append(PacketType.CAN_DO, ['after'])
    const can = (task: string): Buffer => plainPacket('\0REQ', PacketType.CAN_DO, [task])
    expect(take(encoder)).toEqual(Buffer.concat([can('before'), can('after')]))
  })

  it('refuses a NUL that latin1 would make of another character', () => {
    const encoder = new PacketEncoder({ magic: 'request', textEncoding: 'latin1' })
    expect(() => encoder.append(PacketType.SUBMIT_JOB, ['f\u0100', '', ''])).toThrow(EncodingError)
  })

  it.each([
    [PacketType.SUBMIT_JOB, ['f', 'u']],
    [PacketType.SUBMIT_JOB, ['f', 'u', 'd', 'x']],
    [PacketType.PRE_SLEEP, ['x']],
    [PacketType.CAN_DO, []],
    [5, []],
    [43, []],
    [-1, []],
  ])('refuses a wrong number of arguments, or an unknown type (%#)', (type, args) => {
    const encoder = new PacketEncoder({ magic: 'request' })
    expect(() => encoder.append(type, args)).toThrow(EncodingError)
    expect(encoder.totalBytes).toBe(0)
  })

  it('refuses a body over 4 GiB, and appends nothing', () => {
    const encoder = new PacketEncoder({ magic: 'request' })
    const huge = Object.defineProperty(new Uint8Array(1), 'length', { value: 2 ** 32 })
    expect(() => encoder.append(PacketType.ECHO_REQ, [huge])).toThrow(EncodingError)
    expect(() => encoder.appendBody(PacketType.ECHO_REQ, huge)).toThrow(EncodingError)
    expect([encoder.totalBytes, encoder.take()]).toEqual([0, []])
  })
})

describe("PacketEncoder's counters", () => {
  it('tell where the next packet begins and how much waits', () => {
    const encoder = new PacketEncoder({ magic: 'request' })
    const seen: number[][] = []
    const note = (): void => {
      seen.push([encoder.totalBytes, encoder.pendingBytes])
    }
    note()
    encoder.append(PacketType.CAN_DO, ['ü'])
    note()
    encoder.append(PacketType.ECHO_REQ, [new Uint8Array(LARGE)])
    note()
    encoder.appendBytes(Buffer.from('status\n'))
    note()
    expect(take(encoder)).toHaveLength(14 + 12 + LARGE + 7)
    note()
    encoder.append(PacketType.PRE_SLEEP, [])
    note()
    expect(seen).toEqual([
      [0, 0],
      [14, 14],
      [26 + LARGE, 26 + LARGE],
      [33 + LARGE, 33 + LARGE],
      [33 + LARGE, 0],
      [45 + LARGE, 12],
    ])
  })
})
