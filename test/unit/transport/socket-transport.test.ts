import type { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { ConnectionError, EncodingError } from '../../../src/errors.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { SocketTransport } from '../../../src/transport/socket-transport.ts'
import { request } from '../../helpers/packet-log.ts'
import { useSocketPair } from '../../helpers/socket-pair.ts'

const MIB = 1024 * 1024
const canDo = request('CAN_DO', ['f'])
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A transport on one end of a connection, and what it calls. */
async function openTransport(
  onData: (chunk: Buffer, transport: SocketTransport) => void = () => undefined,
) {
  const { near, far } = await useSocketPair()
  const closed = createDeferred<Error | undefined>()
  const onClose = vi.fn((error: Error | undefined) => closed.resolve(error))
  const onDrain = vi.fn()
  const transport: SocketTransport = new SocketTransport(
    near,
    { onData: (chunk) => onData(chunk, transport), onDrain, onClose },
    { magic: 'request' },
  )
  return { near, far, transport, onClose, onDrain, closed: closed.promise }
}

function readBytes(socket: Socket, count: number): Promise<Buffer> {
  return readUntil(socket, (received) => received >= count)
}

function readAll(socket: Socket): Promise<Buffer> {
  return readUntil(socket, () => false)
}

/** Reads until enough is there, or the other side has closed. */
async function readUntil(socket: Socket, isEnough: (received: number) => boolean): Promise<Buffer> {
  const chunks: Buffer[] = []
  let received = 0
  const enough = createDeferred<void>()
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk)
    received += chunk.length
    if (isEnough(received)) enough.resolve()
  }
  socket.on('data', onData).once('end', enough.resolve).resume()
  await enough.promise
  socket.off('data', onData)
  return Buffer.concat(chunks)
}

/** How often a socket hands something to the kernel. */
function countWrites(socket: Socket): () => number {
  const one = vi.spyOn(socket, '_write')
  const many = vi.spyOn(socket as Required<Pick<Socket, '_writev'>>, '_writev')
  return () => one.mock.calls.length + many.mock.calls.length
}

describe('SocketTransport', () => {
  it('sends all that is queued in one turn in one write', async () => {
    const { near, far, transport } = await openTransport()
    const writes = countWrites(near)
    transport.send(PacketType.CAN_DO, ['f'])
    transport.send(PacketType.CAN_DO, ['f'])
    await Promise.resolve()
    transport.sendBytes(canDo)
    process.nextTick(() => transport.send(PacketType.CAN_DO, ['f']))
    await Promise.resolve().then(() => undefined)
    transport.sendBody(PacketType.CAN_DO, Buffer.from('f'))
    expect(writes()).toBe(0)
    expect(await readBytes(far, 5 * canDo.length)).toEqual(
      Buffer.concat([canDo, canDo, canDo, canDo, canDo]),
    )
    expect(writes()).toBe(1)
  })

  it('answers what came from many connections in one turn in one write', async () => {
    const hub = await openTransport()
    const writes = countWrites(hub.near)
    let turns = 0
    let isTurnCounted = false
    const onData = (): void => {
      if (!isTurnCounted) {
        turns += 1
        isTurnCounted = true
        setImmediate(() => {
          isTurnCounted = false
        })
      }
      hub.transport.send(PacketType.CAN_DO, ['f'])
    }
    const sources = await Promise.all(Array.from({ length: 10 }, () => openTransport(onData)))
    // Usually all ten come in one turn, but the kernel may deliver them in several: once in one each says nothing.
    let rounds = 0
    do {
      rounds += 1
      for (const { far } of sources) far.write('x')
      await readBytes(hub.far, 10 * canDo.length)
    } while (turns === rounds * 10)
    expect(writes()).toBeLessThanOrEqual(turns)
  })

  it('sends large arguments and what stands around them in one write', async () => {
    const { near, far, transport } = await openTransport()
    const writes = countWrites(near)
    const packets = ['a', 'b', 'c'].map((byte) => {
      const data = Buffer.alloc(10_000, byte)
      transport.send(PacketType.SUBMIT_JOB, ['f', 'u', data])
      return request('SUBMIT_JOB', ['f', 'u', data])
    })
    const wanted = Buffer.concat(packets)
    expect((await readBytes(far, wanted.length)).equals(wanted)).toBe(true)
    expect(writes()).toBe(1)
  })

  it('queues nothing of a packet that cannot be framed', async () => {
    const { far, transport } = await openTransport()
    expect(() => transport.send(PacketType.SUBMIT_JOB, ['\0', '', ''])).toThrow(EncodingError)
    transport.send(PacketType.CAN_DO, ['f'])
    expect(await readBytes(far, canDo.length)).toEqual(canDo)
  })

  it('says up to where bytes were handed to the socket', async () => {
    const { far, transport } = await openTransport()
    transport.send(PacketType.CAN_DO, ['f'])
    expect([transport.position, transport.handedBytes, transport.unsentBytes]).toEqual([13, 0, 13])
    await readBytes(far, 13)
    expect([transport.position, transport.handedBytes, transport.unsentBytes]).toEqual([13, 13, 0])
  })

  it('hands nothing more to a full socket, and goes on in order once it drains', async () => {
    const { near, far, transport, onDrain } = await openTransport()
    far.pause()
    const wanted: Buffer[] = []
    const sendPackets = (): void => {
      for (let count = 0; count < 8; count += 1) {
        const data = Buffer.alloc(MIB / 2, wanted.length)
        transport.send(PacketType.ECHO_REQ, [data])
        wanted.push(request('ECHO_REQ', [data]))
      }
    }
    // Turn by turn, until the kernel takes no more.
    let stuckTurns = 0
    for (let handed = -1; stuckTurns < 5; handed = transport.handedBytes) {
      if (transport.handedBytes === handed) stuckTurns += 1
      sendPackets()
      await nextTurn()
      expect(near.writableLength).toBeLessThanOrEqual(2 * MIB)
    }
    expect(transport.handedBytes).toBeLessThan(transport.position)
    expect(transport.unsentBytes).toBe(
      transport.position - transport.handedBytes + near.writableLength,
    )
    const whole = Buffer.concat(wanted)
    expect((await readBytes(far, whole.length)).equals(whole)).toBe(true)
    expect(transport.handedBytes).toBe(whole.length)
    expect(onDrain).toHaveBeenCalled()
  })

  it('hands a very large argument over in parts, so that its progress can be seen', async () => {
    const { far, transport } = await openTransport()
    far.pause()
    const data = Buffer.alloc(64 * MIB, 'abcdefg')
    transport.send(PacketType.ECHO_REQ, [data])
    await nextTurn()
    await nextTurn()
    expect(transport.handedBytes).toBeGreaterThan(0)
    expect(transport.handedBytes).toBeLessThan(32 * MIB)
    const before = transport.lastActivityMs
    const received = await readBytes(far, 12 + data.length)
    expect(received.subarray(12).equals(data)).toBe(true)
    expect(transport.lastActivityMs).toBeGreaterThan(before)
  })

  it('gives what comes in, and notes when', async () => {
    const received: Buffer[] = []
    const came = createDeferred<void>()
    const { far, transport } = await openTransport((chunk) => {
      received.push(chunk)
      came.resolve()
    })
    const before = transport.lastActivityMs
    far.write('hello')
    await came.promise
    expect(Buffer.concat(received).toString()).toBe('hello')
    expect(transport.lastActivityMs).toBeGreaterThan(before)
  })

  it('reads nothing while it is paused', async () => {
    const received = vi.fn()
    const came = createDeferred<void>()
    const { far, transport } = await openTransport((chunk) => {
      received(String(chunk))
      came.resolve()
    })
    transport.pause()
    far.write('held')
    // The way back works all the same.
    transport.send(PacketType.CAN_DO, ['f'])
    await readBytes(far, canDo.length)
    expect(received).not.toHaveBeenCalled()
    transport.resume()
    await came.promise
    expect(received).toHaveBeenCalledWith('held')
  })
})

describe('the end of a SocketTransport', () => {
  it('comes after what was queued, also on a full socket', async () => {
    const { far, transport, onClose, closed } = await openTransport()
    far.pause()
    const data = Buffer.alloc(16 * MIB, 7)
    transport.send(PacketType.ECHO_REQ, [data])
    await nextTurn()
    transport.send(PacketType.CAN_DO, ['f'])
    transport.end()
    transport.end()
    const received = await readAll(far)
    expect(received).toHaveLength(12 + data.length + canDo.length)
    expect(received.subarray(-canDo.length)).toEqual(canDo)
    far.end()
    expect(await closed).toBeUndefined()
    expect(onClose).toHaveBeenCalledTimes(1)
  })

  it('is told once when the peer closes, without an error', async () => {
    const { far, onClose, closed } = await openTransport()
    far.end()
    expect(await closed).toBeUndefined()
    expect(onClose).toHaveBeenCalledTimes(1)
  })

  it('is told once when the peer resets, with the error', async () => {
    const { far, onClose, closed } = await openTransport()
    far.resetAndDestroy()
    expect(await closed).toHaveProperty('code', 'ECONNRESET')
    expect(onClose).toHaveBeenCalledTimes(1)
  })

  it('drops what is queued when it is destroyed, and is told with the reason', async () => {
    const { far, transport, onClose, closed } = await openTransport()
    const reason = new ConnectionError('heard nothing')
    const rest = readAll(far)
    transport.send(PacketType.CAN_DO, ['f'])
    transport.destroy(reason)
    transport.destroy(new Error('a second reason'))
    transport.send(PacketType.CAN_DO, ['f'])
    expect(await closed).toBe(reason)
    expect(await rest).toHaveLength(0)
    expect(onClose).toHaveBeenCalledTimes(1)
    expect(transport.handedBytes).toBe(0)
  })

  it('is no error when something is sent after the peer has closed', async () => {
    const { near, far, transport, closed } = await openTransport()
    near.on('end', () => transport.send(PacketType.CAN_DO, ['f']))
    far.end()
    expect(await closed).toBeUndefined()
    transport.send(PacketType.CAN_DO, ['f'])
    await nextTurn()
    expect(transport.handedBytes).toBe(0)
  })

  it('is no error while a full socket still holds packets back', async () => {
    const { far, transport, closed } = await openTransport()
    far.pause()
    transport.send(PacketType.ECHO_REQ, [Buffer.alloc(32 * MIB)])
    await nextTurn()
    transport.send(PacketType.CAN_DO, ['f'])
    far.end()
    far.resume()
    expect(await closed).toBeUndefined()
  })

  it('leaves time for the answer to a peer that asks and closes its side at once', async () => {
    const { far } = await openTransport((_chunk, transport) =>
      transport.send(PacketType.CAN_DO, ['f']),
    )
    far.end('status\n')
    expect(await readAll(far)).toEqual(canDo)
  })

  it('brings no more data once it was destroyed', async () => {
    const received = vi.fn()
    const { near, far, transport, closed } = await openTransport((chunk, self) => {
      received(String(chunk))
      self.destroy()
    })
    transport.pause()
    for (const text of ['one', 'two', 'three']) {
      far.write(text)
      await nextTurn()
      await nextTurn()
      // A paused socket reads ahead a little: several chunks are in its buffer then.
      near.read(0)
    }
    await nextTurn()
    transport.resume()
    await closed
    expect(received).toHaveBeenCalledTimes(1)
  })

  it('is told even when the socket was gone before it got one', async () => {
    const { near } = await useSocketPair()
    near.on('error', () => undefined)
    const lost = new Error('lost in between')
    near.destroy(lost)
    await new Promise((resolve) => near.once('close', resolve))
    const closed = createDeferred<Error | undefined>()
    const onClose = vi.fn((error: Error | undefined) => closed.resolve(error))
    const transport = new SocketTransport(
      near,
      { onData: () => undefined, onClose },
      { magic: 'request' },
    )
    transport.send(PacketType.CAN_DO, ['f'])
    expect(onClose).not.toHaveBeenCalled()
    expect(await closed.promise).toBe(lost)
    await nextTurn()
    expect(onClose).toHaveBeenCalledTimes(1)
  })
})
