import { describe, expect, test } from 'vitest'
import { JOB_COMPLETE, JOB_UNKNOWN } from '../../../src/index.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { newTask, untilState, useClient, useWorker } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { useTcpProxy } from '../../helpers/tcp-proxy.ts'

describe('a peer that falls silent', () => {
  failOnLeaks()

  test('is given up after the heartbeat, and what waited for it settles', async () => {
    await using server = new GearmanServer({ port: 0 })
    const proxy = await useTcpProxy(await server.listen())
    const client = useClient(proxy.address, { heartbeatInterval: 20, heartbeatTimeout: 200 })
    const request = await client.submitJob('t', 'x', { waitUntilComplete: false })
    proxy.freeze()
    await client.waitUntilJobsCompleted([request])
    expect(request).toMatchObject({ state: JOB_UNKNOWN, delivery: 'accepted', timedOut: false })
    expect(client.connectionList[0]?.lastError?.message).toContain('did not answer ECHO')
    proxy.resume()
    const again = await client.submitJob('t', 'x', { background: true, pollTimeout: 30_000 })
    expect(again.complete).toBe(true)
  })

  test('but answers ECHO is kept, however long its job takes', async () => {
    const task = newTask()
    await using server = new GearmanServer({ port: 0 })
    const { port } = await server.listen()
    const worker = await useWorker({ port }, { [task]: () => undefined })
    const proxy = await useTcpProxy({ port })
    const client = useClient(proxy.address, { heartbeatInterval: 1, heartbeatTimeout: 500 })
    const result = client.submitJob(task, 'x')
    const job = await worker.nextJob()
    const before = proxy.bytesToClient
    // An answer to ECHO_REQ has 16 bytes: wait for three of them.
    while (proxy.bytesToClient < before + 48) await new Promise(setImmediate)
    job.send('WORK_COMPLETE', 'done')
    expect(await result).toMatchObject({ state: JOB_COMPLETE })
    expect(proxy.connectionCount).toBe(1)
  })

  test('lives as long as bytes move, although ECHO is not answered', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          const option = await peer.expect('OPTION_REQ')
          peer.send('OPTION_RES', option.args)
          await peer.expect('SUBMIT_JOB')
          peer.send('JOB_CREATED', ['H:1'])
          for (let echoes = 0; echoes < 3; echoes += 1) {
            await peer.expect('ECHO_REQ')
            peer.send('WORK_DATA', ['H:1', 'still here'])
          }
          peer.send('WORK_COMPLETE', ['H:1', 'done'])
          await peer.closed
        },
      ],
      { autoAnswer: false },
    )
    const client = useClient(server.address, { heartbeatInterval: 1, heartbeatTimeout: 500 })
    expect(String(await client.do('t', 'x'))).toBe('done')
    expect(server.connectionCount).toBe(1)
  })

  test('is not blamed for the time in which this process was busy', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        peer.send('JOB_CREATED', ['H:1'])
        await peer.closed
      },
    ])
    const client = useClient(server.address, { heartbeatInterval: 1, heartbeatTimeout: 50 })
    await client.submitJob('t', 'x', { waitUntilComplete: false })
    const echoes = (): number =>
      server.peers[0]?.received.filter(({ name }) => name === 'ECHO_REQ').length ?? 0
    for (let round = 0; round < 3; round += 1) {
      const before = echoes()
      while (echoes() === before) await new Promise(setImmediate)
      // The answer lies in the kernel while nobody reads, for longer than the deadline.
      const busyUntil = performance.now() + 80
      while (performance.now() < busyUntil);
    }
    expect(client.connectionList[0]?.state).toBe('ready')
    expect(server.connectionCount).toBe(1)
  })

  test('while it is dialled is not waited for by shutdown', async () => {
    const server = await useFakeServer([() => undefined], { autoAnswer: false })
    const client = useClient(server.address)
    const call = client.submitMultipleJobs([{ task: 't', data: 'x' }])
    const [connection] = client.connectionList
    if (connection === undefined) throw new Error('there is one')
    await untilState(client, connection, 'connecting')
    await client.shutdown()
    expect((await call)[0]).toMatchObject({ state: JOB_UNKNOWN, delivery: 'not-sent' })
    expect(connection.state).toBe('closed')
  })

  test('and does not read cannot keep shutdown waiting for ever', async () => {
    const server = await useFakeServer([() => undefined])
    const proxy = await useTcpProxy({ port: server.port })
    const client = useClient(proxy.address)
    for (const connection of client.connectionList) await client.establishConnection(connection)
    proxy.freeze()
    const call = client.submitJob('t', Buffer.alloc(32 * 1024 * 1024))
    await new Promise(setImmediate)
    await client.shutdown()
    expect(await call).toMatchObject({ state: JOB_UNKNOWN, delivery: 'unknown' })
  })
})
