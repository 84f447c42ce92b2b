/** What becomes of admin calls when the server, or the way to it, is at fault. */

import { describe, expect, it, onTestFinished } from 'vitest'
import type { AdminClientOptions } from '../../../src/admin/admin-options.ts'
import { GearmanAdminClient } from '../../../src/admin/gearman-admin-client.ts'
import { GearmanConnectionManager } from '../../../src/connection/connection-manager.ts'
import {
  ConnectionError,
  InvalidAdminClientState,
  ProtocolError,
  ServerUnavailable,
} from '../../../src/errors.ts'
import { type FakeScript, useFakeServer } from '../../helpers/fake-server.ts'
import { findFreePort } from '../../helpers/gearmand.ts'

/** Long enough on a busy machine, and never waited for. */
const LONG_MS = 50_000

function useAdmin(
  host: string | GearmanConnectionManager<never>,
  options: AdminClientOptions = {},
): GearmanAdminClient {
  const admin = new GearmanAdminClient(host, { pollTimeout: LONG_MS, ...options })
  onTestFinished(() => admin.shutdown())
  return admin
}

/** A connection that answers ECHO and one command: `version`. */
const healthy =
  (version: string): FakeScript =>
  async (peer) => {
    expect(await peer.nextLine()).toBe('version')
    peer.sendLine(`OK ${version}`)
    await peer.closed
  }

const idle: FakeScript = (peer) => peer.closed

describe('a server that does not answer', () => {
  it('is given up after pollTimeout, and dialled again by the next call', async () => {
    const server = await useFakeServer([
      async (peer) => {
        expect(await peer.nextLine()).toBe('status')
        await peer.closed
      },
      healthy('2'),
    ])
    const admin = useAdmin(server.address)
    await admin.pingServer()
    const call = admin.getStatus({ pollTimeout: 50 })
    await expect(call).rejects.toThrow(InvalidAdminClientState)
    await expect(call).rejects.toThrow(`${server.address} did not answer "status" within 50 ms`)
    await server.peers[0]?.closed
    expect(await admin.getVersion()).toBe('2')
    expect(server.connectionCount).toBe(2)
  })

  it('cannot hand a late answer to the next call', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.nextLine()
        await peer.closed
        peer.sendLine('OK late')
      },
      healthy('2'),
    ])
    const admin = useAdmin(server.address)
    await admin.pingServer()
    await expect(admin.getVersion({ pollTimeout: 20 })).rejects.toThrow(InvalidAdminClientState)
    expect(await admin.getVersion()).toBe('2')
  })

  it('keeps other calls waiting no longer: those that may be repeated are asked again', async () => {
    const server = await useFakeServer([
      async (peer) => {
        for (const line of ['status', 'version', 'cancel job H:a:1']) {
          expect(await peer.nextLine()).toBe(line)
        }
        await peer.closed
      },
      healthy('2'),
    ])
    const admin = useAdmin(server.address)
    await admin.pingServer()
    const [status, version, cancel] = await Promise.allSettled([
      admin.getStatus({ pollTimeout: 50 }),
      admin.getVersion(),
      admin.cancelJob('H:a:1'),
    ])
    expect(status).toMatchObject({ reason: expect.any(InvalidAdminClientState) })
    expect(version).toMatchObject({ value: '2' })
    expect(cancel).toMatchObject({ reason: { code: 'ERR_GEARMAN_CONNECTION' } })
  })

  it('is unreachable when not even the first sign of life comes', async () => {
    const server = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const admin = useAdmin(server.address, { connectTimeout: 50 })
    await expect(admin.getVersion()).rejects.toMatchObject({
      code: 'ERR_GEARMAN_SERVER_UNAVAILABLE',
      failures: [
        {
          server: server.address,
          cause: { message: `${server.address}: no answer within 50 ms` },
        },
      ],
    })
  })

  it('is waited for no longer than pollTimeout while it is dialled', async () => {
    const server = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const admin = useAdmin(server.address)
    await expect(admin.pingServer({ pollTimeout: 20 })).rejects.toThrow(InvalidAdminClientState)
    await expect(admin.getStatus({ pollTimeout: 0 })).rejects.toThrow(InvalidAdminClientState)
  })

  it('does not hold up those who wait without a limit', async () => {
    const server = await useFakeServer([idle])
    const admin = useAdmin(server.address, { pollTimeout: Number.POSITIVE_INFINITY })
    const call = admin.getStatus()
    await server.peers[0]?.nextLine()
    const outcome = expect(call).rejects.toThrow(InvalidAdminClientState)
    await admin.shutdown()
    await outcome
  })
})

describe('a server that cannot be reached', () => {
  it('is named with its address and the cause', async () => {
    const port = await findFreePort()
    const admin = useAdmin(`127.0.0.1:${port}`)
    const call = admin.getStatus()
    await expect(call).rejects.toThrow(ServerUnavailable)
    await expect(call).rejects.toMatchObject({
      failures: [{ server: `127.0.0.1:${port}`, cause: { cause: { code: 'ECONNREFUSED' } } }],
    })
  })

  it('stands alone in that error, whatever other servers the manager has', async () => {
    const ports = [await findFreePort(), await findFreePort()]
    const [first, second] = ports.map((port) => `127.0.0.1:${port}`)
    await using manager = new GearmanConnectionManager(`${first},${second}`)
    const admin = useAdmin(manager, { server: second })
    const error = await admin.pingServer().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ServerUnavailable)
    expect((error as ServerUnavailable).failures.map(({ server }) => server)).toEqual([second])
  })

  it('fails all calls that wait for it', async () => {
    const port = await findFreePort()
    const admin = useAdmin(`127.0.0.1:${port}`)
    const outcomes = await Promise.allSettled([
      admin.getStatus(),
      admin.getPid(),
      admin.pingServer(),
    ])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: expect.any(ServerUnavailable) })
    }
  })
})

describe('a connection that breaks', () => {
  it.each(['end', 'reset'] as const)(
    'in the middle of a table (%s) fails what waits for it, and the next call connects again',
    async (how) => {
      const server = await useFakeServer([
        async (peer) => {
          expect(await peer.nextLine()).toBe('status')
          expect(await peer.nextLine()).toBe('getpid')
          peer.sendLine('reverse\t1\t0\t1')
          peer.sendLine('resize\t1')
          peer[how]()
        },
        healthy('2'),
      ])
      const admin = useAdmin(server.address)
      await admin.pingServer()
      const outcomes = await Promise.allSettled([admin.getStatus(), admin.getPid()])
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({
          reason: expect.any(ConnectionError),
        })
      }
      await whenReady(admin)
      expect(await admin.getVersion()).toBe('2')
    },
  )

  it('fails what waits when the admin client is closed, and leaves the connection of a manager', async () => {
    const server = await useFakeServer([idle])
    await using manager = new GearmanConnectionManager(server.address)
    const first = useAdmin(manager)
    const second = useAdmin(manager)
    await first.pingServer()
    const gone = first.getVersion()
    const kept = second.getVersion()
    const outcome = expect(gone).rejects.toThrow(InvalidAdminClientState)
    const [peer] = server.peers
    await peer?.nextLine()
    await peer?.nextLine()
    await first.shutdown()
    await outcome
    peer?.sendLine('OK 1')
    peer?.sendLine('OK 2')
    expect(await kept).toBe('2')
    expect(server.connectionCount).toBe(1)
  })

  it('fails what waits when the manager is closed', async () => {
    const server = await useFakeServer([idle])
    const manager = new GearmanConnectionManager(server.address)
    const admin = useAdmin(manager)
    await admin.pingServer()
    const call = admin.getVersion()
    const outcome = expect(call).rejects.toThrow(InvalidAdminClientState)
    await server.peers[0]?.nextLine()
    await manager.shutdown()
    await outcome
  })
})

describe('a server that answers nonsense', () => {
  it.each([
    ['bytes that are no packet', Buffer.from('\0nonsense!!!!')],
    ['a packet that belongs to workers', Buffer.from('\0RES\0\0\0\x06\0\0\0\0', 'latin1')],
    ['a line that is no version', Buffer.from('reverse\t1\t0\t1\n')],
  ])('is dropped for %s, and dialled again', async (_, bytes) => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.nextLine()
        await peer.nextLine()
        peer.sendBytes(bytes)
        await peer.closed
      },
      healthy('2'),
    ])
    const admin = useAdmin(server.address)
    await admin.pingServer()
    const outcomes = await Promise.allSettled([admin.getVersion(), admin.getPid()])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: { code: expect.stringMatching(/ERR_GEARMAN_(PROTOCOL|UNKNOWN_COMMAND)/) },
      })
    }
    await server.peers[0]?.closed
    expect(await admin.getVersion()).toBe('2')
  })

  it('is dropped for text that nobody asked for, without harm to the next call', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.nextLine()
        peer.sendBytes(Buffer.from('OK 1\nOK unasked\n'))
        await peer.closed
      },
      healthy('2'),
    ])
    const admin = useAdmin(server.address)
    expect(await admin.getVersion()).toBe('1')
    await server.peers[0]?.closed
    await whenReady(admin)
    expect(await admin.getVersion()).toBe('2')
  })

  it('fails one call alone for a table with a row of another shape', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.nextLine()
        await peer.nextLine()
        peer.sendBytes(Buffer.from('reverse\tmany\n.\nOK 1\n'))
        await peer.closed
      },
    ])
    const admin = useAdmin(server.address)
    const [status, version] = await Promise.allSettled([admin.getStatus(), admin.getVersion()])
    expect(status).toMatchObject({ reason: expect.any(ProtocolError) })
    expect(version).toMatchObject({ value: '1' })
  })
})

describe('a signal that aborts', () => {
  it('ends a call that was sent; its answer is dropped, not taken for the next one', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.nextLine()
        controller.abort(reason)
        await peer.nextLine()
        peer.sendBytes(Buffer.from('reverse\t1\t0\t1\n.\nOK 1\n'))
        await peer.closed
      },
    ])
    const reason = new Error('enough')
    const controller = new AbortController()
    const admin = useAdmin(server.address)
    await expect(admin.getStatus({ signal: controller.signal })).rejects.toBe(reason)
    expect(await admin.getVersion()).toBe('1')
    expect(server.connectionCount).toBe(1)
  })

  it('ends a call that waits for the connection, which is then never sent', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          const hello = await peer.expect('ECHO_REQ')
          controller.abort(reason)
          peer.send('ECHO_RES', hello.args)
          expect(await peer.nextLine()).toBe('version')
          peer.sendLine('OK 1')
          await peer.closed
        },
      ],
      { autoAnswer: false },
    )
    const reason = new Error('enough')
    const controller = new AbortController()
    const admin = useAdmin(server.address)
    const given = admin.cancelJob('H:a:1', { signal: controller.signal })
    const kept = admin.getVersion()
    await expect(given).rejects.toBe(reason)
    expect(await kept).toBe('1')
  })

  it('leaves no listener behind', async () => {
    const server = await useFakeServer([healthy('1')])
    const { signal } = new AbortController()
    let listeners = 0
    const count = (change: number, call: (...args: never[]) => void) =>
      function counted(this: unknown, ...args: never[]): void {
        listeners += change
        Reflect.apply(call, signal, args)
      }
    signal.addEventListener = count(1, signal.addEventListener)
    signal.removeEventListener = count(-1, signal.removeEventListener)
    await useAdmin(server.address).getVersion({ signal })
    expect(listeners).toBe(0)
  })
})

/** Resolves when the connection is ready, again or still. */
async function whenReady(admin: GearmanAdminClient): Promise<void> {
  const [connection] = admin.connectionList
  if (connection?.connected) return
  await new Promise<void>((resolve) => {
    admin.on('state', ({ to }) => {
      if (to === 'ready') resolve()
    })
  })
}
