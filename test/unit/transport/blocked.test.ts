import { expect, it, vi } from 'vitest'
import { PacketType } from '../../../src/protocol/packets.ts'
import { SocketTransport } from '../../../src/transport/socket-transport.ts'
import { useSocketPair } from '../../helpers/socket-pair.ts'

it('what is queued behind a full socket is reported, so that somebody can bound it', async () => {
  const { near, far } = await useSocketPair()
  const onBlocked = vi.fn()
  const transport = new SocketTransport(
    near,
    { onData: () => undefined, onClose: () => undefined, onBlocked },
    { magic: 'response' },
  )
  far.pause()
  const body = Buffer.alloc(1024 * 1024)
  while (onBlocked.mock.calls.length === 0) {
    transport.sendBody(PacketType.ECHO_RES, body)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(transport.unsentBytes).toBeGreaterThan(0)
})
