import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  ConnectionError,
  GearmanErrorCode,
  InvalidArgumentError,
  ProtocolError,
} from '../../../src/errors.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import { createCertificate } from '../../helpers/certificate.ts'
import { RawPeer, rawPacket } from '../../helpers/raw-peer.ts'
import { nextEvent, useServer } from './server-fixture.ts'

/** What this process listens on; a handle is gone a moment after it was closed. */
function openPorts(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap')
}

/** For {@link openPorts}: its second is too little for a machine that stalls. */
const PATIENTLY = { timeout: 30_000 }

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}

describe('starting', () => {
  test('any free port is found, and told', async () => {
    const server = new GearmanServer({ port: 0 })
    expect(server.address).toBeUndefined()
    const listening = nextEvent<object>((listener) => server.on('listening', listener))
    const address = await server.listen()
    expect(address).toEqual({ host: '127.0.0.1', port: expect.any(Number) })
    expect(server.address).toEqual(address)
    expect(await listening).toEqual(address)
    await server.close()
    expect(server.address).toBeUndefined()
    expect(await isRefused(address.port)).toBe(true)
  })

  test('a port in use is a ConnectionError with its cause, and may be tried again', async () => {
    const { server: other, port } = await useServer()
    const server = new GearmanServer({ port })
    onTestFinished(() => server.close())
    await expect(server.listen()).rejects.toMatchObject({
      name: 'ConnectionError',
      code: GearmanErrorCode.Connection,
      server: `127.0.0.1:${port}`,
      cause: { code: 'EADDRINUSE' },
    })
    await other.close()
    await expect(server.listen()).resolves.toEqual({ host: '127.0.0.1', port })
  })

  test('a host that cannot be listened on is a ConnectionError', async () => {
    const server = new GearmanServer({ host: '203.0.113.1', port: 0 })
    await expect(server.listen()).rejects.toThrow(ConnectionError)
  })

  test('listening twice is refused, and the first goes on', async () => {
    const { server, peer } = await useServer()
    await expect(server.listen()).rejects.toThrow('listens already')
    expect(await (await peer()).command('maxqueue x')).toEqual(['OK\r\n'])
  })

  test('a second listen while the first is under way is refused', async () => {
    const server = new GearmanServer({ port: 0 })
    const first = server.listen()
    await expect(server.listen()).rejects.toThrow(ConnectionError)
    await first
    await server.close()
  })

  test('two servers of one process know nothing of each other', async () => {
    const [one, two] = [await useServer(), await useServer()]
    const client = await one.peer()
    client.send('SUBMIT_JOB_BG', 'f', 'u', 'x')
    expect(await client.expect('JOB_CREATED')).toEqual(['H:test:1'])
    const other = await two.peer()
    expect(await other.command('status')).toEqual([])
    other.send('SUBMIT_JOB_BG', 'f', 'u', 'x')
    expect(await other.expect('JOB_CREATED')).toEqual(['H:test:1'])
  })
})

describe('closing', () => {
  test('ends connections and timers, and may be done twice', async () => {
    const { server, port, peer } = await useServer()
    const client = await peer()
    const worker = await peer()
    worker.send('CAN_DO_TIMEOUT', 'f', '3600000')
    client.send('SUBMIT_JOB', 'f', '', 'x')
    client.send('SUBMIT_JOB_EPOCH', 'f', '', '4000000000', 'x')
    await client.sync()
    worker.send('GRAB_JOB')
    await worker.expect('JOB_ASSIGN')
    const closed = nextEvent<object>((listener) => server.on('closed', listener))
    await Promise.all([server.close(), server.close()])
    await closed
    await server.close()
    await Promise.all([client.closed, worker.closed])
    expect(await isRefused(port)).toBe(true)
    await vi.waitFor(() => expect(openPorts()).toEqual([]), PATIENTLY)
  })

  test('before listening is harmless; listening afterwards is refused', async () => {
    const server = new GearmanServer({ port: 0 })
    await server.close()
    await server.close({ graceful: true })
    await expect(server.listen()).rejects.toThrow('the server is closed')
  })

  test('while listening is under way leaves nothing', async () => {
    const server = new GearmanServer({ port: 0 })
    const listening = server.listen()
    const closing = server.close()
    await expect(listening).rejects.toThrow(ConnectionError)
    await closing
    await vi.waitFor(() => expect(openPorts()).toEqual([]), PATIENTLY)
  })

  test('await using closes', async () => {
    let port = 0
    {
      await using server = new GearmanServer({ port: 0 })
      port = (await server.listen()).port
      expect(await isRefused(port)).toBe(false)
    }
    expect(await isRefused(port)).toBe(true)
  })

  test('a peer that does not close its side is cut off', async () => {
    const { server, port } = await useServer()
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    const opened = server.close()
    await opened
    expect(await isRefused(port)).toBe(true)
    socket.destroy()
  })

  test('the text command shutdown is answered, then the server closes', async () => {
    const { server, peer, port } = await useServer()
    const admin = await peer()
    const closed = nextEvent<object>((listener) => server.on('closed', listener))
    expect(await admin.command('shutdown')).toEqual(['OK\r\n'])
    await closed
    await admin.closed
    expect(await isRefused(port)).toBe(true)
  })
})

describe('closing gracefully', () => {
  test('takes no new jobs and connections, lets the running job end, and closes by itself', async () => {
    const { server, peer, port } = await useServer()
    const [client, worker] = [await peer(), await peer()]
    client.send('SUBMIT_JOB', 'f', '', 'x')
    const [handle = ''] = await client.expect('JOB_CREATED')
    worker.send('CAN_DO', 'f')
    worker.send('GRAB_JOB')
    await worker.expect('JOB_ASSIGN')
    const closing = server.close({ graceful: true })
    client.send('SUBMIT_JOB', 'f', '', 'y')
    expect(await client.expect('ERROR')).toEqual(['SHUTDOWN', 'Server is shutting down'])
    expect(await isRefused(port)).toBe(true)
    worker.send('WORK_COMPLETE', handle, 'result')
    expect(await client.expect('WORK_COMPLETE')).toEqual([handle, 'result'])
    await closing
    await client.closed
  })

  test('hands out what is queued as long as a worker can take it, and waits for nothing else', async () => {
    // Longer than the test may take: the wait that it looks for would be seen, and no stall ends it.
    const { server, peer } = await useServer({ drainTimeout: 600_000 })
    const [client, worker] = [await peer(), await peer()]
    for (const name of ['f', 'f', 'nobody can do this']) {
      client.send('SUBMIT_JOB_BG', name, '', 'x')
    }
    client.send('SUBMIT_JOB_EPOCH', 'f', '', '4000000000', 'much later')
    await client.sync()
    worker.send('CAN_DO', 'f')
    await worker.sync()
    const closing = server.close({ graceful: true })
    for (let count = 0; count < 2; count += 1) {
      worker.send('GRAB_JOB')
      const [handle = ''] = await worker.expect('JOB_ASSIGN')
      worker.send('WORK_COMPLETE', handle, '')
    }
    await closing
  })

  test('does not wait for ever for a worker that never asks, though it could', async () => {
    const { server, peer } = await useServer({ drainTimeout: 20 })
    const [client, idle, worker] = [await peer(), await peer(), await peer()]
    for (const one of [idle, worker]) one.send('CAN_DO', 'f')
    idle.send('PRE_SLEEP')
    await idle.sync()
    client.send('SUBMIT_JOB', 'f', '', '1')
    client.send('SUBMIT_JOB', 'f', '', '2')
    const [handle = ''] = await client.expect('JOB_CREATED')
    await client.expect('JOB_CREATED')
    await idle.expect('NOOP')
    worker.send('GRAB_JOB')
    await worker.expect('JOB_ASSIGN')
    const closing = server.close({ graceful: true })
    worker.send('WORK_COMPLETE', handle, 'result')
    expect(await client.expect('WORK_COMPLETE')).toEqual([handle, 'result'])
    await closing
    await client.closed
  })

  test('ends when the last worker leaves with its job', async () => {
    const { server, peer } = await useServer()
    const [client, worker] = [await peer(), await peer()]
    client.send('SUBMIT_JOB_BG', 'f', '', 'x')
    await client.sync()
    worker.send('CAN_DO', 'f')
    worker.send('GRAB_JOB')
    await worker.expect('JOB_ASSIGN')
    const closing = server.close({ graceful: true })
    worker.destroy()
    await closing
  })

  test('is cut short by a timeout, or by closing at once', async () => {
    for (const cut of ['timeout', 'close'] as const) {
      const { server, peer } = await useServer()
      const [client, worker] = [await peer(), await peer()]
      client.send('SUBMIT_JOB_BG', 'f', '', 'x')
      await client.sync()
      worker.send('CAN_DO', 'f')
      worker.send('GRAB_JOB')
      await worker.expect('JOB_ASSIGN')
      const closing = server.close({ graceful: true, ...(cut === 'timeout' && { timeout: 20 }) })
      if (cut === 'close') await server.close()
      await closing
      await worker.closed
    }
  })

  test('by text command', async () => {
    const { server, peer } = await useServer()
    const admin = await peer()
    const closed = nextEvent<object>((listener) => server.on('closed', listener))
    expect(await admin.command('shutdown graceful')).toEqual(['OK\r\n'])
    await closed
  })

  test('a timeout that is no duration is refused', async () => {
    const { server } = await useServer()
    await expect(server.close({ graceful: true, timeout: -1 })).rejects.toThrow(
      InvalidArgumentError,
    )
  })
})

describe('events', () => {
  test('tell of connections and jobs', async () => {
    const { server, peer } = await useServer()
    const seen: string[] = []
    server.on('connectionOpened', ({ id, address }) => seen.push(`opened ${id} ${address}`))
    server.on('connectionClosed', ({ id }) => seen.push(`closed ${id}`))
    server.on('jobAccepted', ({ handle, functionName, unique, priority, dataLength }) => {
      seen.push(`accepted ${handle} ${functionName} ${unique} ${priority} ${dataLength}`)
    })
    server.on('jobCoalesced', ({ handle, client }) => seen.push(`joined ${handle} ${client.id}`))
    server.on('jobAssigned', ({ handle, worker }) => seen.push(`assigned ${handle} ${worker.id}`))
    server.on('jobDone', ({ handle, worker }) => seen.push(`done ${handle} ${worker.id}`))
    const client = await peer()
    client.send('SUBMIT_JOB_HIGH', 'f', 'u', 'four')
    const [handle = ''] = await client.expect('JOB_CREATED')
    client.send('SUBMIT_JOB', 'f', 'u', 'joins')
    client.send('CAN_DO', 'f')
    client.send('GRAB_JOB')
    client.send('WORK_COMPLETE', handle, '')
    await client.sync()
    const closed = nextEvent<object>((listener) => server.on('connectionClosed', listener))
    await client.close()
    await closed
    expect(seen).toEqual([
      'opened 1 127.0.0.1',
      'accepted H:test:1 f u 0 4',
      'joined H:test:1 1',
      'assigned H:test:1 1',
      'done H:test:1 1',
      'closed 1',
    ])
  })
})

describe('time', () => {
  test('a job for later wakes a sleeping worker when it is due', async () => {
    const { peer } = await useServer()
    const [client, worker] = [await peer(), await peer()]
    worker.send('CAN_DO', 'f')
    worker.send('PRE_SLEEP')
    await worker.sync()
    const due = Math.floor(Date.now() / 1000) + 1
    client.send('SUBMIT_JOB_EPOCH', 'f', '', String(due), 'x')
    await client.expect('JOB_CREATED')
    await worker.expect('NOOP')
    expect(Date.now()).toBeGreaterThanOrEqual(due * 1000)
    worker.send('GRAB_JOB')
    expect(await worker.expect('JOB_ASSIGN')).toEqual(['H:test:1', 'f', 'x'])
  })

  test('a job that takes longer than its worker said goes to another one', async () => {
    const { peer } = await useServer()
    const [client, slow, other] = [await peer(), await peer(), await peer()]
    slow.send('CAN_DO_TIMEOUT', 'f', '1')
    other.send('CAN_DO', 'f')
    client.send('SUBMIT_JOB', 'f', '', 'x')
    const [handle = ''] = await client.expect('JOB_CREATED')
    slow.send('GRAB_JOB')
    await slow.expect('JOB_ASSIGN')
    other.send('PRE_SLEEP')
    await other.expect('NOOP')
    other.send('GRAB_JOB')
    await other.expect('JOB_ASSIGN')
    slow.send('WORK_COMPLETE', handle, 'late')
    expect(await slow.expect('ERROR')).toEqual([
      'JOB_NOT_FOUND',
      'Job given in work result not found',
    ])
    other.send('WORK_COMPLETE', handle, 'in time')
    expect(await client.expect('WORK_COMPLETE')).toEqual([handle, 'in time'])
  })
})

describe('bytes from hostile or broken peers', () => {
  test('every byte of a conversation may come alone', async () => {
    const { peer } = await useServer()
    const client = await peer()
    const conversation = Buffer.concat([
      rawPacket('CAN_DO', ['f']),
      rawPacket('SUBMIT_JOB', ['f', 'u', 'a\0b']),
      Buffer.from('status\r\n'),
      rawPacket('GRAB_JOB_UNIQ'),
    ])
    for (const byte of conversation) {
      client.sendBytes(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.expect('JOB_CREATED')).toEqual(['H:test:1'])
    expect(await client.next()).toEqual({ kind: 'text', text: 'f\t1\t0\t1\n' })
    expect(await client.next()).toEqual({ kind: 'text', text: '.\n' })
    expect(await client.expect('JOB_ASSIGN_UNIQ')).toEqual(['H:test:1', 'f', 'u', 'a\0b'])
  })

  test('what is not Gearman closes the connection, after the answers to what came before', async () => {
    const { server, peer } = await useServer()
    const client = await peer()
    const closed = nextEvent<{ error: unknown }>((listener) =>
      server.once('connectionClosed', listener),
    )
    client.send('ECHO_REQ', 'answered before')
    client.sendBytes(Buffer.from('\0BAD'))
    expect(await client.expect('ECHO_RES')).toEqual(['answered before'])
    await client.closed
    const { error } = await closed
    expect(error).toBeInstanceOf(ProtocolError)
    expect(String(error)).toContain('bad magic 0x00424144')
  })

  test('half a packet, then nothing, holds nobody up', async () => {
    const { peer } = await useServer()
    const [broken, client] = [await peer(), await peer()]
    broken.sendBytes(rawPacket('SUBMIT_JOB', ['f', 'u', 'x'.repeat(1000)]).subarray(0, 500))
    client.send('ECHO_REQ', 'x')
    expect(await client.expect('ECHO_RES')).toEqual(['x'])
    broken.destroy()
    expect(await client.command('status')).toEqual([])
  })

  test('a packet over the limit is skipped and refused, the next one is read', async () => {
    const { peer } = await useServer({ maxPacketBytes: 10_000 })
    const client = await peer()
    client.send('SUBMIT_JOB', 'f', 'u', 'x'.repeat(20_000))
    expect(await client.expect('ERROR')).toEqual([
      'ARGUMENT_TOO_LARGE',
      'The packet is larger than the server allows',
    ])
    client.send('SUBMIT_JOB', 'f', 'u', 'x')
    expect(await client.expect('JOB_CREATED')).toEqual(['H:test:1'])
  })

  test('a header that claims 4 GiB takes no memory', async () => {
    const { peer } = await useServer()
    const client = await peer()
    const header = rawPacket('SUBMIT_JOB_BG').subarray(0, 8)
    const before = process.memoryUsage().rss
    client.sendBytes(Buffer.concat([header, Buffer.from('ffffffff', 'hex'), Buffer.alloc(1000)]))
    expect(await (await peer()).command('status')).toEqual([])
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 * 1024)
  })

  test('a line without an end gets an error, and the connection is closed', async () => {
    const { server, peer } = await useServer({ maxLineBytes: 100 })
    const client = await peer()
    const refused = nextEvent<object>((listener) => server.once('requestRefused', listener))
    client.sendText('a'.repeat(101))
    expect(await client.next()).toEqual({ kind: 'text', text: 'ERR LINE_TOO_LONG\r\n' })
    await client.closed
    expect(await refused).toMatchObject({ code: 'LINE_TOO_LONG', address: '127.0.0.1' })
    expect(server.stats().refused).toEqual({ LINE_TOO_LONG: 1 })
  })

  test('a peer that never reads its answers is not read from either, others are served', async () => {
    const { peer } = await useServer()
    const [silent, client] = [await peer(), await peer()]
    silent.pause()
    const chunk = rawPacket('ECHO_REQ', ['x'.repeat(1024 * 1024)])
    for (let count = 0; count < 100; count += 1) silent.sendBytes(chunk)
    for (let count = 0; count < 10; count += 1) {
      client.send('ECHO_REQ', 'x')
      expect(await client.expect('ECHO_RES')).toEqual(['x'])
    }
    silent.resume()
    for (let count = 0; count < 100; count += 1) {
      const [echo = ''] = await silent.expect('ECHO_RES')
      expect(echo).toHaveLength(1024 * 1024)
    }
  })
})

describe('a client that does not read what others send to it', () => {
  test('is cut off at the limit, and its worker and others go on', async () => {
    const { server, peer } = await useServer({ maxUnsentBytes: 1024 * 1024 })
    const [client, worker] = [await peer(), await peer()]
    client.send('SUBMIT_JOB', 'f', '', 'x')
    const [handle = ''] = await client.expect('JOB_CREATED')
    worker.send('CAN_DO', 'f')
    worker.send('GRAB_JOB')
    await worker.expect('JOB_ASSIGN')
    const closed = nextEvent<{ error: Error | undefined }>((listener) => {
      server.on('connectionClosed', listener)
    })
    client.pause()
    // The kernel's buffers hold some megabytes; no sleep, but an end.
    const update = rawPacket('WORK_DATA', [handle, 'x'.repeat(1024 * 1024)])
    for (let count = 0; count < 64; count += 1) {
      worker.sendBytes(update)
      await worker.sync()
    }
    expect((await closed).error).toBeInstanceOf(ConnectionError)
    worker.send('WORK_COMPLETE', handle, '')
    expect(await worker.sync()).toEqual([])
  })
})

describe('TLS', () => {
  test('serves packets and text; plain peers and closing in mid-handshake do no harm', async () => {
    const { key, cert } = createCertificate()
    const { server, port } = await useServer({ tls: { key, cert } })
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: cert })
    await once(socket, 'secureConnect')
    const peer = await RawPeer.connect(socket)
    peer.send('SUBMIT_JOB_BG', 'f', '', 'x')
    expect(await peer.expect('JOB_CREATED')).toEqual(['H:test:1'])
    expect(await peer.command('status')).toEqual(['f\t1\t0\t0\n'])
    const failed = nextEvent<{ error: Error }>((listener) => server.on('error', listener))
    const plain = await RawPeer.connect(port)
    plain.sendText('status\n')
    expect((await failed).error).toBeInstanceOf(Error)
    const silent = await RawPeer.connect(port)
    await server.close()
    await Promise.all([peer.closed, plain.closed, silent.closed])
  })
})

describe('large payloads', () => {
  test('reach the worker and come back as they were', async () => {
    const { peer } = await useServer()
    const [client, worker] = [await peer(), await peer()]
    const bytes = Buffer.from(Array.from({ length: 5_000_000 }, (_, index) => (index * 7) % 256))
    client.send('SUBMIT_JOB', 'f', '', bytes)
    const [handle = ''] = await client.expect('JOB_CREATED')
    worker.send('CAN_DO', 'f')
    worker.send('GRAB_JOB')
    const assigned = Buffer.from((await worker.expect('JOB_ASSIGN'))[2] ?? '', 'latin1')
    expect(assigned.equals(bytes)).toBe(true)
    worker.send('WORK_COMPLETE', handle, assigned)
    const result = Buffer.from((await client.expect('WORK_COMPLETE'))[1] ?? '', 'latin1')
    expect(result.equals(bytes)).toBe(true)
  })
})

describe('counters', () => {
  test('tell connections and bytes, of peers that left too', async () => {
    const { server, peer } = await useServer()
    const [client, other] = [await peer(), await peer()]
    client.send('ECHO_REQ', 'x'.repeat(88))
    await client.expect('ECHO_RES')
    other.send('CAN_DO', 'f')
    await other.sync()
    const { connections, traffic } = server.stats()
    expect(connections).toEqual({ open: 2, workers: 1, total: 2 })
    const closed = nextEvent<object>((listener) => server.on('connectionClosed', listener))
    await client.close()
    await closed
    expect(server.stats().connections).toEqual({ open: 1, workers: 1, total: 2 })
    expect(server.stats().traffic).toEqual(traffic)
    expect(traffic.received).toBeGreaterThan(100)
    expect(traffic.sent).toBeGreaterThan(100)
  })

  test('stopping is told once, before closed', async () => {
    const { server } = await useServer()
    const seen: string[] = []
    server.on('stopping', ({ graceful }) => seen.push(`stopping ${graceful}`))
    server.on('closed', () => seen.push('closed'))
    await server.close({ graceful: true })
    await server.close()
    expect(seen).toEqual(['stopping true', 'closed'])
  })
})
