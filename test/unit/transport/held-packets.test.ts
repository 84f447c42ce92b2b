import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PacketType } from '../../../src/protocol/packets.ts'
import { SocketTransport } from '../../../src/transport/socket-transport.ts'
import { useSocketPair } from '../../helpers/socket-pair.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Scene {
  readonly transport: SocketTransport
  readonly writes: () => number
  /** The peer says something. */
  read(): void
}

async function openTransport(maxHeldPackets: number): Promise<Scene> {
  const { near } = await useSocketPair()
  const write = vi.spyOn(near as Required<Pick<Socket, '_write'>>, '_write')
  const handler = { maxHeldPackets, onData: () => undefined, onClose: () => undefined }
  const transport = new SocketTransport(near, handler, { magic: 'request' })
  const read = (): void => {
    near.emit('data', Buffer.from('x'))
  }
  return { transport, writes: () => write.mock.calls.length, read }
}

describe('packets that wait for company', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    vi.advanceTimersByTime(1000)
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('leave after a millisecond, while the peer sends often', async () => {
    const { transport, writes, read } = await openTransport(2)
    read()
    read()
    transport.send(PacketType.PRE_SLEEP, [])
    await nextTurn()
    expect(writes()).toBe(0)
    expect(transport.handedBytes).toBe(0)
    vi.advanceTimersByTime(1)
    expect(writes()).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leave with the first one that is more than may wait', async () => {
    const { transport, writes, read } = await openTransport(2)
    for (let packets = 1; packets <= 3; packets += 1) {
      read()
      read()
      transport.send(PacketType.PRE_SLEEP, [])
      await nextTurn()
      expect(writes()).toBe(packets < 3 ? 0 : 1)
    }
    // The time of the first has not run out; nothing is left to send then.
    vi.advanceTimersByTime(1)
    expect(writes()).toBe(1)
  })

  it('do not wait when the peer sends seldom', async () => {
    const { transport, writes, read } = await openTransport(2)
    read()
    vi.advanceTimersByTime(1)
    read()
    transport.send(PacketType.PRE_SLEEP, [])
    await nextTurn()
    expect(writes()).toBe(1)
  })

  it('do not wait when the peer has sent often, and no longer does', async () => {
    const { transport, writes, read } = await openTransport(2)
    read()
    read()
    vi.advanceTimersByTime(1)
    transport.send(PacketType.PRE_SLEEP, [])
    await nextTurn()
    expect(writes()).toBe(1)
  })

  it('do not wait where none may', async () => {
    const { transport, writes, read } = await openTransport(0)
    read()
    read()
    transport.send(PacketType.PRE_SLEEP, [])
    await nextTurn()
    expect(writes()).toBe(1)
  })

  it('leave at once when the connection ends', async () => {
    const { transport, writes, read } = await openTransport(2)
    read()
    read()
    transport.send(PacketType.PRE_SLEEP, [])
    await nextTurn()
    transport.end()
    expect(writes()).toBe(1)
  })
})
