import { describe, expect, it } from 'vitest'
import { PacketEncoder } from '../../../src/protocol/packet-encoder.ts'
import { PacketType } from '../../../src/protocol/packets.ts'

describe('a body that is passed on as it came', () => {
  it.each([0, 1, 100, 8191, 8192, 100_000])(
    'makes the same packet as its arguments: %d bytes',
    (size) => {
      const data = Buffer.alloc(size, 'x\0y')
      const [framed, passedOn] = [
        new PacketEncoder({ magic: 'response' }),
        new PacketEncoder({ magic: 'response' }),
      ]
      framed.append(PacketType.WORK_DATA, ['H:x:1', data])
      framed.append(PacketType.NOOP, [])
      passedOn.append(PacketType.NOOP, [])
      passedOn.take()
      passedOn.appendBody(PacketType.WORK_DATA, Buffer.concat([Buffer.from('H:x:1\0'), data]))
      passedOn.appendBody(PacketType.NOOP, Buffer.alloc(0))
      expect(Buffer.concat(passedOn.take()).equals(Buffer.concat(framed.take()))).toBe(true)
      expect(passedOn.pendingBytes).toBe(0)
    },
  )

  it('is passed on without a copy when it is large', () => {
    const encoder = new PacketEncoder({ magic: 'response' })
    const body = Buffer.alloc(100_000)
    encoder.appendBody(PacketType.ECHO_RES, body)
    expect(encoder.take().some((piece) => piece.buffer === body.buffer)).toBe(true)
  })
})
