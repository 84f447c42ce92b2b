import { expect, it } from 'vitest'
import { PacketDecoder } from '../../../src/protocol/packet-decoder.ts'

it.each([1, 3, 1000])(
  'a line over the limit is reported, and ends the decoding (chunks of %d)',
  (size) => {
    const seen: string[] = []
    const decoder = new PacketDecoder(
      {
        onPacket: () => seen.push('packet'),
        onLine: (line) => seen.push(line.toString()),
        onLineTooLong: () => seen.push('too long'),
      },
      { magic: 'request', maxBodyBytes: 100, maxLineBytes: 10 },
    )
    const bytes = Buffer.from('1234567890\nshort\n12345678901\nnever read\n')
    for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size))
    expect(seen).toEqual(['1234567890', 'short', 'too long'])
  },
)
