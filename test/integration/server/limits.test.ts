import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { ConnectionError } from '../../../src/errors.ts'
import type { GearmanServer, ServerOptions } from '../../../src/server/index.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { RawPeer, rawPacket } from '../../helpers/raw-peer.ts'
import { nextEvent, type ServerSetup, useServer } from './server-fixture.ts'

const MIB = 1024 * 1024

interface Closed {
  readonly id: number
  readonly error: Error | undefined
}

function nextClosed(server: GearmanServer): Promise<Closed> {
  return nextEvent<Closed>((listener) => server.once('connectionClosed', listener))
}

/** The first bytes of a packet whose header announces so many. */
function unfinished(announced: number, sent: number): Buffer {
  const packet = rawPacket('SUBMIT_JOB_BG', ['f', '', 'x'.repeat(sent)])
  packet.writeUInt32BE(announced, 8)
  return packet
}

describe('a peer that stops in the middle', () => {
  failOnLeaks()

  test.each([
    ['a header', Buffer.from('\0REQ\0\0')],
    ['a packet', unfinished(1000, 10)],
    ['a packet that is skipped', unfinished(0xffff_ffff, 10)],
    ['a line', Buffer.from('stat')],
  ])('of %s is cut off, and the reason is told', async (_what, bytes) => {
    const { server, peer } = await useServer({ stallTimeout: 50 })
    const closed = nextClosed(server)
    const broken = await peer()
    broken.sendBytes(bytes)
    await broken.closed
    expect((await closed).error).toBeInstanceOf(ConnectionError)
    expect(String((await closed).error)).toContain('did not go on for 50 ms')
  })

  test('loses its running job to others', async () => {
    const { peer } = await useServer({ stallTimeout: 50 })
    const [client, stuck, other] = [await peer(), await peer(), await peer()]
    client.send('SUBMIT_JOB', 'f', '', 'x')
    const [handle = ''] = await client.expect('JOB_CREATED')
    stuck.send('CAN_DO', 'f')
    stuck.send('GRAB_JOB')
    await stuck.expect('JOB_ASSIGN')
    other.send('CAN_DO', 'f')
    other.send('PRE_SLEEP')
    stuck.sendBytes(rawPacket('WORK_COMPLETE', [handle, 'result']).subarray(0, -1))
    await other.expect('NOOP')
    other.send('GRAB_JOB')
    expect(await other.expect('JOB_ASSIGN')).toEqual([handle, 'f', 'x'])
  })

  test('is not taken for one that goes on slowly, or that has nothing to say', async () => {
    const { peer } = await useServer({ stallTimeout: 60_000 })
    const [slow, silent, other] = [await peer(), await peer(), await peer()]
    await silent.sync()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const packet = rawPacket('ECHO_REQ', ['slowly'])
    for (const byte of packet) {
      slow.sendBytes(Buffer.from([byte]))
      // The server has read what was sent before it answers another one.
      for (let round = 0; round < 3; round += 1) await other.sync()
      vi.advanceTimersByTime(45_000)
      await other.sync()
    }
    expect(await slow.expect('ECHO_RES')).toEqual(['slowly'])
    expect(await silent.sync()).toEqual([])
    slow.sendBytes(packet.subarray(0, -1))
    for (let round = 0; round < 3; round += 1) await other.sync()
    vi.advanceTimersByTime(80_000)
    await slow.closed
  })
})

describe('an idle peer', () => {
  failOnLeaks()

  test('is closed after idleTimeout', async () => {
    const { server, peer } = await useServer({ idleTimeout: 50 })
    const closed = nextClosed(server)
    const idle = await peer()
    await idle.closed
    expect(String((await closed).error)).toContain('was idle for 50 ms')
  })

  test('is not one that sleeps, works, or waits for a job', async () => {
    const { peer } = await useServer({ idleTimeout: 60_000 })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const [sleeper, worker, client, idle] = [await peer(), await peer(), await peer(), await peer()]
    sleeper.send('CAN_DO', 'other')
    sleeper.send('PRE_SLEEP')
    client.send('SUBMIT_JOB', 'f', '', 'x')
    const [handle = ''] = await client.expect('JOB_CREATED')
    worker.send('CAN_DO', 'f')
    worker.send('GRAB_JOB')
    await worker.expect('JOB_ASSIGN')
    for (const one of [sleeper, idle]) await one.sync()
    const pass = async (ms: number): Promise<void> => {
      vi.advanceTimersByTime(ms)
      // The server has looked, and read what was sent, before it answers another one.
      const other = await peer()
      for (let round = 0; round < 3; round += 1) await other.sync()
      other.destroy()
    }
    for (let count = 0; count < 4; count += 1) await pass(45_000)
    await idle.closed
    worker.send('WORK_COMPLETE', handle, '')
    expect(await client.expect('WORK_COMPLETE')).toEqual([handle, ''])
    client.send('SUBMIT_JOB_BG', 'other', '', 'x')
    await client.expect('JOB_CREATED')
    await sleeper.expect('NOOP')
    for (let count = 0; count < 4; count += 1) await pass(45_000)
    await Promise.all([client.closed, worker.closed])
  })

  test('is left alone by default', async () => {
    const { peer } = await useServer({ stallTimeout: 20 })
    const [idle, broken] = [await peer(), await peer()]
    broken.sendText('stat')
    await broken.closed
    expect(await idle.sync()).toEqual([])
  })
})

describe('what all peers hold together', () => {
  failOnLeaks()

  test('is bounded: who holds the most is cut off, and the others go on', async () => {
    const { server, peer } = await useServer({ maxBufferedBytes: 4 * MIB })
    const closed = nextClosed(server)
    const small = await Promise.all(Array.from({ length: 10 }, peer))
    for (const one of small) one.sendBytes(unfinished(MIB, 100_000))
    const large = await peer()
    large.sendBytes(unfinished(64 * MIB, 8 * MIB))
    await large.closed
    expect(String((await closed).error)).toContain('held the most bytes')
    for (const one of small) {
      one.sendBytes(Buffer.alloc(MIB - 100_003))
      expect(await one.expect('JOB_CREATED')).toHaveLength(1)
    }
  })

  test('is given back when a peer leaves', async () => {
    const { server, peer } = await useServer({ maxBufferedBytes: 2 * MIB })
    for (let count = 0; count < 5; count += 1) {
      const closed = nextClosed(server)
      const one = await peer()
      one.sendBytes(unfinished(MIB * 4, MIB))
      one.sendBytes(Buffer.alloc(1000))
      await one.close()
      expect((await closed).error).toBeUndefined()
    }
  })
})

describe('answers that nobody reads', () => {
  failOnLeaks()

  /** A server whose `status` answers with about a megabyte. */
  async function useLongStatus(options: ServerOptions): Promise<ServerSetup & { size: number }> {
    const setup = await useServer(options)
    const names = await setup.peer()
    for (let index = 0; index < 250; index += 1) names.send('CAN_DO', `${index}${'x'.repeat(4000)}`)
    await names.sync()
    const rows = await names.command('status')
    return { ...setup, size: `${rows.join('')}.\n`.length }
  }

  test('are not made: commands wait until the peer reads, and are all answered then', async () => {
    // Made all at once they would be more than what a peer may leave unread.
    const { port, peer, size } = await useLongStatus({ maxUnsentBytes: 8 * MIB })
    const client = await peer()
    const greedy = connect(port, '127.0.0.1')
    onTestFinished(() => void greedy.destroy())
    const count = 100
    greedy.pause()
    greedy.write('status\n'.repeat(count))
    for (let round = 0; round < 20; round += 1) await client.sync()
    let received = 0
    const all = createDeferred<void>()
    greedy.on('data', (chunk) => {
      received += chunk.length
      if (received >= count * size) all.resolve()
    })
    greedy.on('close', () => all.reject(new Error('was cut off')))
    greedy.resume()
    await all.promise
    expect(received).toBe(count * size)
  })

  test('of many who ask for long tables keep nobody else waiting', async () => {
    const { port, peer, size } = await useLongStatus({})
    const count = 20
    const crowd = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const socket = connect(port, '127.0.0.1')
        onTestFinished(() => void socket.destroy())
        await once(socket, 'connect')
        return socket
      }),
    )
    const received = { bytes: 0, whenServed: 0 }
    const all = createDeferred<void>()
    for (const socket of crowd) {
      socket.write('status\n'.repeat(count))
      socket.on('data', (chunk) => {
        received.bytes += chunk.length
        if (received.bytes === crowd.length * count * size) all.resolve()
      })
    }
    const client = await peer()
    await client.sync()
    received.whenServed = received.bytes
    await all.promise
    expect(received.whenServed).toBeLessThan((crowd.length * count * size) / 2)
  })

  test('count for what all peers hold', async () => {
    // Not tables, which are made as they are read: what a peer sends itself.
    const { server, peer } = await useServer({ maxBufferedBytes: 20 * MIB })
    const closed = nextClosed(server)
    const greedy = await peer()
    greedy.pause()
    for (let count = 0; count < 60; count += 1) greedy.send('ECHO_REQ', Buffer.alloc(MIB))
    expect(String((await closed).error)).toContain('held the most bytes')
  })
})

describe('the number of connections', () => {
  failOnLeaks()

  test('is limited by maxConnections, told, and free again when one leaves', async () => {
    const { server, peer } = await useServer({ maxConnections: 2 })
    const [first, second] = [await peer(), await peer()]
    const refused = nextEvent<{ address: string }>((listener) => {
      server.once('connectionRefused', listener)
    })
    const third = await peer()
    await third.closed
    expect(await refused).toEqual({ address: '127.0.0.1' })
    const closed = nextClosed(server)
    await first.close()
    await closed
    const fourth = await peer()
    onTestFinished(() => fourth.destroy())
    expect(await fourth.sync()).toEqual([])
    expect(await second.sync()).toEqual([])
  })
})

describe('addresses', () => {
  test('host :: serves both families, and shows both plainly', async () => {
    const { server, port, peer } = await useServer({ host: '::' })
    expect(server.address).toEqual({ host: '::', port })
    const four = await peer()
    const six = await RawPeer.connect(connect({ host: '::1', port }))
    onTestFinished(() => six.destroy())
    await six.sync()
    const rows = await four.command('workers')
    expect(rows.map((row) => row.split(' ')[1])).toEqual(['127.0.0.1', '::1'])
  })
})
