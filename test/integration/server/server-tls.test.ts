import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionError, InvalidArgumentError } from '../../../src/errors.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import { createCertificate } from '../../helpers/certificate.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'
import { nextEvent, useServer } from './server-fixture.ts'

const own = createCertificate()

async function useTlsPeer(port: number, options: ConnectionOptions): Promise<RawPeer> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ...options })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return await RawPeer.connect(socket)
}

function nextError(server: GearmanServer): Promise<{ error: Error }> {
  return nextEvent((listener) => server.once('error', listener))
}

describe('client certificates', () => {
  failOnLeaks()
  const known = createCertificate()
  const tls = { ...own, requestCert: true, rejectUnauthorized: true, ca: known.cert }

  test('let in who has one of ours', async () => {
    const { port } = await useServer({ tls })
    const peer = await useTlsPeer(port, { ca: own.cert, ...known })
    expect(await peer.command('status')).toEqual([])
  })

  test('keep out who has another one, and the reason is told', async () => {
    const { server, port } = await useServer({ tls })
    const failed = nextError(server)
    const peer = await useTlsPeer(port, { ca: own.cert, ...createCertificate() })
    peer.sendText('status\n')
    await expect(peer.next()).rejects.toThrow('closed')
    const { error } = await failed
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({
      server: '127.0.0.1',
      message:
        'TLS handshake with 127.0.0.1 failed: its certificate is refused: DEPTH_ZERO_SELF_SIGNED_CERT',
    })
  })

  test('keep out who has none, and the reason is told', async () => {
    const { server, port } = await useServer({ tls })
    const failed = nextError(server)
    const peer = await useTlsPeer(port, { ca: own.cert })
    await peer.closed
    expect((await failed).error.message).toBe(
      'TLS handshake with 127.0.0.1 failed: peer did not return a certificate',
    )
  })
})

describe('changing certificates', () => {
  failOnLeaks()

  test('is for new connections; open ones go on', async () => {
    const { server, port } = await useServer({ tls: own })
    const before = await useTlsPeer(port, { ca: own.cert })
    const renewed = createCertificate()
    server.reloadTls(renewed)
    const after = await useTlsPeer(port, { ca: renewed.cert })
    expect(await after.sync()).toEqual([])
    expect(await before.sync()).toEqual([])
    await expect(useTlsPeer(port, { ca: own.cert })).rejects.toThrow(/self-signed/)
  })

  test.each([
    ['nothing', undefined],
    ['no certificate', {}],
    ['garbage', { cert: 'no certificate', key: 'no key' }],
    ['the key of another one', { cert: own.cert, key: createCertificate().key }],
  ])('to %s is refused, and the old one stays', async (_what, options) => {
    const { server, port } = await useServer({ tls: own })
    expect(() => server.reloadTls(options as typeof own)).toThrow(InvalidArgumentError)
    const peer = await useTlsPeer(port, { ca: own.cert })
    expect(await peer.sync()).toEqual([])
  })

  test('of a server without TLS is refused', () => {
    const server = new GearmanServer({ port: 0 })
    expect(() => server.reloadTls(own)).toThrow(/made without it/)
  })
})

describe('handshakes', () => {
  failOnLeaks()

  test('that stall hold nobody up: 200 silent connections, and a client gets through', async () => {
    const { port } = await useServer({ tls: own })
    const silent = await Promise.all(Array.from({ length: 200 }, () => RawPeer.connect(port)))
    onTestFinished(() => {
      for (const one of silent) one.destroy()
    })
    const peer = await useTlsPeer(port, { ca: own.cert })
    expect(await peer.command('status')).toEqual([])
  })

  test('are cut off after handshakeTimeout, also when a byte comes now and then', async () => {
    const { server, port } = await useServer({ tls: own, handshakeTimeout: 100 })
    const errors: string[] = []
    server.on('error', ({ error }) => errors.push(error.message))
    const socket = connectTcp(port, '127.0.0.1')
    socket.write(Buffer.from('1603014000', 'hex')) // a handshake record of 16 KiB
    const trickle = setInterval(() => socket.write(Buffer.from([1])), 20)
    socket.on('error', () => undefined)
    // Not with once(), which fails of an error: a byte that nobody read makes a reset of the close.
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(trickle)
    await server.close()
    // A client of another program that dials the server it has lost may find this port: it speaks no TLS.
    expect(errors.filter((message) => !message.includes('wrong version number'))).toEqual([
      'TLS handshake with 127.0.0.1 failed: not done within 100 ms',
    ])
  })

  test('that are none close the connection: plain text on the TLS port', async () => {
    const { server, port } = await useServer({ tls: own })
    const failed = nextError(server)
    const plain = await RawPeer.connect(port)
    plain.sendText('status\n')
    await plain.closed
    expect((await failed).error).toBeInstanceOf(ConnectionError)
  })
})
