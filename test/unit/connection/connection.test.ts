import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { GearmanConnection } from '../../../src/connection/connection.ts'
import { ConnectionGroup } from '../../../src/connection/connection-group.ts'
import { GearmanConnectionManager } from '../../../src/connection/connection-manager.ts'
import {
  type ConnectionManagerOptions,
  resolveConnectionSettings,
} from '../../../src/connection/connection-settings.ts'
import { ECHO_ROLE } from '../../../src/connection/echo-session.ts'
import { resolveAddress } from '../../../src/connection/server-address.ts'
import type { Session } from '../../../src/connection/session.ts'
import { ConnectionError, ProtocolError, ServerUnavailable } from '../../../src/errors.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'
import { findFreePort } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

/** A server that is there, and busy, is no server that does not answer. */
const PATIENT = { connectTimeout: 60_000 } as const
const QUICK = { ...PATIENT, reconnectMinDelay: 1, reconnectMaxDelay: 5 } as const

/** The longest delay that there is: any part of it may be drawn, and the test is to be over before that. */
const LONGEST_MS = 2_147_483_647
const SLOW = { reconnectMinDelay: LONGEST_MS, reconnectMaxDelay: LONGEST_MS } as const

interface Watched {
  readonly group: ConnectionGroup
  readonly connections: readonly GearmanConnection[]
  /** Each state of the first connection, in order. */
  readonly states: string[]
  /** Resolves when the first connection comes to a state the given number of times. */
  until(state: string, times?: number): Promise<void>
}

function watchGroup(
  addresses: readonly string[],
  options: ConnectionManagerOptions = QUICK,
): Watched {
  const states: string[] = []
  const waiting: { readonly state: string; readonly times: number; readonly done: () => void }[] =
    []
  const settings = resolveConnectionSettings({ ...PATIENT, ...options })
  const group = new ConnectionGroup<Session>(ECHO_ROLE, settings, (event) => {
    if (event.server !== addresses[0]) return
    states.push(event.to)
    for (const { state, times, done } of waiting) {
      if (states.filter((seen) => seen === state).length >= times) done()
    }
  })
  const connections = addresses.map((address) => group.add(resolveAddress(address, undefined)))
  onTestFinished(async () => {
    group.close()
    await group.whenClosed()
  })
  const until = (state: string, times = 1): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ state, times, done: resolve })
      if (states.filter((seen) => seen === state).length >= times) resolve()
    })
  return { group, connections, states, until }
}

const idle = (): void => undefined

describe('a connection', () => {
  failOnLeaks()

  test('is not dialled before its first use, and ready after the first reply', async () => {
    const server = await useFakeServer([idle])
    const { group, connections, states } = watchGroup([server.address])
    const [connection] = connections
    expect(connection).toMatchObject({ state: 'idle', connected: false, session: undefined })
    await group.whenReady(false)
    expect(connection).toMatchObject({ state: 'ready', connected: true, lastError: undefined })
    expect(connection).toMatchObject({ host: '127.0.0.1', port: server.port, role: 'client' })
    expect(states).toEqual(['connecting', 'ready'])
  })

  test('to a server that accepts and never answers fails after connectTimeout', async () => {
    const server = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const { group, connections } = watchGroup([server.address], { ...QUICK, connectTimeout: 30 })
    const error = await rejectionOf(group.whenReady(false))
    expect(error).toBeInstanceOf(ServerUnavailable)
    expect(connections[0]?.lastError?.message).toContain('no answer within 30 ms')
    await server.peers[0]?.closed
  })

  test('is not given up for the time in which this process stood still', async () => {
    const server = await useFakeServer([idle])
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { group, states } = watchGroup([server.address], SLOW)
    const ready = group.whenReady(false)
    // The timer of connectTimeout is due, and by the clock ten seconds late: nothing was read in between.
    const now = performance.now()
    const clock = vi
      .spyOn(performance, 'now')
      .mockReturnValue(now + PATIENT.connectTimeout + 10_000)
    vi.advanceTimersByTime(PATIENT.connectTimeout)
    clock.mockRestore()
    await ready
    expect(states).toEqual(['connecting', 'ready'])
  })

  test('without a connectTimeout waits for the answer', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          const { args } = await peer.expect('ECHO_REQ')
          peer.send('ECHO_RES', args)
        },
      ],
      { autoAnswer: false },
    )
    const options = { ...QUICK, connectTimeout: Number.POSITIVE_INFINITY }
    const { group } = watchGroup([server.address], options)
    await group.whenReady(false)
  })

  test('that is refused is dialled again with delays, until somebody is there', async () => {
    const port = await findFreePort()
    const { group, states, until } = watchGroup([`127.0.0.1:${port}`])
    group.open()
    await until('failed', 4)
    expect(states.slice(0, 6)).toEqual([
      'connecting',
      'failed',
      'connecting',
      'failed',
      'connecting',
      'failed',
    ])
  })

  test('that is lost is dialled again, with a new session', async () => {
    const server = await useFakeServer([(peer) => void peer.expect('ECHO_REQ').catch(idle), idle])
    const { group, connections, until } = watchGroup([server.address])
    await group.whenReady(false)
    const session = connections[0]?.session
    server.peers[0]?.end()
    await until('ready', 2)
    expect(connections[0]?.session).toBeDefined()
    expect(connections[0]?.session).not.toBe(session)
    expect(connections[0]?.lastError?.message).toContain('the server closed the connection')
  })

  test('to a server that answers and drops at once is dialled ever more slowly', async () => {
    const server = await useFakeServer([], {
      otherwise: (peer) => {
        peer.end()
      },
    })
    const { group, until } = watchGroup([server.address], {
      reconnectMinDelay: 1,
      reconnectMaxDelay: 60_000,
    })
    group.open()
    // The bound doubles each time: after ten the average delay is half a second.
    await until('failed', 3)
    expect(server.connectionCount).toBeGreaterThanOrEqual(1)
    expect(server.connectionCount).toBeLessThan(20)
  })

  test('is dialled at once by somebody who needs it, however long the delay is', async () => {
    const port = await findFreePort()
    const { group, until } = watchGroup([`127.0.0.1:${port}`], {
      reconnectMinDelay: 1,
      reconnectMaxDelay: 3_600_000,
    })
    // More failures than an hour would have without anybody who asks.
    for (let failures = 1; failures <= 30; failures += 1) {
      group.open()
      while (!group.connections[0]?.dial()) await new Promise(setImmediate)
      await until('failed', failures)
    }
  })

  test('is not dialled again for a failure that is a moment old', async () => {
    const { group, states } = watchGroup([`127.0.0.1:${await findFreePort()}`], SLOW)
    const first = await rejectionOf(group.whenReady(false))
    for (let call = 0; call < 50; call += 1) {
      expect(await rejectionOf(group.whenReady(false))).toMatchObject({ message: first.message })
    }
    expect(states).toEqual(['connecting', 'failed'])
  })

  test('that was lost is dialled for the next call, which waits for the outcome', async () => {
    const server = await useFakeServer([idle, idle])
    const { group, connections, until } = watchGroup([server.address], {
      reconnectMinDelay: 20,
      reconnectMaxDelay: 60_000,
    })
    await group.whenReady(false)
    server.peers[0]?.reset()
    await until('failed')
    await group.whenReady(false)
    expect(connections[0]?.state).toBe('ready')
  })

  test('looks its name up at each connect: a server may move', async () => {
    const server = await useFakeServer([idle, idle])
    const looked: string[] = []
    const { group, connections, until } = watchGroup([`moving.test:${server.port}`], {
      ...QUICK,
      lookup: (host, _options, callback) => {
        looked.push(host)
        // Nobody listens at the first address.
        callback(null, [{ address: looked.length === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }])
      },
    })
    expect(await rejectionOf(group.whenReady(false))).toBeInstanceOf(ServerUnavailable)
    await group.whenReady(true)
    server.peers[0]?.reset()
    await until('ready', 2)
    expect(connections[0]?.server).toBe(`moving.test:${server.port}`)
    expect(looked.length).toBeGreaterThanOrEqual(3)
  })

  test('given up by its owner is dialled again at once when it is needed', async () => {
    const server = await useFakeServer([idle, idle])
    const { group, connections } = watchGroup([server.address], SLOW)
    await group.whenReady(false)
    const [connection] = connections
    const reason = new ConnectionError('my choice')
    connection?.drop(reason)
    expect(connection).toMatchObject({ state: 'failed', lastError: reason })
    await group.whenSettled(connection as GearmanConnection)
    expect(connection?.state).toBe('ready')
  })

  test('that gets nonsense closes with a ProtocolError and leaves others alone', async () => {
    const bad = await useFakeServer([idle], { otherwise: idle })
    const good = await useFakeServer([idle])
    const { group, connections, until } = watchGroup([bad.address, good.address])
    await group.whenReady(false)
    for (const connection of connections) await group.whenSettled(connection)
    bad.peers[0]?.sendBytes(Buffer.from('\0NO!\0\0\0\0\0\0\0\0', 'latin1'))
    await until('failed')
    expect(connections[0]?.lastError).toBeInstanceOf(ProtocolError)
    expect(connections[0]?.lastError).toMatchObject({ server: bad.address })
    await until('ready', 2)
    expect(connections[1]).toMatchObject({ state: 'ready', lastError: undefined })
    expect(good.connectionCount).toBe(1)
  })

  describe('as a snapshot', () => {
    test('tells address, state, since when, and how long an answer takes', async () => {
      const server = await useFakeServer([idle])
      const { group, connections } = watchGroup([server.address])
      const [connection] = connections
      const before = Date.now()
      const blank = {
        ...{ server: server.address, role: 'client', outstandingJobs: 0 },
        ...{ lastError: undefined, retryAt: undefined },
      }
      expect(connection?.snapshot).toMatchObject({ ...blank, state: 'idle' })
      expect(connection?.snapshot.roundTripTime).toBeUndefined()
      await group.whenReady(false)
      const { since, roundTripTime } = connection?.snapshot ?? {}
      expect(connection?.snapshot).toMatchObject({ ...blank, state: 'ready' })
      expect(since).toBeGreaterThanOrEqual(before)
      expect(since).toBeLessThanOrEqual(Date.now())
      expect(roundTripTime).toBeGreaterThan(0)
      expect(roundTripTime).toBeLessThanOrEqual(Date.now() - before + 1)
    })

    test('tells of a failed one until when, and why; the event does, too', async () => {
      const address = `127.0.0.1:${await findFreePort()}`
      const retryAts: (number | undefined)[] = []
      const settings = resolveConnectionSettings({ ...PATIENT, ...SLOW })
      const group = new ConnectionGroup<Session>(ECHO_ROLE, settings, ({ to, retryAt }) => {
        retryAts.push(retryAt)
        if (to === 'failed') expect(connection.snapshot.retryAt).toBe(retryAt)
      })
      onTestFinished(() => group.close())
      const connection = group.add(resolveAddress(address, undefined))
      const before = Date.now()
      await rejectionOf(group.whenReady(false))
      const { state, retryAt, lastError, roundTripTime } = connection.snapshot
      expect(state).toBe('failed')
      expect(lastError).toMatchObject({ server: address, cause: { code: 'ECONNREFUSED' } })
      expect(roundTripTime).toBeUndefined()
      expect(retryAt).toBeGreaterThanOrEqual(before)
      expect(retryAt).toBeLessThanOrEqual(Date.now() + LONGEST_MS)
      expect(retryAts).toEqual([undefined, retryAts[1]])
    })

    test('tells sooner once somebody needs the server', async () => {
      const server = await useFakeServer([idle], { otherwise: idle })
      const { group, connections, until } = watchGroup([server.address], {
        reconnectMinDelay: 20_000,
        reconnectMaxDelay: 3_600_000,
      })
      await group.whenReady(false)
      server.peers[0]?.reset()
      await until('failed')
      connections[0]?.dial()
      expect(connections[0]?.snapshot.retryAt).toBeLessThanOrEqual(Date.now() + 20_001)
    })
  })

  describe('that drains', () => {
    test('takes nothing new, still hears the server, and is closed after that', async () => {
      const server = await useFakeServer([idle])
      const { group, connections, states } = watchGroup([server.address])
      await group.whenReady(false)
      const [connection] = connections
      const session = connection?.session
      connection?.drain()
      connection?.drain()
      expect(connection).toMatchObject({ state: 'draining', connected: false, session: undefined })
      expect(group.ready).toEqual([])
      expect(connection?.dial()).toBe(false)
      await session?.ping()
      connection?.close()
      connection?.close()
      await connection?.whenClosed()
      expect(states).toEqual(['connecting', 'ready', 'draining', 'closed'])
    })

    test('is closed when it is lost, and not dialled again', async () => {
      const server = await useFakeServer([idle])
      const { group, connections, states, until } = watchGroup([server.address])
      await group.whenReady(false)
      connections[0]?.drain()
      server.peers[0]?.reset()
      await until('closed')
      expect(connections[0]?.lastError).toBeInstanceOf(ConnectionError)
      connections[0]?.close()
      await connections[0]?.whenClosed()
      expect(states).toEqual(['connecting', 'ready', 'draining', 'closed'])
      expect(server.connectionCount).toBe(1)
    })

    test('is closed at once when it was not ready', () => {
      const { connections, states } = watchGroup(['127.0.0.1:1'])
      connections[0]?.drain()
      expect(states).toEqual(['closed'])
    })
  })

  describe('is closed for good', () => {
    test('before its first use', () => {
      const { group, connections } = watchGroup(['127.0.0.1:1'])
      group.close()
      expect(connections[0]?.state).toBe('closed')
      expect(connections[0]?.dial()).toBe(false)
      group.close()
    })

    test('while it is dialled', async () => {
      const server = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
      const { group, connections, until } = watchGroup([server.address])
      const ready = rejectionOf(group.whenReady(false))
      const settled = group.whenSettled(connections[0] as GearmanConnection)
      await until('connecting')
      group.close()
      expect(await ready).toBeInstanceOf(ConnectionError)
      await settled
      expect(connections[0]?.state).toBe('closed')
    })

    test('while it is ready', async () => {
      const server = await useFakeServer([idle])
      const { group, connections } = watchGroup([server.address])
      await group.whenReady(false)
      group.close()
      await group.whenClosed()
      await server.peers[0]?.closed
      expect(connections[0]).toMatchObject({ state: 'closed', session: undefined })
    })

    test('between two attempts', async () => {
      const address = `127.0.0.1:${await findFreePort()}`
      const { group, connections, states } = watchGroup([address], SLOW)
      await rejectionOf(group.whenReady(false))
      group.close()
      expect(connections[0]?.state).toBe('closed')
      expect(states).toEqual(['connecting', 'failed', 'closed'])
    })

    test.each(['connecting', 'ready', 'failed'])('by a listener that sees it %s', async (state) => {
      const server = await useFakeServer([], { otherwise: idle })
      await using manager = new GearmanConnectionManager(server.address, QUICK)
      const [connection] = manager.connectionList
      const closed = new Promise<void>((resolve) => {
        manager.on('state', ({ to }) => {
          if (to === 'ready') server.peers.at(-1)?.end()
          if (to === state) manager.shutdown().catch(idle)
          if (to === 'closed') resolve()
        })
      })
      manager.establishConnection(connection as GearmanConnection).catch(idle)
      await closed
      expect(connection?.state).toBe('closed')
      expect(connection?.dial()).toBe(false)
    })
  })
})

describe('a group of connections', () => {
  failOnLeaks()

  test('is ready when the first server is, whatever the others do', async () => {
    const silent = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const good = await useFakeServer([idle])
    const dead = `127.0.0.1:${await findFreePort()}`
    const { group } = watchGroup([silent.address, dead, good.address])
    await group.whenReady(false)
    expect(group.ready.map(({ server }) => server)).toEqual([good.address])
  })

  test('rejects the hasty when every server was tried, and lets the patient wait', async () => {
    const port = await findFreePort()
    const dead = `127.0.0.1:${await findFreePort()}`
    const { group } = watchGroup([`127.0.0.1:${port}`, dead])
    let isReady = false
    const patient = group.whenReady(true).then(() => {
      isReady = true
    })
    const error = await rejectionOf(group.whenReady(false))
    expect(error).toMatchObject({
      failures: [
        { server: `127.0.0.1:${port}`, cause: expect.any(ConnectionError) },
        { server: dead, cause: expect.any(ConnectionError) },
      ],
    })
    expect(isReady).toBe(false)
    group.close()
    await rejectionOf(patient)
  })

  test('settles everybody who waits when it is closed', async () => {
    const server = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const { group } = watchGroup([server.address])
    const waits = [group.whenReady(false), group.whenReady(true), group.whenReady(false)]
    const errors = Promise.all(waits.map(rejectionOf))
    group.close()
    for (const error of await errors) expect(error).toBeInstanceOf(ConnectionError)
    expect(await rejectionOf(group.whenReady(true))).toBeInstanceOf(ConnectionError)
    expect(group.ready).toEqual([])
  })

  test('dials a server that is added while the others are in use, and none before', async () => {
    const [one, two] = [await useFakeServer([idle]), await useFakeServer([idle])]
    const { group } = watchGroup([one.address])
    await group.whenReady(false)
    const added = group.add(resolveAddress(two.address, undefined))
    await group.whenSettled(added)
    expect(added.state).toBe('ready')
    expect(group.ready).toHaveLength(2)
    const other = watchGroup([one.address])
    expect(other.group.add(resolveAddress(two.address, undefined)).state).toBe('idle')
  })

  test('closes a server that is added too late', () => {
    const { group } = watchGroup(['127.0.0.1:1'])
    group.close()
    expect(group.add(resolveAddress('127.0.0.1:2', undefined)).state).toBe('closed')
  })
})

describe('a connection manager', () => {
  failOnLeaks()

  test('tells of every change, until it is shut down', async () => {
    const server = await useFakeServer([idle])
    const manager = new GearmanConnectionManager(server.address, PATIENT)
    const seen: unknown[] = []
    const note = (event: { readonly to: string }): void => void seen.push(event)
    manager.on('state', note)
    let count = 0
    manager.once('state', () => {
      count += 1
    })
    const [connection] = manager.connectionList
    await manager.establishConnection(connection as GearmanConnection)
    expect(seen).toEqual([
      { server: server.address, role: 'client', from: 'idle', to: 'connecting', error: undefined },
      { server: server.address, role: 'client', from: 'connecting', to: 'ready', error: undefined },
    ])
    expect(count).toBe(1)
    manager.off('state', note)
    await manager.shutdown()
    expect(seen).toHaveLength(2)
  })

  test('tells of its own end, up to the last', async () => {
    const server = await useFakeServer([idle])
    const manager = new GearmanConnectionManager(server.address, PATIENT)
    const seen: string[] = []
    manager.on('state', ({ to }) => void seen.push(to))
    await manager.ready()
    await manager.shutdown()
    expect(seen).toEqual(['connecting', 'ready', 'draining', 'closed'])
  })

  test('that was handed in stays open, and forgets the listeners of those who left', async () => {
    const server = await useFakeServer([idle])
    await using manager = new GearmanConnectionManager(server.address, PATIENT)
    const guest = new GearmanConnectionManager(manager)
    expect(guest.connectionList).toEqual(manager.connectionList)
    await guest.shutdown()
    const seen: unknown[] = []
    guest.on('state', (event) => void seen.push(event))
    const [connection] = manager.connectionList
    await manager.establishConnection(connection as GearmanConnection)
    expect(connection?.state).toBe('ready')
    expect(seen).toEqual([])
  })

  test('refuses a connection that is none of its own', async () => {
    await using manager = new GearmanConnectionManager('127.0.0.1:1')
    await using other = new GearmanConnectionManager('127.0.0.1:1')
    const [foreign] = other.connectionList
    const error = await rejectionOf(manager.establishConnection(foreign as GearmanConnection))
    expect(error).toMatchObject({ code: 'ERR_GEARMAN_INVALID_ARGUMENT' })
  })

  test('refuses options that are no object', () => {
    for (const options of [null, 7, 'fast']) {
      expect(() => new GearmanConnectionManager('gear', options as never)).toThrow(
        expect.objectContaining({ argument: 'options' }),
      )
    }
  })

  test('names the cause when a server cannot be reached', async () => {
    const address = `127.0.0.1:${await findFreePort()}`
    await using manager = new GearmanConnectionManager(address)
    const [connection] = manager.connectionList
    const error = await rejectionOf(manager.establishConnection(connection as GearmanConnection))
    expect(error).toMatchObject({
      code: 'ERR_GEARMAN_CONNECTION',
      server: address,
      cause: { server: address, cause: { code: 'ECONNREFUSED' } },
    })
  })
})
