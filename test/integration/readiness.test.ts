import { describe, expect, onTestFinished, test } from 'vitest'
import { createDeferred } from '../../src/core/deferred.ts'
import {
  ConnectionError,
  GearmanAdminClient,
  GearmanClient,
  GearmanConnectionManager,
  GearmanWorker,
  InvalidWorkerState,
  ServerUnavailable,
} from '../../src/index.ts'
import { describeBackends, taskStatus } from '../helpers/backends.ts'
import { newTask, rejectionOf, untilState } from '../helpers/fixtures.ts'
import { findFreePort } from '../helpers/gearmand.ts'
import { failOnLeaks } from '../helpers/leaks.ts'
import { useTcpProxy } from '../helpers/tcp-proxy.ts'

describeBackends('ready', (backend) => {
  failOnLeaks()

  test('of a client resolves when a server has answered', async () => {
    await using client = new GearmanClient(backend.address)
    expect(client.connections).toMatchObject([{ server: backend.address, state: 'idle' }])
    await client.ready()
    expect(client.connections).toMatchObject([
      { server: backend.address, role: 'client', state: 'ready', outstandingJobs: 0 },
    ])
  })

  test('of a worker resolves when the server knows all its tasks', async () => {
    await using worker = new GearmanWorker(backend.address)
    const [task, own] = [newTask(), newTask()]
    worker.registerTask(task, () => 'done')
    worker.registerTask(own, () => 'done', { concurrency: 1 })
    void worker.work()
    await worker.ready({ all: true })
    expect(await taskStatus(backend, task)).toMatchObject({ workers: 1 })
    expect(await taskStatus(backend, own)).toMatchObject({ workers: 1 })
    expect(worker.connections).toMatchObject([
      { role: 'worker', state: 'ready' },
      { role: 'worker', state: 'ready' },
    ])
  })

  test('of an admin client is about its one server', async () => {
    const dead = `127.0.0.1:${await findFreePort()}`
    const list = [dead, backend.address]
    await using admin = new GearmanAdminClient(list, { server: backend.address })
    await admin.ready({ all: true })
    expect(admin.connections).toMatchObject([{ role: 'admin', state: 'ready' }])
  })

  test('of a manager is about all who share it', async () => {
    await using manager = new GearmanConnectionManager(backend.address)
    await using client = new GearmanClient(manager)
    await using admin = new GearmanAdminClient(manager)
    await manager.ready({ all: true })
    expect(manager.connections.map(({ role, state }) => `${role} ${state}`)).toEqual([
      'client ready',
      'admin ready',
    ])
    expect(client.connections).toHaveLength(1)
    expect(admin.connections).toHaveLength(1)
  })

  test('of a manager by itself is about connections of its own', async () => {
    await using manager = new GearmanConnectionManager(backend.address)
    await manager.ready()
    expect(manager.connections).toMatchObject([{ state: 'ready' }])
  })

  test('counts the jobs of a client and of a worker', async () => {
    await using client = new GearmanClient(backend.address)
    await using worker = new GearmanWorker(backend.address, { concurrency: 3 })
    const task = newTask()
    const ends: (() => void)[] = []
    const started = new Promise<void>((resolve) => {
      worker.registerTask(task, () => {
        if (ends.length === 1) resolve()
        return new Promise<string>((end) => {
          ends.push(() => end('done'))
        })
      })
    })
    void worker.work()
    const jobs = [client.do(task, '1'), client.do(task, '2')]
    await started
    expect(client.connections).toMatchObject([{ outstandingJobs: 2 }])
    expect(worker.connections).toMatchObject([{ outstandingJobs: 2 }])
    for (const end of ends) end()
    await Promise.all(jobs)
    expect(client.connections).toMatchObject([{ outstandingJobs: 0 }])
  })

  test('is over while a worker stops: its connection drains until its job has ended', async () => {
    await using worker = new GearmanWorker(backend.address)
    const task = newTask()
    const [started, end] = [createDeferred<void>(), createDeferred<string>()]
    worker.registerTask(task, () => {
      started.resolve()
      return end.promise
    })
    const states: string[] = []
    worker.on('state', ({ to }) => states.push(to))
    const working = worker.work()
    await using client = new GearmanClient(backend.address)
    const result = client.do(task, 'x')
    await started.promise
    const stopped = worker.stop()
    expect(worker.connections).toMatchObject([{ state: 'draining', outstandingJobs: 1 }])
    end.resolve('done')
    expect(String(await result)).toBe('done')
    await stopped
    await working
    expect(states).toEqual(['connecting', 'ready', 'draining', 'closed'])
  })

  test('of a worker waits for a server that is lost while it registers', async () => {
    const proxy = await useTcpProxy(backend)
    await using worker = new GearmanWorker(proxy.address, { reconnectMaxDelay: 10 })
    const task = newTask()
    worker.registerTask(task, () => 'done')
    void worker.work()
    await worker.ready()
    proxy.refuse()
    proxy.cut()
    const [connection] = worker.connectionList
    if (connection === undefined) throw new Error('there is one')
    await untilState(worker, connection, 'failed')
    expect(await rejectionOf(worker.ready({ pollTimeout: 20 }))).toBeInstanceOf(ServerUnavailable)
    const again = worker.ready({ pollTimeout: 30_000 })
    await proxy.listen()
    await again
    // The server may hear of the loss of the first connection later than we do.
    await expect
      .poll(() => taskStatus(backend, task), { timeout: 30_000 })
      .toMatchObject({ workers: 1 })
  })
})

describe('ready', () => {
  failOnLeaks()

  test('rejects when no server is there, for a worker that goes on trying as well', async () => {
    const dead = `127.0.0.1:${await findFreePort()}`
    await using client = new GearmanClient(dead)
    await using worker = new GearmanWorker(dead)
    void worker.work()
    for (const facade of [client, worker]) {
      const error = await rejectionOf(facade.ready())
      expect(error).toBeInstanceOf(ServerUnavailable)
      expect(error).toMatchObject({ failures: [{ server: dead }] })
      expect(facade.connections).toMatchObject([
        { server: dead, state: 'failed', lastError: expect.any(ConnectionError) },
      ])
    }
  })

  test('of a worker that does not work is refused', async () => {
    await using worker = new GearmanWorker('127.0.0.1:1')
    expect(await rejectionOf(worker.ready())).toBeInstanceOf(InvalidWorkerState)
  })

  test('after shutdown rejects, and all connections are closed', async () => {
    const client = new GearmanClient('127.0.0.1:1')
    onTestFinished(() => client.shutdown())
    await client.shutdown()
    expect(await rejectionOf(client.ready())).toBeInstanceOf(ConnectionError)
    expect(client.connections).toMatchObject([{ state: 'closed' }])
  })
})
