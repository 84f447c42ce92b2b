import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { FakeServer } from 'gearman-sdk/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodePacket } from '../../../src/protocol/packet-encoder.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { type FakeScript, useFakeServer } from '../../helpers/fake-server.ts'

const submit = encodePacket('request', PacketType.SUBMIT_JOB, ['reverse', 'u-1', 'abc'])
const optionReq = encodePacket('request', PacketType.OPTION_REQ, ['exceptions'])

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  return socket
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

describe('a fake server', () => {
  it('gives each packet with its arguments, and sends what the script says', async () => {
    const server = await useFakeServer([
      async (peer) => {
        const { type, name, args } = await peer.expect('SUBMIT_JOB')
        expect([type, name, args.map(String)]).toEqual([7, 'SUBMIT_JOB', ['reverse', 'u-1', 'abc']])
        peer.send('JOB_CREATED', ['H:x:1'])
        peer.sendBytes(Buffer.from('half'))
        expect(await peer.nextLine()).toBe('version')
        peer.sendLine('OK 1.0')
        peer.end()
      },
    ])
    const socket = await open(server.port)
    socket.write(submit)
    socket.write('version\r\n')
    expect(await readAll(socket)).toEqual(
      Buffer.concat([
        encodePacket('response', PacketType.JOB_CREATED, ['H:x:1']),
        Buffer.from('halfOK 1.0\n'),
      ]),
    )
    await server.done()
  })

  it('answers options and echoes by itself, unless told otherwise', async () => {
    const script: FakeScript = async (peer) => {
      await peer.expect('SUBMIT_JOB')
      peer.end()
    }
    const healthy = await useFakeServer([script])
    const socket = await open(healthy.port)
    socket.write(Buffer.concat([optionReq, submit]))
    expect(await readAll(socket)).toEqual(
      encodePacket('response', PacketType.OPTION_RES, ['exceptions']),
    )
    expect(healthy.peers[0]?.received.map(({ name }) => name)).toEqual(['OPTION_REQ', 'SUBMIT_JOB'])

    const mute = await FakeServer.start([script], { autoAnswer: false })
    const other = await open(mute.port)
    other.write(optionReq)
    await expect(mute.done()).rejects.toThrow('expected SUBMIT_JOB, got OPTION_REQ')
    await expect(mute.close()).rejects.toThrow('expected SUBMIT_JOB')
  })

  it('runs one script per connection, in order, and closes further connections', async () => {
    const server = await useFakeServer([
      (peer) => peer.sendLine('first'),
      (peer) => peer.sendLine('second'),
    ])
    const first = await open(server.port)
    expect(String((await once(first, 'data'))[0])).toBe('first\n')
    const second = await open(server.port)
    expect(String((await once(second, 'data'))[0])).toBe('second\n')
    await server.done()
    await once(await open(server.port), 'close')
    expect(server.connectionCount).toBe(3)
  })

  it('reports a script whose connection ends before the packet that it waits for', async () => {
    const server = await FakeServer.start([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
      },
    ])
    const socket = await open(server.port)
    socket.end()
    await expect(server.done()).rejects.toThrow('no SUBMIT_JOB came: the connection was closed')
    await expect(server.close()).rejects.toThrow('no SUBMIT_JOB came')
  })

  it('reports a peer that does not speak Gearman', async () => {
    const server = await FakeServer.start([
      async (peer) => {
        await peer.nextPacket()
      },
    ])
    const socket = await open(server.port)
    socket.write(Buffer.from([0, 1, 2, 3]))
    await expect(server.done()).rejects.toThrow('bad magic')
    await expect(server.close()).rejects.toThrow('bad magic')
  })

  it('resets a connection when the script says so', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        peer.reset()
        await peer.closed
      },
    ])
    const socket = connect(server.port, '127.0.0.1')
    socket.write(submit)
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNRESET')
    await server.done()
  })

  it('closes with scripts still waiting, and leaves no socket', async () => {
    const server = await FakeServer.start([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
      },
    ])
    const socket = await open(server.port)
    socket.write(optionReq)
    await once(socket, 'data')
    const closed = once(socket, 'close')
    await server.close()
    await server.close()
    await server.done()
    await closed
  })
})
