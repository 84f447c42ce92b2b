import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { GearmanServer } from '../../../src/server/index.ts'
import type { GearmanWorker } from '../../../src/worker/gearman-worker.ts'
import type { GearmanWorkerJob } from '../../../src/worker/worker-job.ts'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { useTcpProxy } from '../../helpers/tcp-proxy.ts'
import {
  eventually,
  HeldTask,
  runJob,
  startWork,
  submit,
  usePeer,
  useWorker,
} from './worker-fixture.ts'

failOnLeaks()

const JOBS = 1500
const CONCURRENCY = 4

/** Registers a task in ever other ways: with limits of its own, without, and not at all. */
function flip(worker: GearmanWorker, step: number): void {
  if (step % 4 === 3) worker.unregisterTask('fickle')
  else worker.registerTask('fickle', () => undefined, step % 2 === 0 ? { concurrency: 2 } : {})
}

describeBackends('a worker whose connections break all the time', (backend) => {
  test('runs every job, never too many at once, and has all its places in the end', async () => {
    const proxies = [await useTcpProxy(backend), await useTcpProxy(backend)]
    const worker = useWorker(
      proxies.map(({ address }) => address),
      { concurrency: CONCURRENCY, prefetch: 2, reconnectMinDelay: 1, reconnectMaxDelay: 10 },
    )
    const seen = new Set<string>()
    let running = 0
    let mostRunning = 0
    let steps = 0
    worker.registerTask('chaos', async (it, job) => {
      running += 1
      mostRunning = Math.max(mostRunning, running)
      for (let turn = job.data.length; turn > 0; turn -= 1) await nextTurn()
      running -= 1
      seen.add(job.data.toString())
      steps += 1
      if (steps % 10 === 0) flip(it, steps / 10)
      if (steps % 100 === 0) proxies[(steps / 100) % 2]?.cut()
    })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    const peer = await usePeer(backend)
    for (let index = 0; index < JOBS; index += 1) {
      peer.send('SUBMIT_JOB_BG', 'chaos', '', String(index))
      if (index % 20 === 0) peer.send('SUBMIT_JOB_BG', 'fickle', '', String(index))
    }
    await peer.sync()
    void startWork(worker)
    await eventually(async () => (await taskStatus(backend, 'chaos')).jobs, 0)
    expect(seen.size).toBe(JOBS)
    expect(mostRunning).toBeLessThanOrEqual(CONCURRENCY)
    worker.registerTask('fickle', () => undefined)
    await eventually(async () => (await taskStatus(backend, 'fickle')).jobs, 0)

    for (let index = 0; index < 12; index += 1) await submit(peer, 'held')
    for (let ended = 0; ended < 12; ended += 1) {
      await held.untilStarted(Math.min(12, CONCURRENCY + ended))
      held.end()
      await peer.expect('WORK_COMPLETE')
    }
    expect(held.mostRunning).toBe(CONCURRENCY)
  })
})

describe('the limit of a task', () => {
  test('keeps no server unasked: a job is taken wherever it comes first', async () => {
    for (const first of [0, 1, 2]) {
      const servers = [0, 1, 2].map(() => new GearmanServer({ port: 0 }))
      const ports: number[] = []
      for (const server of servers) {
        const { port } = await server.listen()
        ports.push(port)
        onTestFinished(() => server.close())
      }
      const options = { heartbeatInterval: Infinity, wakeInterval: Infinity }
      const worker = useWorker(
        ports.map((port) => `127.0.0.1:${port}`),
        options,
      )
      worker.registerTask('single', (_worker, job) => job.data, { concurrency: 1 })
      void startWork(worker)
      await worker.ready({ all: true, pollTimeout: 30_000 })
      const peer = await usePeer({ port: ports[first] ?? 0 })
      expect(await runJob(peer, 'single', 'x')).toBe('x')
    }
  })

  test('holds over all servers, which take turns', async () => {
    const servers = [0, 1, 2].map(() => new GearmanServer({ port: 0 }))
    const ports: number[] = []
    for (const server of servers) {
      const { port } = await server.listen()
      ports.push(port)
      onTestFinished(() => server.close())
    }
    const worker = useWorker(
      ports.map((port) => `127.0.0.1:${port}`),
      { concurrency: 8 },
    )
    let running = 0
    let mostRunning = 0
    worker.registerTask(
      'single',
      async (_worker, job) => {
        running += 1
        mostRunning = Math.max(mostRunning, running)
        await nextTurn()
        running -= 1
        return job.data
      },
      { concurrency: 1 },
    )
    void startWork(worker)
    const peers = await Promise.all(ports.map((port) => usePeer({ port })))
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.all(peers.map((peer) => runJob(peer, 'single', `${round}`)))
      expect(results).toEqual([`${round}`, `${round}`, `${round}`])
    }
    expect(mostRunning).toBe(1)
  })
})
