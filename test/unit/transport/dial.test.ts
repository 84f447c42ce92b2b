import { getEventListeners, once } from 'node:events'
import { type AddressInfo, createServer, type LookupFunction, type Server, Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type DialOptions, dial } from '../../../src/transport/dial.ts'
import { createCertificate } from '../../helpers/certificate.ts'

const unaborted = (): AbortSignal => new AbortController().signal

/** A listening server for one test, with the sockets that it accepted. */
async function listen(server: Server): Promise<{ port: number; accepted: Socket[] }> {
  const accepted: Socket[] = []
  server.on('connection', (socket: Socket) => {
    accepted.push(socket)
    socket.on('error', () => undefined)
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of accepted) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, accepted }
}

async function dialAt(port: number, options: Partial<DialOptions> = {}): Promise<Socket> {
  const socket = await dial({
    host: '127.0.0.1',
    port,
    tls: undefined,
    signal: unaborted(),
    ...options,
  })
  onTestFinished(() => {
    socket.destroy()
  })
  return socket
}

/** A port at which nobody listens. */
async function refusedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The sockets that are made from now on. */
function watchSockets(): Socket[] {
  const made: Socket[] = []
  const connect = Socket.prototype.connect
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args) {
    made.push(this)
    return connect.apply(this, args as never)
  })
  return made
}

describe('dial', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('gives an open socket', async () => {
    const { port, accepted } = await listen(createServer())
    const controller = new AbortController()
    const socket = await dialAt(port, { signal: controller.signal })
    socket.write('hello')
    while (accepted.length === 0) await new Promise(setImmediate)
    expect(String((await once(accepted[0] as Socket, 'data'))[0])).toBe('hello')
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('looks the name up', async () => {
    const { port } = await listen(createServer())
    const socket = await dialAt(port, { host: 'localhost' })
    expect(socket.remotePort).toBe(port)
  })

  it('rejects with the error of the socket when the port is refused', async () => {
    await expect(dialAt(await refusedPort())).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      syscall: 'connect',
    })
  })

  it('rejects with the errors of all addresses of a name when every one is refused', async () => {
    const lookup: LookupFunction = (_host, _options, callback) =>
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ])
    const port = await refusedPort()
    await expect(dialAt(port, { host: 'two.test', lookup })).rejects.toMatchObject({
      // The first address is given up after a second: a process that stalls that long may see it so.
      code: expect.stringMatching(/^(ECONNREFUSED|ETIMEDOUT)$/),
      errors: [{ address: '127.0.0.1' }, { address: '127.0.0.2', code: 'ECONNREFUSED' }],
    })
  })

  it('tries one address after the other, IPv6 and IPv4', async () => {
    const { port } = await listen(createServer())
    const lookup: LookupFunction = (_host, _options, callback) =>
      callback(null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const socket = await dialAt(port, { host: 'three.test', lookup })
    expect(socket.remoteAddress).toBe('127.0.0.1')
  })

  it('rejects when the name does not exist', async () => {
    await expect(dialAt(4730, { host: 'no-such-host.invalid' })).rejects.toMatchObject({
      syscall: 'getaddrinfo',
    })
  })

  it('rejects for a port that cannot be', async () => {
    await expect(dialAt(70_000)).rejects.toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' })
  })

  it('does not begin when it is aborted already', async () => {
    const made = watchSockets()
    await expect(dialAt(4730, { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(made).toEqual([])
  })

  it("rejects with the signal's reason when it is aborted while connecting, and leaves nothing open", async () => {
    const { port } = await listen(createServer())
    const made = watchSockets()
    const controller = new AbortController()
    const dialled = dialAt(port, { signal: controller.signal })
    const reason = new Error('too slow')
    controller.abort(reason)
    await expect(dialled).rejects.toBe(reason)
    expect(made.map(({ destroyed }) => destroyed)).toEqual([true])
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('has no say any more once the socket is open', async () => {
    const { port } = await listen(createServer())
    const controller = new AbortController()
    const socket = await dialAt(port, { signal: controller.signal })
    controller.abort()
    expect(socket.destroyed).toBe(false)
  })

  it('guards the socket until somebody takes it: an error in between is not unhandled', async () => {
    const { port } = await listen(createServer())
    const socket = await dialAt(port)
    socket.destroy(new Error('lost in between'))
    await new Promise((resolve) => socket.once('close', resolve))
    expect(socket.errored).toHaveProperty('message', 'lost in between')
  })
})

describe('dial with TLS', () => {
  const certificate = createCertificate()

  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('gives a socket whose server is verified', async () => {
    const { port } = await listen(createTlsServer(certificate))
    for (const host of ['127.0.0.1', 'localhost']) {
      const socket = await dialAt(port, { host, tls: { ca: certificate.cert } })
      expect((socket as TLSSocket).authorized).toBe(true)
    }
  })

  it('refuses a server whose certificate nobody vouches for', async () => {
    const { port } = await listen(createTlsServer(certificate))
    const made = watchSockets()
    await expect(dialAt(port, { tls: {} })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    expect(made.map(({ destroyed }) => destroyed)).toEqual([true])
  })

  it('takes it all the same when the options say so', async () => {
    const { port } = await listen(createTlsServer(certificate))
    const socket = await dialAt(port, { tls: { rejectUnauthorized: false } })
    expect((socket as TLSSocket).authorized).toBe(false)
  })

  it('refuses a certificate for another name', async () => {
    const other = createCertificate({ hosts: ['elsewhere.test', '10.0.0.1'] })
    const { port } = await listen(createTlsServer(other))
    for (const host of ['127.0.0.1', 'localhost']) {
      await expect(dialAt(port, { host, tls: { ca: other.cert } })).rejects.toMatchObject({
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      })
    }
  })

  it('refuses a certificate that has run out', async () => {
    const old = createCertificate({ from: new Date(2020, 1), to: new Date(2021, 1) })
    const { port } = await listen(createTlsServer(old))
    await expect(dialAt(port, { tls: { ca: old.cert } })).rejects.toMatchObject({
      code: 'CERT_HAS_EXPIRED',
    })
  })

  it('rejects when the server does not speak TLS', async () => {
    const server = createServer((socket) => socket.end('ERR UNKNOWN_COMMAND\r\n'))
    const { port } = await listen(server)
    await expect(dialAt(port, { tls: {} })).rejects.toBeInstanceOf(Error)
  })

  it('rejects when the server closes in the handshake', async () => {
    const { port } = await listen(createServer((socket) => socket.resetAndDestroy()))
    await expect(dialAt(port, { tls: {} })).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('can be aborted in the handshake', async () => {
    const { port, accepted } = await listen(createServer())
    const controller = new AbortController()
    const dialled = dialAt(port, { tls: {}, signal: controller.signal })
    dialled.catch(() => undefined)
    while (accepted.length === 0) await new Promise(setImmediate)
    controller.abort('too slow')
    await expect(dialled).rejects.toBe('too slow')
  })

  it('rejects for options that cannot be used', async () => {
    await expect(
      dialAt(4730, { tls: { ca: 'nonsense', cert: 'nonsense' } }),
    ).rejects.toBeInstanceOf(Error)
  })
})

describe('the sockets of dial', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([false, true])(
    'are kept alive by the kernel and send at once (TLS: %s)',
    async (isTls) => {
      const certificate = createCertificate()
      const server = isTls ? createTlsServer(certificate) : createServer()
      const { port } = await listen(server)
      const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive')
      const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
      const socket = await dialAt(port, { tls: isTls ? { ca: certificate.cert } : undefined })
      expect(keepAlive.mock.contexts).toContain(socket)
      expect(keepAlive).toHaveBeenCalledWith(true, 60_000)
      expect(noDelay.mock.contexts).toContain(socket)
    },
  )
})
