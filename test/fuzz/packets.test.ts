import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { EncodingError, ProtocolError } from '../../src/errors.ts'
import { splitArguments } from '../../src/protocol/arguments.ts'
import { PacketDecoder } from '../../src/protocol/packet-decoder.ts'
import { PacketEncoder } from '../../src/protocol/packet-encoder.ts'
import { PACKETS, PacketType } from '../../src/protocol/packets.ts'

/** Many runs are work for seconds where nothing else runs: a busy machine is slow, not broken. */
vi.setConfig({ testTimeout: 300_000 })

const RUNS = { numRuns: 400 }
const MAX_BODY_BYTES = 50_000

interface SentPacket {
  readonly type: number
  readonly args: readonly (string | Uint8Array)[]
}

const withoutNul = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => text.replaceAll('\0', '')),
  fc.uint8Array({ min: 1, maxLength: 80 }),
)
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.integer({ min: 8000, max: 20_000 }).map((size) => new Uint8Array(size).fill(size)),
)
const packet: fc.Arbitrary<SentPacket> = fc
  .constantFrom(...Object.values(PACKETS))
  .chain(({ code, args }) =>
    fc
      .tuple(...args.map((_, index) => (index === args.length - 1 ? anyBytes : withoutNul)))
      .map((values) => ({ type: code, args: values })),
  )
const line = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
  .map((text) => text.replaceAll(/^[\0]+/g, 'x').replaceAll(/[\r\n]/g, ' '))
const chunkSizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 5000 })),
  {
    minLength: 1,
    maxLength: 20,
  },
)

/** A stream cut into chunks whose sizes repeat. */
function* chunksOf(stream: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let start = 0
  for (let index = 0; start < stream.length; index += 1) {
    const end = start + (sizes[index % sizes.length] ?? 1)
    // A copy, as a socket gives it: what the decoder keeps must not depend on the stream.
    yield Buffer.from(stream.subarray(start, end))
    start = end
  }
}

/** What a decoder makes of a stream: calls in order, and the error that ended it. */
function decode(stream: Buffer, sizes: readonly number[], magic: 'request' | 'response'): string[] {
  const calls: string[] = []
  const decoder = new PacketDecoder(
    {
      onPacket: (type, body) => calls.push(`${type} ${body.toString('hex')}`),
      onLine: (text) => calls.push(`line ${text.toString('hex')}`),
      onOversized: (type, size, front) =>
        calls.push(`oversized ${type} ${size} ${front.toString('hex')}`),
      onForeignMagic: (type, body) => calls.push(`foreign ${type} ${body.toString('hex')}`),
    },
    { magic, maxBodyBytes: MAX_BODY_BYTES, maxLineBytes: 1000 },
  )
  try {
    for (const chunk of chunksOf(stream, sizes)) decoder.push(chunk)
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    calls.push('refused')
  }
  return calls
}

function encode(packets: readonly SentPacket[]): Buffer {
  const encoder = new PacketEncoder({ magic: 'request' })
  for (const { type, args } of packets) encoder.append(type, args)
  return Buffer.concat(encoder.take())
}

/** A packet as text: buffers are slow to compare one element at a time. */
function inHex(type: number, args: readonly (string | Uint8Array)[]): string {
  return [type, ...args.map((arg) => Buffer.from(arg as string).toString('hex'))].join(' ')
}

describe('packets', () => {
  it('come out as they went in, whatever their arguments and whatever the chunks', () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), chunkSizes, (packets, sizes) => {
        const received: string[] = []
        const decoder = new PacketDecoder(
          { onPacket: (type, body) => received.push(inHex(type, splitArguments(type, body))) },
          { magic: 'request', maxBodyBytes: MAX_BODY_BYTES },
        )
        for (const chunk of chunksOf(encode(packets), sizes)) decoder.push(chunk)
        expect(received).toEqual(packets.map(({ type, args }) => inHex(type, args)))
        expect(decoder.isMidPacket).toBe(false)
      }),
      RUNS,
    )
  })

  it('and lines of text come out in order when they are mixed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(packet, line), { maxLength: 20 }),
        fc.constantFrom('\n', '\r\n'),
        chunkSizes,
        (items, lineEnd, sizes) => {
          const parts = items.map((item) =>
            typeof item === 'string' ? Buffer.from(item + lineEnd) : encode([item]),
          )
          const wanted = items.map((item, index) =>
            typeof item === 'string'
              ? `line ${Buffer.from(item).toString('hex')}`
              : `${item.type} ${(parts[index] as Buffer).subarray(12).toString('hex')}`,
          )
          expect(decode(Buffer.concat(parts), sizes, 'request')).toEqual(wanted)
        },
      ),
      RUNS,
    )
  })

  it('are refused, or framed so that they are read as one packet', () => {
    const anything = fc.record({
      type: fc.integer({ min: -1, max: 45 }),
      args: fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()), { maxLength: 9 }),
    })
    fc.assert(
      fc.property(anything, fc.constantFrom('utf8', 'latin1'), ({ type, args }, textEncoding) => {
        const encoder = new PacketEncoder({ magic: 'response', textEncoding })
        try {
          encoder.append(type, args)
        } catch (error) {
          expect(error).toBeInstanceOf(EncodingError)
          expect([encoder.totalBytes, encoder.take()]).toEqual([0, []])
          return
        }
        const bytes = Buffer.concat(encoder.take())
        expect(bytes).toHaveLength(encoder.totalBytes)
        const [only, ...more] = decode(bytes, [bytes.length], 'response')
        expect([only, more]).toEqual([`${type} ${bytes.subarray(12).toString('hex')}`, []])
        expect(splitArguments(type, bytes.subarray(12))).toEqual(
          args.map((arg) => Buffer.from(arg as string, textEncoding)),
        )
      }),
      RUNS,
    )
  })
})

describe('a decoder', () => {
  it('takes garbage, or refuses it with a ProtocolError and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), chunkSizes, (garbage, sizes) => {
        decode(Buffer.from(garbage), sizes, 'request')
      }),
      RUNS,
    )
  })

  it('takes garbage behind a good header, or refuses it with a ProtocolError', () => {
    const start = fc.constantFrom('\0REQ\0\0\0', '\0RES\0\0\0', '\0REQ', '\0RE', '\0')
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), chunkSizes, (front, rest, sizes) => {
        decode(Buffer.concat([Buffer.from(front), rest]), sizes, 'request')
      }),
      RUNS,
    )
  })

  const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) })

  it('makes the same of a damaged stream, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(packet, line), { minLength: 1, maxLength: 8 }),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        chunkSizes,
        (items, mutations, cut, sizes) => {
          const stream = Buffer.concat(
            items.map((item) =>
              typeof item === 'string' ? Buffer.from(`${item}\n`) : encode([item]),
            ),
          )
          for (const { at, byte } of mutations) stream[at % stream.length] = byte
          const damaged = stream.subarray(0, 1 + (cut % stream.length))
          expect(decode(damaged, sizes, 'request')).toEqual(
            decode(damaged, [damaged.length], 'request'),
          )
        },
      ),
      RUNS,
    )
  })

  it('and its arguments: a body is split or refused, never anything else', () => {
    const codes = Object.values(PacketType)
    fc.assert(
      fc.property(fc.constantFrom(...codes), fc.uint8Array({ maxLength: 100 }), (type, body) => {
        try {
          splitArguments(type, Buffer.from(body))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      RUNS,
    )
  })
})
