import type { FakePeer } from 'gearman-sdk/testing'
import { describe, expect, test } from 'vitest'
import {
  ConnectionError,
  ExceededConnectionAttempts,
  GearmanJob,
  GearmanJobRequest,
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_FAILED,
  JOB_PENDING,
  JOB_UNKNOWN,
  JobLostError,
  ServerError,
  ServerUnavailable,
} from '../../../src/index.ts'
import { type FakeScript, useFakeServer } from '../../helpers/fake-server.ts'
import { rejectionOf, untilState, useClient } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

/** Short delays, so that what is dialled again comes soon. */
const QUICK = { reconnectMinDelay: 1, reconnectMaxDelay: 20 } as const

/** Takes one job and is done with it. */
async function serve(
  peer: FakePeer,
  name: 'SUBMIT_JOB' | 'SUBMIT_JOB_BG' = 'SUBMIT_JOB',
): Promise<void> {
  await peer.expect(name)
  peer.send('JOB_CREATED', ['H:served'])
  if (name === 'SUBMIT_JOB') peer.send('WORK_COMPLETE', ['H:served', 'done'])
}

/** Reads one packet and cuts the connection. */
async function swallow(peer: FakePeer): Promise<void> {
  await peer.nextPacket()
  peer.reset()
}

const stay: FakeScript = () => undefined

describe('a connection that is lost', () => {
  failOnLeaks()

  test('after SUBMIT and before JOB_CREATED leaves the request unknown, at once', async () => {
    const server = await useFakeServer([swallow], { otherwise: stay })
    const request = await useClient(server.address, QUICK).submitJob('t', 'x')
    expect(request).toMatchObject({
      state: JOB_UNKNOWN,
      delivery: 'unknown',
      timedOut: false,
      complete: false,
      connectionAttempts: 1,
      error: undefined,
    })
  })

  test('makes do and stream reject with JobLostError, which tells the delivery', async () => {
    const server = await useFakeServer([swallow, swallow], { otherwise: stay })
    const client = useClient(server.address, QUICK)
    const error = await rejectionOf(client.do('t', 'x', { unique: 'u' }))
    expect(error).toBeInstanceOf(JobLostError)
    expect(error).toMatchObject({ delivery: 'unknown', task: 't', unique: 'u', handle: undefined })
    const step = client.stream('t', 'x').next()
    expect(await rejectionOf(step)).toMatchObject({ delivery: 'unknown' })
  })

  test('is made up for within maxRetries', async () => {
    const server = await useFakeServer([swallow, swallow, (peer) => serve(peer)])
    const request = await useClient(server.address, QUICK).submitJob('t', 'x', { maxRetries: 2 })
    expect(request).toMatchObject({ state: JOB_COMPLETE, connectionAttempts: 3 })
    await server.done()
    const uniques = server.peers.map(
      ({ received }) => received.find(({ name }) => name === 'SUBMIT_JOB')?.args[1],
    )
    expect(uniques[1]).toEqual(uniques[0])
    expect(uniques[2]).toEqual(uniques[0])
  })

  test('too often rejects with ExceededConnectionAttempts', async () => {
    const server = await useFakeServer([swallow, swallow, swallow], { otherwise: stay })
    const client = useClient(server.address, QUICK)
    const error = await rejectionOf(client.submitJob('t', 'x', { maxRetries: 2 }))
    expect(error).toBeInstanceOf(ExceededConnectionAttempts)
    expect(error).toMatchObject({ attempts: 3, cause: expect.any(ConnectionError) })
  })

  test('and a server that is gone then says that the job may be there all the same', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        server.close().catch(() => undefined)
      },
    ])
    const client = useClient(server.address, QUICK)
    const error = await rejectionOf(client.submitJob('t', 'x', { maxRetries: 2 }))
    expect(error).toBeInstanceOf(JobLostError)
    expect(error).toMatchObject({ delivery: 'unknown', cause: expect.any(ServerUnavailable) })
  })

  test('after acceptance settles the call at once: unknown, accepted, never sent again', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          await peer.expect('SUBMIT_JOB')
          peer.send('JOB_CREATED', ['H:1'])
          peer.end()
        },
      ],
      { otherwise: stay },
    )
    const client = useClient(server.address, QUICK)
    const request = await client.submitJob('t', 'x', { maxRetries: 5 })
    expect(request).toMatchObject({
      state: JOB_UNKNOWN,
      delivery: 'accepted',
      handle: 'H:1',
      timedOut: false,
      complete: false,
      error: undefined,
      connectionAttempts: 1,
    })
  })

  test('after acceptance makes do reject with JobLostError', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          await peer.expect('SUBMIT_JOB')
          peer.send('JOB_CREATED', ['H:1'])
          peer.reset()
        },
      ],
      { otherwise: stay },
    )
    const error = await rejectionOf(useClient(server.address, QUICK).do('t', 'x'))
    expect(error).toMatchObject({ delivery: expect.stringMatching(/accepted|unknown/) })
  })

  test('after acceptance is made up for when the job is idempotent', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        peer.send('JOB_CREATED', ['H:1'])
        peer.end()
      },
      (peer) => serve(peer),
    ])
    const client = useClient(server.address, QUICK)
    const request = await client.submitJob('t', 'x', { idempotent: true })
    expect(request).toMatchObject({ state: JOB_COMPLETE, handle: 'H:served' })
  })

  test('leaves an accepted background job complete', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await serve(peer, 'SUBMIT_JOB_BG')
        peer.end()
      },
      stay,
    ])
    const client = useClient(server.address, QUICK)
    const request = await client.submitJob('t', 'x', { background: true })
    await server.peers[0]?.closed
    expect(request).toMatchObject({ state: JOB_CREATED, complete: true, delivery: 'accepted' })
  })

  test('before anything was sent moves the request to the other server, at no cost', async () => {
    // What is queued behind 32 MiB that nobody reads has not left yet when the connection breaks.
    const first = await useFakeServer(
      [
        async (peer) => {
          await peer.nextPacket().catch(() => undefined)
        },
      ],
      { otherwise: (peer) => peer.reset() },
    )
    const second = await useFakeServer([
      async (peer) => {
        for (;;) {
          const packet = await peer.nextPacket()
          if (packet.args[0]?.toString() === 'moved') break
        }
        peer.send('JOB_CREATED', ['H:moved'])
        peer.send('WORK_COMPLETE', ['H:moved', 'done'])
      },
    ])
    const client = useClient([first.address, second.address], QUICK)
    const [near] = client.connectionList
    for (const connection of client.connectionList) await client.establishConnection(connection)
    first.peers[0]?.pause()
    client.establishRequestConnection = (request) => {
      if (request.connectionAttempts > 0 || near === undefined)
        throw new Error('an attempt was lost')
      if (near.connected) return near
      return Object.getPrototypeOf(client).establishRequestConnection.call(client, request)
    }
    const blocking = client.submitJob('blocking', Buffer.alloc(32 * 1024 * 1024))
    const moved = client.submitJob('moved', 'x')
    if (near === undefined) throw new Error('there are two')
    // The first chunk of the large one is with the kernel before the connection breaks.
    await new Promise(setImmediate)
    first.peers[0]?.reset()
    expect(await blocking).toMatchObject({ state: JOB_UNKNOWN, delivery: 'unknown' })
    expect(await moved).toMatchObject({
      state: JOB_COMPLETE,
      connectionAttempts: 1,
      delivery: 'accepted',
      handle: 'H:moved',
    })
  })

  test('while one of two servers is up is not felt by the next call', async () => {
    const first = await useFakeServer([], { otherwise: (peer) => peer.reset() })
    const second = await useFakeServer([
      async (peer) => {
        for (let call = 0; call < 10; call += 1) await serve(peer)
      },
    ])
    const client = useClient([first.address, second.address], QUICK)
    for (let call = 0; call < 10; call += 1) {
      expect(String(await client.do('t', 'x'))).toBe('done')
    }
  })

  test('makes the next call wait for the new connection, not fail', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await serve(peer)
        peer.end()
      },
      (peer) => serve(peer),
    ])
    const client = useClient(server.address)
    const [connection] = client.connectionList
    if (connection === undefined) throw new Error('there is one')
    await client.do('t', 'x')
    await untilState(client, connection, 'failed')
    expect(String(await client.do('t', 'x'))).toBe('done')
  })
})

describe('a server that is slow or answers in part', () => {
  failOnLeaks()

  test('ERROR for the second of three pipelined submissions fails the second only', async () => {
    const server = await useFakeServer([
      async (peer) => {
        for (let count = 0; count < 3; count += 1) await peer.expect('SUBMIT_JOB_BG')
        peer.send('JOB_CREATED', ['H:1'])
        peer.send('ERROR', ['QUEUE_ERROR', 'Job queue is full'])
        peer.send('JOB_CREATED', ['H:3'])
      },
    ])
    const requests = await useClient(server.address).submitMultipleJobs(
      ['1', '2', '3'].map((data) => ({ task: 't', data })),
      { background: true },
    )
    expect(requests.map(({ state }) => state)).toEqual([JOB_CREATED, JOB_FAILED, JOB_CREATED])
    expect(requests.map(({ handle }) => handle)).toEqual(['H:1', undefined, 'H:3'])
    expect(requests[1]).toMatchObject({
      delivery: 'not-sent',
      error: expect.any(ServerError),
    })
    expect(requests[1]?.error).toMatchObject({
      serverCode: 'QUEUE_ERROR',
      serverText: 'Job queue is full',
      server: server.address,
    })
  })

  test('ERROR JOB_NOT_FOUND belongs to nobody', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB_BG')
        peer.send('ERROR', ['JOB_NOT_FOUND', 'Job given in work result not found'])
        peer.send('JOB_CREATED', ['H:1'])
      },
    ])
    const request = await useClient(server.address).submitJob('t', 'x', { background: true })
    expect(request.handle).toBe('H:1')
  })

  test('JOB_CREATED that is missing until pollTimeout leaves the request pending and timed out', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        await timedOut
        peer.send('JOB_CREATED', ['H:late'])
        await accepted
        peer.send('WORK_COMPLETE', ['H:late', 'done'])
      },
    ])
    const client = useClient(server.address)
    for (const connection of client.connectionList) await client.establishConnection(connection)
    const timedOut = client.submitJob('t', 'x', { pollTimeout: 50 })
    const request = await timedOut
    expect(request).toMatchObject({
      state: JOB_PENDING,
      timedOut: true,
      complete: false,
      delivery: 'unknown',
      error: undefined,
    })
    const accepted = client.waitUntilJobsAccepted([request])
    await accepted
    expect(request).toMatchObject({ state: JOB_CREATED, timedOut: false, handle: 'H:late' })
    await client.waitUntilJobsCompleted([request])
    expect(String(request.result)).toBe('done')
  })

  test('a late JOB_CREATED flips the state without another call', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB_BG')
        await timedOut
        peer.send('JOB_CREATED', ['H:late'])
        await serve(peer)
      },
    ])
    const client = useClient(server.address)
    for (const connection of client.connectionList) await client.establishConnection(connection)
    const timedOut = client.submitJob('t', 'x', { background: true, pollTimeout: 50 })
    const request = await timedOut
    expect(request).toMatchObject({ state: JOB_PENDING, timedOut: true })
    await client.do('t', 'x')
    expect(request).toMatchObject({ state: JOB_CREATED, complete: true, delivery: 'accepted' })
  })

  test('a request that timed out and was reset ignores the late answer', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        await timedOut
        await peer.expect('SUBMIT_JOB')
        peer.send('JOB_CREATED', ['H:first'])
        peer.send('WORK_COMPLETE', ['H:first', 'stale'])
        peer.send('JOB_CREATED', ['H:second'])
        peer.send('WORK_COMPLETE', ['H:second', 'fresh'])
      },
    ])
    const client = useClient(server.address)
    for (const connection of client.connectionList) await client.establishConnection(connection)
    const timedOut = client.submitJob('t', 'x', { pollTimeout: 50 })
    const request = await timedOut
    request.reset()
    await client.submitMultipleRequests([request])
    expect(request.handle).toBe('H:second')
    expect(String(request.result)).toBe('fresh')
  })

  test('reset while a call waits for the request makes that call resolve', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        request.reset()
      },
    ])
    const request = new GearmanJobRequest(
      new GearmanJob<unknown>(undefined, undefined, 't', 'u', 'x'),
    )
    await useClient(server.address).submitMultipleRequests([request])
    expect(request).toMatchObject({ state: JOB_UNKNOWN, timedOut: false })
  })

  test('a server that accepts and answers nobody is given up after connectTimeout', async () => {
    const server = await useFakeServer([stay], { autoAnswer: false, otherwise: stay })
    const client = useClient(server.address, { connectTimeout: 50 })
    const error = await rejectionOf(client.submitJob('t', 'x'))
    expect(error).toBeInstanceOf(ServerUnavailable)
    expect(error.message).toContain('no answer within 50 ms')
  })

  test('a server that answers nobody does not hold up a job that another can take', async () => {
    const silent = await useFakeServer([stay], { autoAnswer: false, otherwise: stay })
    const good = await useFakeServer([(peer) => serve(peer)])
    const client = useClient([silent.address, good.address])
    expect(String(await client.do('t', 'x'))).toBe('done')
  })

  test('a server that refuses the option exceptions is as good as any', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          await peer.expect('OPTION_REQ')
          peer.send('ERROR', ['UNKNOWN_OPTION', 'Server does not recognize given option'])
          await serve(peer)
        },
      ],
      { autoAnswer: false },
    )
    expect(String(await useClient(server.address).do('t', 'x'))).toBe('done')
  })

  test('a second shutdown and calls after it reject or resolve, and nothing hangs', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        peer.send('JOB_CREATED', ['H:1'])
        await peer.expect('SUBMIT_JOB')
        client.shutdown().catch(() => undefined)
        await peer.closed
      },
    ])
    const client = useClient(server.address)
    const accepted = await client.submitJob('t', 'x', { waitUntilComplete: false })
    const pending = client.submitJob('t', 'y')
    const waiting = client.waitUntilJobsCompleted([accepted])
    expect(await pending).toMatchObject({ state: JOB_UNKNOWN, delivery: 'unknown' })
    await waiting
    expect(accepted).toMatchObject({ state: JOB_UNKNOWN, delivery: 'accepted', timedOut: false })
    await client.shutdown()
    for (const call of [
      client.submitJob('t', 'x'),
      client.do('t', 'x'),
      client.stream('t', 'x').next(),
      client.submitMultipleJobs([{ task: 't', data: 'x' }]),
      client.submitMultipleRequests([accepted]),
      client.getJobStatus(accepted),
      client.getJobStatus({ unique: 'u' }),
    ]) {
      expect(await rejectionOf(call)).toMatchObject({ code: 'ERR_GEARMAN_INVALID_CLIENT_STATE' })
    }
  })
})
