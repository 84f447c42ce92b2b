import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  ConnectionError,
  GearmanClient,
  GearmanConnectionManager,
  JOB_UNKNOWN,
} from '../../../src/index.ts'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { newTask, rejectionOf, until, useClient, useWorker } from '../../helpers/fixtures.ts'
import { findFreePort } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { runScript, startScript } from '../../helpers/run-script.ts'

const EXIT_SCRIPT = fileURLToPath(new URL('scripts/exit.ts', import.meta.url))
const MANY_SCRIPT = fileURLToPath(new URL('scripts/many-jobs.ts', import.meta.url))
/** It is work for seconds where nothing else runs, most of it in gearmand. */
const MANY_TIMEOUT_MS = 300_000

describeBackends('the life of a client', (backend) => {
  failOnLeaks()

  test('await using shuts it down at the end of its block', async () => {
    let client: GearmanClient
    {
      await using own = new GearmanClient(backend.address)
      client = own
      await own.submitJob(newTask(), 'x', { background: true })
    }
    expect(client.connectionList.map(({ state }) => state)).toEqual(['closed'])
  })

  test('shutdown settles what is pending, whoever waits for it', async () => {
    const client = useClient(backend)
    const accepted = await client.submitJob(newTask(), 'x', { waitUntilComplete: false })
    const calls = [
      client.submitJob(newTask(), 'x'),
      client.submitJob(newTask(), 'x', { pollTimeout: 60_000, maxRetries: 5, idempotent: true }),
      client.waitUntilJobsCompleted([accepted]).then(([request]) => request),
    ]
    const rejected = [client.do(newTask(), 'x'), client.stream(newTask(), 'x').next()].map(
      rejectionOf,
    )
    await client.shutdown()
    for (const request of await Promise.all(calls)) {
      expect(request).toMatchObject({ state: JOB_UNKNOWN, timedOut: false })
      expect(request?.delivery).not.toBe('not-sent')
    }
    for (const error of await Promise.all(rejected)) {
      expect(error).toMatchObject({ code: 'ERR_GEARMAN_JOB_LOST' })
    }
  })

  test('shutdown writes the jobs that were submitted in the same turn', async () => {
    const task = newTask()
    const client = useClient(backend)
    for (const connection of client.connectionList) await client.establishConnection(connection)
    const call = client.submitJob(task, 'x', { background: true })
    await client.shutdown()
    expect(await call).toMatchObject({ state: JOB_UNKNOWN, delivery: 'unknown' })
    await until(async () => (await taskStatus(backend, task)).jobs === 1)
  })

  test('two clients share a manager and its connections, each with an encoder of its own', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: ({ data }) => data })
    await using manager = new GearmanConnectionManager(backend.address)
    const [one, other] = [new GearmanClient(manager), new GearmanClient(manager)]
    expect(await Promise.all([one.do(task, 'a'), other.do(task, 'b')])).toEqual([
      Buffer.from('a'),
      Buffer.from('b'),
    ])
    expect(one.connectionList[0]).toBe(other.connectionList[0])
    const waiting = one.submitJob(newTask(), 'x')
    const stays = other.submitJob(newTask(), 'x', { pollTimeout: 100 })
    await one.shutdown()
    expect(await waiting).toMatchObject({ state: JOB_UNKNOWN, timedOut: false })
    // A facade closes only a manager that it made.
    expect(other.connectionList[0]?.state).toBe('ready')
    expect((await stays).timedOut).toBe(true)
    expect(String(await other.do(task, 'c'))).toBe('c')
    expect(await rejectionOf(one.do(task, 'd'))).toMatchObject({
      code: 'ERR_GEARMAN_INVALID_CLIENT_STATE',
    })
    const last = other.submitJob(newTask(), 'x')
    await manager.shutdown()
    expect(await last).toMatchObject({ state: JOB_UNKNOWN })
    expect(await rejectionOf(other.do(task, 'e'))).toBeInstanceOf(ConnectionError)
  })

  test.each(['idle', 'unused', 'accepted'])(
    'a process with a client that is %s exits by itself',
    async (what) => {
      const script = { servers: backend.address, args: [what, newTask()] }
      const { code, stderr, stdout } = await runScript(EXIT_SCRIPT, script)
      expect(stderr).toBe('')
      expect(code).toBe(0)
      expect(stdout).not.toBe('')
    },
  )

  test('a process stays alive while a call is pending, and exits after it', async () => {
    const task = newTask()
    const child = startScript(EXIT_SCRIPT, { servers: backend.address, args: ['call', task] })
    const closed = once(child, 'close')
    let output = ''
    child.stdout?.on('data', (text: Buffer) => {
      output += text
    })
    await until(async () => (await taskStatus(backend, task)).jobs === 1)
    expect(child.exitCode).toBeNull()
    await useWorker(backend, { [task]: () => 'done' })
    await closed
    expect(child.exitCode).toBe(0)
    expect(output).toBe('result done\n')
  })

  test('100,000 background jobs in one go are all accepted, and leave no memory behind', {
    timeout: MANY_TIMEOUT_MS,
  }, async () => {
    const task = newTask()
    const count = 100_000
    const { code, stdout, stderr } = await runScript(MANY_SCRIPT, {
      servers: backend.address,
      args: [task, String(count), '2'],
      timeoutMs: MANY_TIMEOUT_MS - 10_000,
    })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const { accepted, heaps } = JSON.parse(stdout) as { accepted: number; heaps: number[] }
    expect(accepted).toBe(2 * count)
    // With the one that came first. The server counts each once: none lost, none doubled.
    expect((await taskStatus(backend, task)).jobs).toBe(2 * count + 1)
    const [before = 0, ...after] = heaps
    // Each job would be 100 bytes if only its unique id stayed: 10 MiB.
    for (const heap of after) expect(heap - before).toBeLessThan(8)
  })
})

describe('a process without a server', () => {
  failOnLeaks()

  test('gets its rejection, and exits by itself', async () => {
    const servers = `127.0.0.1:${await findFreePort()}`
    const { code, stdout, stderr } = await runScript(EXIT_SCRIPT, { servers, args: ['unheard'] })
    expect(stderr).toBe('')
    expect(stdout).toBe('ERR_GEARMAN_SERVER_UNAVAILABLE\n')
    expect(code).toBe(0)
  })

  test('is not kept alive by the dialling of a server that was lost', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB_BG')
        peer.send('JOB_CREATED', ['H:1'])
        peer.end()
        server.close().catch(() => undefined)
      },
    ])
    const script = { servers: server.address, args: ['idle'] }
    const { code, stdout } = await runScript(EXIT_SCRIPT, script)
    expect(code).toBe(0)
    expect(stdout).toBe('submitted\n')
  })
})
