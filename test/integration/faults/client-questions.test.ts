import type { FakePeer } from 'gearman-sdk/testing'
import { describe, expect, test } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { ConnectionError, JOB_CREATED, ServerError } from '../../../src/index.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { rejectionOf, untilState, useClient } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

const QUICK = { reconnectMinDelay: 1, reconnectMaxDelay: 20 } as const

/** Accepts one background job. */
async function accept(peer: FakePeer): Promise<void> {
  await peer.expect('SUBMIT_JOB_BG')
  peer.send('JOB_CREATED', ['H:1'])
}

const background = { background: true } as const

describe('a question about the status', () => {
  failOnLeaks()

  test('rejects when the connection is lost before the answer', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          await accept(peer)
          await peer.expect('GET_STATUS')
          peer.reset()
        },
        async (peer) => {
          await peer.expect('GET_STATUS')
          peer.reset()
        },
      ],
      { otherwise: () => undefined },
    )
    const client = useClient(server.address, QUICK)
    const request = await client.submitJob('t', 'x', background)
    expect(await rejectionOf(client.getJobStatus(request))).toBeInstanceOf(ConnectionError)
    const byHandle = client.getJobStatus({ handle: 'H:1', server: server.address })
    expect(await rejectionOf(byHandle)).toBeInstanceOf(ConnectionError)
    expect(request).toMatchObject({ state: JOB_CREATED, complete: true, timedOut: false })
  })

  test('goes over a new connection when the old one is lost', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await accept(peer)
        peer.end()
      },
      async (peer) => {
        const { args } = await peer.expect('GET_STATUS')
        peer.send('STATUS_RES', [String(args[0]), '1', '0', '0', '0'])
      },
    ])
    const client = useClient(server.address, QUICK)
    const request = await client.submitJob('t', 'x', background)
    await server.peers[0]?.closed
    await client.getJobStatus(request)
    expect(request.status).toMatchObject({ handle: 'H:1', known: true })
  })

  test('that is not answered in time marks the request, and rejects for a handle', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await accept(peer)
        await peer.expect('GET_STATUS')
        await peer.expect('GET_STATUS')
        await unanswered
        peer.send('STATUS_RES', ['H:1', '1', '1', '5', '9'])
        peer.send('STATUS_RES', ['H:1', '1', '1', '5', '9'])
      },
    ])
    const client = useClient(server.address, QUICK)
    const request = await client.submitJob('t', 'x', background)
    const limits = { pollTimeout: 50 }
    const marked = client.getJobStatus(request, limits)
    const job = { handle: 'H:1', server: server.address }
    const unanswered = rejectionOf(client.getJobStatus(job, limits))
    expect(await unanswered).toMatchObject({ code: 'ERR_GEARMAN_INVALID_CLIENT_STATE' })
    expect(await marked).toMatchObject({ timedOut: true, status: {} })
    await client.waitUntilJobStatusesReceived([request])
    expect(request).toMatchObject({ timedOut: false, status: { numerator: 5, denominator: 9 } })
  })

  test('rejects with what the server says instead', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('GET_STATUS_UNIQUE')
        peer.send('ERROR', ['INVALID_COMMAND', 'Command not expected'])
        await peer.expect('GET_STATUS')
        peer.send('ERROR', ['INVALID_COMMAND', 'Command not expected'])
      },
    ])
    const client = useClient(server.address)
    expect(await rejectionOf(client.getJobStatus({ unique: 'u' }))).toBeInstanceOf(ServerError)
    const job = { handle: 'H:1', server: server.address }
    expect(await rejectionOf(client.getJobStatus(job))).toBeInstanceOf(ServerError)
  })
})

describe('cancel', () => {
  failOnLeaks()

  test('rejects when the connection is lost before the answer', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          await accept(peer)
          expect(await peer.nextLine()).toMatch(/^cancel job H:1\r?$/)
          peer.reset()
        },
      ],
      { otherwise: () => undefined },
    )
    const request = await useClient(server.address, QUICK).submitJob('t', 'x', background)
    expect(await rejectionOf(request.cancel())).toBeInstanceOf(ConnectionError)
    expect(request.state).toBe(JOB_CREATED)
  })

  test('rejects when the server of the job is gone', async () => {
    const server = await useFakeServer([accept], { otherwise: (peer) => peer.reset() })
    const client = useClient(server.address)
    const request = await client.submitJob('t', 'x', background)
    const [connection] = client.connectionList
    if (connection === undefined) throw new Error('there is one')
    server.peers[0]?.end()
    await untilState(client, connection, 'failed')
    expect(await rejectionOf(request.cancel())).toMatchObject({
      code: 'ERR_GEARMAN_CONNECTION',
      server: server.address,
      cause: expect.any(ConnectionError),
    })
  })

  test('takes nothing back when the server does not know the job any more, or the command', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await accept(peer)
        await peer.nextLine()
        peer.sendLine('ERR UNKNOWN_JOB')
        await peer.nextLine()
        peer.send('ERROR', ['INVALID_COMMAND', 'no text here'])
      },
    ])
    const request = await useClient(server.address).submitJob('t', 'x', background)
    expect(await request.cancel()).toBe(false)
    expect(request.state).toBe(JOB_CREATED)
    expect(await rejectionOf(request.cancel())).toBeInstanceOf(ServerError)
  })

  test('of a request whose acceptance never comes ends with the connection', async () => {
    const cancelling = createDeferred<void>()
    const server = await useFakeServer(
      [
        async (peer) => {
          await peer.expect('SUBMIT_JOB')
          peer.send('WORK_FAIL', ['H:nobody'])
          await cancelling.promise
          peer.reset()
        },
      ],
      { otherwise: () => undefined },
    )
    const client = useClient(server.address, QUICK)
    for (const connection of client.connectionList) await client.establishConnection(connection)
    const request = await client.submitJob('t', 'x', { pollTimeout: 0 })
    const cancelled = request.cancel()
    cancelling.resolve()
    expect(await cancelled).toBe(false)
    expect(request.state).toBe('UNKNOWN')
  })
})

describe('a background job that was accepted before its connection was lost', () => {
  failOnLeaks()

  test('is not cancelled over a new connection: the handle may be that of another job', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await accept(peer)
        peer.end()
      },
      async (peer) => {
        // What comes first is the next job, not `cancel job H:1`.
        await accept(peer)
      },
    ])
    const client = useClient(server.address, QUICK)
    const connectedAnew = new Promise<void>((resolve) => {
      let isLost = false
      client.on('state', ({ from, to }) => {
        isLost ||= from === 'ready'
        if (isLost && to === 'ready') resolve()
      })
    })
    const request = await client.submitJob('t', 'x', background)
    await connectedAnew
    expect(await rejectionOf(request.cancel())).toBeInstanceOf(ConnectionError)
    expect(request.state).toBe(JOB_CREATED)
    await client.submitJob('t', 'y', background)
  })
})
