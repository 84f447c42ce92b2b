import { once } from 'node:events'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import { InvalidArgumentError } from 'gearman-sdk'
import { FaultProxy } from 'gearman-sdk/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { useTcpProxy } from '../../helpers/tcp-proxy.ts'

/** An echo server that notes the chunks it got. */
async function startEcho(): Promise<{ port: number; chunks: Buffer[]; sockets: Socket[] }> {
  const chunks: Buffer[] = []
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      socket.write(chunk)
    })
    socket.on('end', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, chunks, sockets }
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  return socket
}

/** What the sockets that lead to a port write from now on, each with the turn of the event loop in which it was. */
function watchWrites(port: number): { readonly text: string; readonly turn: number }[] {
  const writes: { readonly text: string; readonly turn: number }[] = []
  let turn = 0
  const prototype = Socket.prototype as Required<Pick<Socket, '_write'>>
  const write = prototype._write
  const spy = vi.spyOn(prototype, '_write').mockImplementation(function (
    this: Socket,
    chunk,
    ...more
  ) {
    if (this.remotePort === port) {
      writes.push({ text: String(chunk), turn })
      setImmediate(() => {
        turn += 1
      })
    }
    write.call(this, chunk, ...more)
  })
  onTestFinished(() => spy.mockRestore())
  return writes
}

const nextData = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0])

describe('a fault proxy', () => {
  it('passes bytes and the end of both directions on, and counts', async () => {
    const proxy = await useTcpProxy(await startEcho())
    const socket = await open(proxy.port)
    const closed = once(socket, 'close')
    socket.write('hello')
    expect(await nextData(socket)).toBe('hello')
    expect([proxy.connectionCount, proxy.openCount]).toEqual([1, 1])
    socket.end('bye')
    expect(await nextData(socket)).toBe('bye')
    await closed
    expect([proxy.bytesToServer, proxy.bytesToClient]).toEqual([8, 8])
  })

  it('takes anything with a port as its target, and refuses what has none', async () => {
    const { port } = await startEcho()
    class Server {
      get port(): number {
        return port
      }
    }
    await using proxy = await FaultProxy.start(new Server())
    const socket = await open(proxy.port)
    socket.write('there')
    expect(await nextData(socket)).toBe('there')
    socket.destroy()
    await expect(FaultProxy.start({} as never)).rejects.toThrow(InvalidArgumentError)
  })

  it('passes megabytes on unchanged', async () => {
    const proxy = await useTcpProxy(await startEcho())
    const socket = await open(proxy.port)
    const sent = Buffer.alloc(8 * 1024 * 1024, 'abcdefg')
    socket.end(sent)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
  })

  it('cuts both sides with a reset', async () => {
    const echo = await startEcho()
    const proxy = await useTcpProxy(echo)
    const socket = await open(proxy.port)
    socket.write('x')
    await nextData(socket)
    const [server] = echo.sockets
    if (server === undefined) throw new Error('no connection at the server')
    const errors = Promise.all([once(socket, 'error'), once(server, 'error')])
    proxy.cut()
    expect((await errors).map(([error]) => (error as NodeJS.ErrnoException).code)).toEqual([
      'ECONNRESET',
      'ECONNRESET',
    ])
    expect(proxy.openCount).toBe(0)
  })

  it('refuses new connections while open ones go on, and accepts again on the same port', async () => {
    const proxy = await useTcpProxy(await startEcho())
    const before = await open(proxy.port)
    proxy.refuse()
    const refused = connect(proxy.port, '127.0.0.1')
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    before.write('still here')
    expect(await nextData(before)).toBe('still here')
    await proxy.listen()
    const after = await open(proxy.port)
    after.write('back')
    expect(await nextData(after)).toBe('back')
  })

  it('holds everything back while it is frozen, and still accepts', async () => {
    const echo = await startEcho()
    const proxy = await useTcpProxy(echo)
    const socket = await open(proxy.port)
    proxy.freeze()
    socket.write('held')
    const other = await open(proxy.port)
    other.write('held too')
    // A third connection round trip past the proxy: by then the frozen bytes would have come through.
    const direct = await open(echo.port)
    direct.write('direct')
    await nextData(direct)
    expect([proxy.bytesToServer, String(echo.chunks)]).toEqual([0, 'direct'])
    const answers = Promise.all([nextData(socket), nextData(other)])
    proxy.resume()
    expect(await answers).toEqual(['held', 'held too'])
  })

  it('can be cut while it is frozen', async () => {
    const proxy = await useTcpProxy(await startEcho())
    const socket = await open(proxy.port)
    proxy.freeze()
    socket.write('lost')
    const error = once(socket, 'error')
    while (proxy.openCount === 0) await new Promise(setImmediate)
    proxy.cut()
    await error
    expect(proxy.bytesToServer).toBe(0)
  })

  it('splits what it passes on into pieces', async () => {
    const echo = await startEcho()
    const proxy = await useTcpProxy(echo)
    const socket = await open(proxy.port)
    socket.write('through')
    await nextData(socket)
    proxy.split(2)
    // Not as they are read: the kernel may hand a reader several at once.
    const writes = watchWrites(echo.port)
    socket.end('abcdefg')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(String(Buffer.concat(chunks))).toBe('abcdefg')
    expect(writes.map(({ text }) => text)).toEqual(['ab', 'cd', 'ef', 'g'])
    expect(new Set(writes.map(({ turn }) => turn)).size).toBe(4)
  })

  it('resets a client when the server is not there', async () => {
    const proxy = await useTcpProxy({ port: 1 })
    const socket = connect(proxy.port, '127.0.0.1')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNRESET')
  })

  it('freezes one direction, and passes the other on', async () => {
    const echo = await startEcho()
    const proxy = await useTcpProxy(echo)
    const socket = await open(proxy.port)
    proxy.freeze('to-client')
    socket.write('asked')
    while (echo.chunks.length === 0) await new Promise(setImmediate)
    expect([proxy.bytesToServer, proxy.bytesToClient]).toEqual([5, 0])
    const answer = nextData(socket)
    proxy.resume('to-client')
    expect(await answer).toBe('asked')
  })

  it('throws away what comes while it drops, and counts it', async () => {
    const echo = await startEcho()
    const proxy = await useTcpProxy(echo)
    const socket = await open(proxy.port)
    proxy.drop('to-client')
    socket.write('lost')
    while (proxy.droppedBytes < 4) await new Promise(setImmediate)
    proxy.resume()
    socket.write('kept')
    expect(await nextData(socket)).toBe('kept')
    expect([proxy.bytesToServer, proxy.bytesToClient]).toEqual([8, 4])
  })

  it('delays all, in order, and also what follows while it waits', async () => {
    const proxy = await useTcpProxy(await startEcho())
    const socket = await open(proxy.port)
    proxy.delay(100)
    const startMs = performance.now()
    for (const text of ['a', 'b', 'c']) {
      socket.write(text)
      await new Promise(setImmediate)
    }
    socket.end('d')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(String(Buffer.concat(chunks))).toBe('abcd')
    // There and back; the clock of timers may be a millisecond ahead.
    expect(performance.now() - startMs).toBeGreaterThan(190)
    expect(() => proxy.delay(-1)).toThrow(InvalidArgumentError)
    expect(() => proxy.split(0)).toThrow(InvalidArgumentError)
  })

  it.for(['to-client', 'to-server'] as const)('ends one direction only: %s', async (direction) => {
    const echo = await startEcho()
    const proxy = await useTcpProxy(echo)
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
    onTestFinished(() => {
      socket.destroy()
    })
    socket.write('x')
    await nextData(socket)
    const [server] = echo.sockets
    if (server === undefined) throw new Error('no connection at the server')
    const [reader, writer] = direction === 'to-client' ? [socket, server] : [server, socket]
    server.removeAllListeners('end')
    server.removeAllListeners('data').on('data', (chunk: Buffer) => echo.chunks.push(chunk))
    socket.resume()
    const ended = once(reader, 'end')
    proxy.halfClose(direction)
    await ended
    expect(writer.readableEnded).toBe(false)
    const heard = once(writer, 'data')
    reader.write('still talking')
    expect(String((await heard)[0])).toBe('still talking')
  })

  it('is closed with connections open, twice', async () => {
    const proxy = await FaultProxy.start(await startEcho())
    const socket = await open(proxy.port)
    const error = once(socket, 'error')
    while (proxy.openCount === 0) await new Promise(setImmediate)
    await proxy.close()
    await proxy.close()
    await error
  })
})
