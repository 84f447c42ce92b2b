import { Socket } from 'node:net'
import type { FakePeer } from 'gearman-sdk/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConnectionError, InvalidWorkerState } from '../../../src/errors.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import type { GearmanWorker } from '../../../src/worker/gearman-worker.ts'
import type { GearmanWorkerJob } from '../../../src/worker/worker-job.ts'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { describeWithGearmand, findFreePort, startGearmand } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { useTcpProxy } from '../../helpers/tcp-proxy.ts'
import {
  collectEvents,
  eventually,
  HeldTask,
  nextEvent,
  runJob,
  startWork,
  submit,
  untilRegistered,
  usePeer,
  useWorker,
} from './worker-fixture.ts'

failOnLeaks()

/** Delays that a test can wait for. */
const QUICK = { reconnectMinDelay: 5, reconnectMaxDelay: 20 }

async function useBundledServer(port = 0): Promise<GearmanServer> {
  const server = new GearmanServer({ port })
  await server.listen()
  onTestFinished(() => server.close())
  return server
}

/** Reads the registration of the task `echo` and the grab behind it. */
async function register(peer: FakePeer): Promise<void> {
  await peer.expect('CAN_DO')
  await peer.expect('GRAB_JOB_ALL')
}

function echoWorker(addresses: readonly string[], options = {}): GearmanWorker {
  const worker = useWorker(addresses, { ...QUICK, ...options })
  worker.registerTask('echo', (_worker, job) => job.data)
  return worker
}

describeBackends('a worker whose connection is lost', (backend) => {
  test('aborts the signals of its jobs, drops their results, and runs them again when it is back', async () => {
    const proxy = await useTcpProxy(backend)
    const worker = useWorker([proxy.address], { ...QUICK, concurrency: 2 })
    const lost = collectEvents(worker, 'jobLost')
    const dropped = collectEvents(worker, 'resultDropped')
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('lost', held.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    for (let index = 0; index < 3; index += 1) await submit(peer, 'lost')
    await held.untilStarted(2)
    proxy.cut()
    await eventually(() => held.job(1).signal.aborted, true)
    expect(held.job(0).signal.reason).toBeInstanceOf(ConnectionError)
    await expect(held.job(0).sendStatus(1, 2)).rejects.toThrow(ConnectionError)
    expect(lost).toHaveLength(2)
    await untilRegistered(backend, 'lost')
    expect(held.started).toHaveLength(2)
    for (let done = 0; done < 5; done += 1) {
      await held.untilStarted(Math.min(5, done + 2))
      held.end('done')
    }
    for (let index = 0; index < 3; index += 1) await peer.expect('WORK_COMPLETE')
    expect(held.mostRunning).toBe(2)
    expect(dropped).toHaveLength(2)
  })

  test('registers again as often as that happens', async () => {
    const proxy = await useTcpProxy(backend)
    const worker = echoWorker([proxy.address], { clientId: 'lively' })
    worker.registerTask('timed', () => 'x', { serverTimeout: 5000 })
    void startWork(worker)
    const peer = await usePeer(backend)
    for (let round = 0; round < 5; round += 1) {
      expect(await runJob(peer, 'echo', `round ${round}`)).toBe(`round ${round}`)
      expect(await runJob(peer, 'timed')).toBe('x')
      proxy.cut()
    }
    expect(await runJob(peer, 'echo')).toBe('')
  })

  test('keeps what it prefetched from being lost', async () => {
    const proxy = await useTcpProxy(backend)
    const worker = useWorker([proxy.address], { ...QUICK, prefetch: 3 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('fetched', held.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    for (let index = 0; index < 4; index += 1) await submit(peer, 'fetched')
    await eventually(async () => (await taskStatus(backend, 'fetched')).running, 4)
    proxy.cut()
    await eventually(() => held.job(0).signal.aborted, true)
    for (let done = 0; done < 5; done += 1) {
      await held.untilStarted(done + 1)
      held.end()
    }
    for (let index = 0; index < 4; index += 1) await peer.expect('WORK_COMPLETE')
  })

  test('stops in good order, although one server is silent and one is gone', async () => {
    const silent = await useTcpProxy(backend)
    const gone = await useTcpProxy(backend)
    const worker = useWorker([silent.address, gone.address, backend.address], {
      ...QUICK,
      concurrency: 8,
    })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('last', held.callback)
    const working = startWork(worker)
    await worker.ready({ all: true, pollTimeout: 30_000 })
    const peer = await usePeer(backend)
    for (let index = 0; index < 6; index += 1) await submit(peer, 'last')
    await held.untilStarted(6)
    silent.freeze()
    gone.refuse()
    gone.cut()
    const stopping = worker.stop()
    await eventually(() => worker.connections.some(({ state }) => state === 'draining'), true)
    for (let index = 0; index < 6; index += 1) held.end('done')
    await Promise.all([stopping, working])
    // Nothing was aborted that could still be told to a server.
    const aborted = held.started.filter(({ signal }) => signal.aborted)
    expect(new Set(aborted.map(({ connection }) => connection?.server))).toEqual(
      new Set(aborted.length > 0 ? [gone.address] : []),
    )
    silent.resume()
    const heir = useWorker(backend)
    heir.registerTask('last', () => 'heir')
    void startWork(heir)
    for (let index = 0; index < 6; index += 1) await peer.expect('WORK_COMPLETE')
  })

  test('whatever the chunks are in which packets come', async () => {
    const proxy = await useTcpProxy(backend)
    proxy.split(3)
    void startWork(echoWorker([proxy.address]))
    const peer = await usePeer(backend)
    for (const data of ['', 'x', 'x'.repeat(200)]) {
      expect(await runJob(peer, 'echo', data)).toBe(data)
    }
  })
})

describeWithGearmand('a job with runAt, of which gearmand 1.1 tells nobody', () => {
  test('is taken when it is due, within wakeInterval', async () => {
    const gearmand = await startGearmand()
    onTestFinished(() => gearmand.stop())
    const worker = echoWorker([`127.0.0.1:${gearmand.port}`], { wakeInterval: 100 })
    const completed = nextEvent(worker, 'jobCompleted')
    void startWork(worker)
    const peer = await usePeer(gearmand)
    const dueAtSeconds = Math.ceil(Date.now() / 1000) + 1
    peer.send('SUBMIT_JOB_EPOCH', 'echo', '', String(dueAtSeconds), 'due')
    await peer.expect('JOB_CREATED')
    expect(String((await completed).job.data)).toBe('due')
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(dueAtSeconds)
  })
})

describe('servers that come and go', () => {
  test('none at the start is no error; the first that comes is used', async () => {
    const port = await findFreePort()
    const worker = echoWorker([`127.0.0.1:${port}`, '127.0.0.1:1'])
    const failed = nextEvent(worker, 'state')
    void startWork(worker)
    await failed
    await useBundledServer(port)
    expect(await runJob(await usePeer({ port }), 'echo', 'there')).toBe('there')
  })

  test('the others are served while one is away, and that one again when it is back', async () => {
    const stays = await useBundledServer()
    // At a port that nobody is given meanwhile.
    const port = await findFreePort()
    const goes = await useBundledServer(port)
    const worker = echoWorker([`127.0.0.1:${stays.address?.port}`, `127.0.0.1:${port}`])
    void startWork(worker)
    const peer = await usePeer({ port: stays.address?.port ?? 0 })
    expect(await runJob(peer, 'echo', '1')).toBe('1')
    expect(await runJob(await usePeer({ port }), 'echo', '2')).toBe('2')
    await goes.close()
    expect(await runJob(peer, 'echo', '3')).toBe('3')
    await useBundledServer(port)
    expect(await runJob(await usePeer({ port }), 'echo', '4')).toBe('4')
  })

  test('one that is added while the worker works is used at once', async () => {
    const first = await useBundledServer()
    const second = await useBundledServer()
    const worker = echoWorker([`127.0.0.1:${first.address?.port}`])
    void startWork(worker)
    worker.addConnection({ host: '127.0.0.1', port: second.address?.port ?? 0 })
    expect(await runJob(await usePeer({ port: second.address?.port ?? 0 }), 'echo', 'x')).toBe('x')
  })

  test('all of them wake a worker that runs one job at a time, and none starves', async () => {
    const servers = [await useBundledServer(), await useBundledServer(), await useBundledServer()]
    const ports = servers.map(({ address }) => address?.port ?? 0)
    const worker = echoWorker(ports.map((port) => `127.0.0.1:${port}`))
    let running = 0
    let mostRunning = 0
    worker.registerTask('turn', async (_worker, job) => {
      running += 1
      mostRunning = Math.max(mostRunning, running)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      running -= 1
      return job.data
    })
    void startWork(worker)
    const peers = await Promise.all(ports.map((port) => usePeer({ port })))
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.all(peers.map((peer) => runJob(peer, 'turn', `${round}`)))
      expect(results).toEqual([`${round}`, `${round}`, `${round}`])
    }
    expect(mostRunning).toBe(1)
  })
})

describe('a server that is slow to answer a grab', () => {
  test('does not idle the others; what it assigns late runs as well', async () => {
    const slow = await useFakeServer([
      async (peer) => {
        await register(peer)
        await released
        peer.send('JOB_ASSIGN_UNIQ', ['H:slow:1', 'held', '', ''])
        await peer.expect('WORK_COMPLETE')
        await peer.expect('GRAB_JOB_ALL')
        await peer.closed
      },
    ])
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const fast = await useBundledServer()
    const { port } = fast.address ?? { port: 0 }
    const worker = useWorker([slow.address])
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    const overcommit = nextEvent(worker, 'overcommit')
    void startWork(worker)
    await eventually(() => slow.peers[0]?.received.at(-1)?.name, 'GRAB_JOB_ALL')
    worker.addConnection(`127.0.0.1:${port}`)
    const peer = await usePeer({ port })
    await submit(peer, 'held')
    await held.untilStarted(1)
    release()
    expect(await overcommit).toEqual({ server: slow.address, running: 2, concurrency: 1 })
    await held.untilStarted(2)
    held.end()
    held.end()
    await peer.expect('WORK_COMPLETE')
    await eventually(
      () => slow.peers[0]?.received.slice(-2).map(({ name }) => name),
      ['WORK_COMPLETE', 'GRAB_JOB_ALL'],
    )
    await worker.shutdown()
    await slow.done()
  })
})

describe('a server that is slow to answer a grab for a task with a limit of its own', () => {
  test('does not idle the others; what it assigns late waits for its place', async () => {
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = await useFakeServer([
      async (peer) => {
        await register(peer)
        await released
        peer.send('JOB_ASSIGN_UNIQ', ['H:slow:1', 'single', '', ''])
        await peer.expect('WORK_COMPLETE')
        await peer.closed
      },
    ])
    const fast = await useBundledServer()
    const { port } = fast.address ?? { port: 0 }
    const worker = useWorker([slow.address], { concurrency: 8 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('single', held.callback, { concurrency: 1 })
    void startWork(worker)
    await eventually(() => slow.peers[0]?.received.at(-1)?.name, 'GRAB_JOB_ALL')
    worker.addConnection(`127.0.0.1:${port}`)
    const peer = await usePeer({ port })
    await submit(peer, 'single')
    await held.untilStarted(1)
    release()
    const taken = () =>
      worker.connections.reduce((sum, { outstandingJobs }) => sum + outstandingJobs, 0)
    await eventually(taken, 2)
    expect(held.started).toHaveLength(1)
    held.end()
    await peer.expect('WORK_COMPLETE')
    await held.untilStarted(2)
    await submit(peer, 'single')
    held.end()
    await held.untilStarted(3)
    held.end()
    await peer.expect('WORK_COMPLETE')
    expect(held.mostRunning).toBe(1)
    await worker.stop()
    await slow.done()
  })
})

describe('at a scripted server', () => {
  test('the worker registers everything anew on each connect', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SET_CLIENT_ID')
        await register(peer)
        peer.reset()
      },
      async (peer) => {
        expect((await peer.expect('SET_CLIENT_ID')).args.map(String)).toEqual(['me'])
        expect((await peer.expect('CAN_DO')).args.map(String)).toEqual(['echo'])
        await peer.expect('GRAB_JOB_ALL')
        peer.send('NO_JOB')
        await peer.expect('PRE_SLEEP')
        peer.sendBytes(Buffer.from('\0XYZ'))
        await peer.closed
      },
      async (peer) => {
        await peer.expect('SET_CLIENT_ID')
        await register(peer)
        await peer.closed
      },
    ])
    const worker = echoWorker([server.address], { clientId: 'me' })
    void startWork(worker)
    await eventually(() => server.connectionCount, 3)
    await eventually(() => server.peers[2]?.received.length, 4)
    await worker.shutdown()
    await server.done()
  })

  test('there is no storm: packets go out only for what comes in', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await register(peer)
        for (let round = 0; round < 50; round += 1) {
          peer.send('NO_JOB')
          await peer.expect('PRE_SLEEP')
          peer.send('NOOP')
          await peer.expect('GRAB_JOB_ALL')
        }
        await peer.closed
      },
    ])
    const worker = echoWorker([server.address], { concurrency: 64 })
    void startWork(worker)
    await eventually(() => server.peers[0]?.received.length, 3 + 100)
    await worker.shutdown()
    await server.peers[0]?.closed
    expect(server.peers[0]?.received).toHaveLength(103)
    await server.done()
  })

  test('a wake-up that was lost costs no more than wakeInterval', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await register(peer)
        for (let round = 0; round < 3; round += 1) {
          peer.send('NO_JOB')
          await peer.expect('PRE_SLEEP')
          // A job has come, and no NOOP.
          await peer.expect('GRAB_JOB_ALL')
          peer.send('JOB_ASSIGN_UNIQ', [`H:${round}`, 'echo', '', `${round}`])
          expect((await peer.expect('WORK_COMPLETE')).args.map(String)).toEqual([
            `H:${round}`,
            `${round}`,
          ])
          await peer.expect('GRAB_JOB_ALL')
        }
        await peer.closed
      },
    ])
    const worker = echoWorker([server.address], { wakeInterval: 20 })
    void startWork(worker)
    await eventually(
      () => server.peers[0]?.received.filter(({ name }) => name === 'WORK_COMPLETE').length,
      3,
    )
    await worker.stop()
    await server.done()
  })

  test('the window follows the queue: few grabs are in vain', async () => {
    const server = await useBundledServer()
    const { port } = server.address ?? { port: 0 }
    const peer = await usePeer({ port })
    for (let index = 0; index < 1000; index += 1) peer.send('SUBMIT_JOB_BG', 'echo', '', 'x')
    await peer.sync()
    const proxy = await useTcpProxy({ port })
    const worker = echoWorker([proxy.address], { concurrency: 64 })
    void startWork(worker)
    await eventually(async () => (await taskStatus(backendOf(port), 'echo')).jobs, 0)
    await worker.stop()
    const results = 1000 * (12 + 'H:xxxxxxxx:1000'.length + 2)
    expect(proxy.bytesToServer).toBeLessThan(results + 1200 * 12)
  })

  test('the next grab leaves with the result before it, in one write', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await register(peer)
        for (let index = 0; index < 20; index += 1) {
          peer.send('JOB_ASSIGN_UNIQ', [`H:${index}`, 'echo', '', 'x'])
          await peer.expect('WORK_COMPLETE')
          await peer.expect('GRAB_JOB_ALL')
        }
        await peer.closed
      },
    ])
    const write = vi.spyOn(Socket.prototype, 'write')
    onTestFinished(() => write.mockRestore())
    const worker = echoWorker([server.address])
    void startWork(worker)
    await eventually(() => server.peers[0]?.received.length, 3 + 40)
    const writes = write.mock.contexts.filter(
      (socket) => (socket as Socket).remotePort === server.port,
    )
    // ECHO_REQ with CAN_DO, the first grab, and one write for each job.
    expect(writes).toHaveLength(2 + 20)
    await worker.shutdown()
    await server.done()
  })

  test('a job of a task that is not registered fails, and the worker goes on', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await register(peer)
        peer.send('JOB_ASSIGN_UNIQ', ['H:1', 'stranger', '', 'x'])
        const exception = await peer.expect('WORK_EXCEPTION')
        expect(String(exception.args[0])).toBe('H:1')
        await peer.expect('GRAB_JOB_ALL')
        peer.send('JOB_ASSIGN', ['H:2', 'echo', 'y'])
        expect((await peer.expect('WORK_COMPLETE')).args.map(String)).toEqual(['H:2', 'y'])
        await peer.closed
      },
    ])
    const worker = echoWorker([server.address])
    const failed = collectEvents(worker, 'jobFailed')
    void startWork(worker)
    await eventually(() => server.peers[0]?.received.at(-1)?.name, 'GRAB_JOB_ALL')
    await eventually(() => server.peers[0]?.received.length, 7)
    expect(failed).toMatchObject([{ job: { task: 'stranger' } }])
    await worker.shutdown()
    await server.done()
  })

  test("Perl's server is asked with GRAB_JOB, from the second connect on at once", async () => {
    const refuse = async (
      peer: FakePeer,
      name: 'GRAB_JOB_ALL' | 'GRAB_JOB_UNIQ',
    ): Promise<void> => {
      await peer.expect(name)
      peer.send('ERROR', ['unknown_command', 'Unknown command'])
    }
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('CAN_DO')
        await refuse(peer, 'GRAB_JOB_ALL')
        await refuse(peer, 'GRAB_JOB_UNIQ')
        await peer.expect('GRAB_JOB')
        peer.send('JOB_ASSIGN', ['H:1', 'echo', 'perl'])
        expect((await peer.expect('WORK_COMPLETE')).args.map(String)).toEqual(['H:1', 'perl'])
        peer.reset()
      },
      async (peer) => {
        await peer.expect('CAN_DO')
        await peer.expect('GRAB_JOB')
        await peer.closed
      },
    ])
    const worker = echoWorker([server.address])
    void startWork(worker)
    await eventually(() => server.peers[1]?.received.at(-1)?.name, 'GRAB_JOB')
    await worker.shutdown()
    await server.done()
  })

  test('a packet that makes no sense ends that connection, and it is dialled anew', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await register(peer)
        peer.send('JOB_CREATED', ['H:1'])
        await peer.closed
      },
      async (peer) => {
        await register(peer)
        peer.sendBytes(Buffer.from('\0RES\0\0\0\x1f\0\0\0\x03H:1'))
        await peer.closed
      },
      async (peer) => {
        await register(peer)
        peer.send('NO_JOB')
        await peer.expect('PRE_SLEEP')
        await peer.closed
      },
    ])
    const worker = echoWorker([server.address])
    void startWork(worker)
    await eventually(() => server.peers[2]?.received.at(-1)?.name, 'PRE_SLEEP')
    await worker.shutdown()
    await server.done()
  })

  test('who sends to a server that does not read is slowed down, and freed when it reads on', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await register(peer)
        peer.pause()
        peer.send('JOB_ASSIGN_UNIQ', ['H:1', 'flood', '', ''])
        await reading
        peer.resume()
        await peer.closed
      },
    ])
    let read: () => void = () => undefined
    const reading = new Promise<void>((resolve) => {
      read = resolve
    })
    const chunk = Buffer.alloc(1024 * 1024)
    const worker = useWorker([server.address])
    let sent = 0
    let isBlocked = false
    worker.registerTask('flood', async (_worker, job) => {
      for (; sent < 64; sent += 1) {
        const sending = job.sendData(chunk)
        isBlocked = true
        await sending
        isBlocked = false
      }
      return 'done'
    })
    const completed = nextEvent(worker, 'jobCompleted')
    void startWork(worker)
    await eventually(() => sent > 0 && isBlocked, true)
    const before = sent
    await new Promise((resolve) => {
      setTimeout(resolve, 50) // any time will do: nothing may move
    })
    expect(before).toBeLessThan(64)
    read()
    await completed
    expect(sent).toBe(64)
    await worker.shutdown()
    await server.done()
  })

  test('who is slowed down is told when the connection is lost', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          await register(peer)
          peer.pause()
          peer.send('JOB_ASSIGN_UNIQ', ['H:1', 'flood', '', ''])
          await blocked
          peer.reset()
        },
      ],
      { otherwise: (peer) => peer.closed },
    )
    let block: () => void = () => undefined
    const blocked = new Promise<void>((resolve) => {
      block = resolve
    })
    const worker = useWorker([server.address], QUICK)
    const chunk = Buffer.alloc(32 * 1024 * 1024)
    const outcomes: unknown[] = []
    worker.registerTask('flood', async (_worker, job) => {
      const first = job.sendData(chunk)
      setTimeout(block, 20)
      outcomes.push(await first.catch((error: unknown) => error))
      // Whoever does not look at the promise is not punished with an unhandled rejection.
      void job.sendData('x')
    })
    const dropped = nextEvent(worker, 'resultDropped')
    void startWork(worker)
    expect((await dropped).reason).toBeInstanceOf(ConnectionError)
    expect(outcomes).toEqual([expect.any(ConnectionError)])
    await worker.shutdown()
    await server.done()
  })

  test('stop() waits until the server has read the last result', async () => {
    let hasEchoed = false
    const server = await useFakeServer(
      [
        async (peer) => {
          await peer.expect('ECHO_REQ')
          peer.send('ECHO_RES', ['ping'])
          await register(peer)
          peer.send('JOB_ASSIGN_UNIQ', ['H:1', 'held', '', 'x'])
          await peer.expect('WORK_COMPLETE')
          await peer.expect('ECHO_REQ')
          hasEchoed = true
          peer.send('ECHO_RES', ['ping'])
          await peer.closed
        },
      ],
      { autoAnswer: false },
    )
    // A server that is silent for a second is not waited for; that of a busy machine may be.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const worker = useWorker([server.address])
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    const working = startWork(worker)
    await held.untilStarted(1)
    const stopping = worker.stop()
    held.end('x')
    await stopping
    await working
    expect(hasEchoed).toBe(true)
    await server.done()
  })

  test('stop({ timeout }) does not wait for a server that is silent', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await register(peer)
        peer.send('JOB_ASSIGN_UNIQ', ['H:1', 'held', '', 'x'])
        peer.pause()
        await peer.closed
      },
    ])
    const worker = useWorker([server.address])
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    const working = startWork(worker)
    await held.untilStarted(1)
    const stopping = worker.stop({ timeout: 50 })
    await stopping
    await working
    expect(held.job(0).signal.reason).toBeInstanceOf(InvalidWorkerState)
    held.end()
    await server.close()
  })
})

function backendOf(port: number): Parameters<typeof taskStatus>[0] {
  return { name: 'the bundled server', port, address: `127.0.0.1:${port}` }
}
