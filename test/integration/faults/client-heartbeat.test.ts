import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { JOB_COMPLETE, JOB_UNKNOWN } from '../../../src/index.ts'
import type { PacketName } from '../../../src/protocol/packets.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import { type FakeServer, useFakeServer } from '../../helpers/fake-server.ts'
import { newTask, untilState, useClient, useWorker } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { useTcpProxy } from '../../helpers/tcp-proxy.ts'

/** From here on time passes only when the test says so: bytes are never late because the machine is busy. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}

/** Lets time pass until the heartbeat asks, and a little more: what answers comes after the question. */
function passUntilAsked(heartbeatInterval: number): void {
  vi.advanceTimersByTime(heartbeatInterval)
  vi.advanceTimersByTime(1)
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a peer that falls silent', () => {
  failOnLeaks()

  test('is given up after the heartbeat, and what waited for it settles', async () => {
    await using server = new GearmanServer({ port: 0 })
    const proxy = await useTcpProxy(await server.listen())
    const client = useClient(proxy.address, { heartbeatInterval: 20, heartbeatTimeout: 2_000 })
    const request = await client.submitJob('t', 'x', { waitUntilComplete: false })
    proxy.freeze()
    await client.waitUntilJobsCompleted([request])
    expect(request).toMatchObject({ state: JOB_UNKNOWN, delivery: 'accepted', timedOut: false })
    expect(client.connectionList[0]?.lastError?.message).toContain('did not answer ECHO')
    proxy.resume()
    const again = await client.submitJob('t', 'x', {
      ...{ background: true, pollTimeout: 30_000 },
      // On a busy machine the heartbeat may give up this server as well.
      maxRetries: 10,
    })
    expect(again.complete).toBe(true)
  })

  test('but answers ECHO is kept, however long its job takes', async () => {
    const task = newTask()
    await using server = new GearmanServer({ port: 0 })
    const { port } = await server.listen()
    const worker = await useWorker({ port }, { [task]: () => undefined })
    const proxy = await useTcpProxy({ port })
    stopClock()
    const client = useClient(proxy.address, { heartbeatInterval: 1, heartbeatTimeout: 500 })
    const request = await client.submitJob(task, 'x', { waitUntilComplete: false })
    const job = await worker.nextJob()
    for (let round = 0; round < 3; round += 1) {
      const before = proxy.bytesToClient
      passUntilAsked(1)
      // An answer to ECHO_REQ has 16 bytes.
      while (proxy.bytesToClient < before + 16) await nextTurn()
      vi.advanceTimersByTime(500)
      // It is judged, and asked again, no sooner than what was passed on is read.
      await nextTurn()
      await nextTurn()
    }
    job.send('WORK_COMPLETE', 'done')
    const result = client.waitUntilJobsCompleted([request]).then(([first]) => first)
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
          await peer.expect('ECHO_REQ')
          peer.send('WORK_COMPLETE', ['H:1', 'done'])
          await peer.closed
        },
      ],
      { autoAnswer: false },
    )
    stopClock()
    const client = useClient(server.address, { heartbeatInterval: 1, heartbeatTimeout: 500 })
    const updates = client.stream('t', 'x')
    const steps = [updates.next()]
    await untilReceived(server, 'SUBMIT_JOB')
    for (let round = 0; round < 3; round += 1) {
      passUntilAsked(1)
      expect(await steps.at(-1)).toMatchObject({ value: { type: 'data' } })
      steps.push(updates.next())
      vi.advanceTimersByTime(500)
      await nextTurn()
      await nextTurn()
    }
    passUntilAsked(1)
    expect(await steps.at(-1)).toMatchObject({ value: { type: 'result' } })
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
    stopClock()
    const client = useClient(server.address, { heartbeatInterval: 1, heartbeatTimeout: 50 })
    await client.submitJob('t', 'x', { waitUntilComplete: false })
    for (let round = 0; round < 3; round += 1) {
      passUntilAsked(1)
      await untilReceived(server, 'ECHO_REQ', round + 1)
      // The answer lies in the kernel while nobody reads, for longer than the deadline.
      vi.advanceTimersByTime(80)
      await nextTurn()
      await nextTurn()
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

/** Resolves in the turn in which a server has read so many packets of a kind on its first connection. */
async function untilReceived(server: FakeServer, name: PacketName, count = 1): Promise<void> {
  const received = (): number =>
    server.peers[0]?.received.filter((packet) => packet.name === name).length ?? 0
  while (received() < count) await nextTurn()
}
