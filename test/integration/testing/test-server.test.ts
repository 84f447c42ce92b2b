import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SqliteStore } from 'gearman-sdk/server'
import { findFreePort, TestServer, TestServerProcess } from 'gearman-sdk/testing'
import { describe, expect, test } from 'vitest'
import { askServer } from '../../helpers/backends.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { newTask, rejectionOf, untilState, useClient } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

/** A server as a program is started up to twice: a busy machine is slow, not broken. */
const START_TIMEOUT_MS = 60_000

failOnLeaks()

describe('a test server inside the process', () => {
  test('comes back at the same port, with an empty queue', async () => {
    await using server = await TestServer.start()
    const { port } = server
    await useClient(server).submitJob(newTask(), '', { background: true })
    expect(await askServer(server, 'status')).toHaveLength(1)
    await server.kill()
    await server.kill()
    expect(server.server).toBeUndefined()
    await server.start()
    expect(server.port).toBe(port)
    expect(await askServer(server, 'status')).toEqual([])
    await expect(server.start()).rejects.toThrow('running already')
  })

  test('takes a store for each start, and has its jobs back', async () => {
    const path = join(useFolder(), 'queue.sqlite')
    await using server = await TestServer.start(() => ({ store: new SqliteStore({ path }) }))
    const client = useClient(server)
    const task = newTask()
    await client.submitJob(task, '', { background: true })
    await server.restart()
    expect(await askServer(server, 'status')).toEqual([`${task}\t1\t0\t0\n`])
    await server.stop()
    await server.stop()
  })

  test('listens where the options say, and refuses a port that is taken', async () => {
    const port = await findFreePort()
    await using server = await TestServer.start({ port })
    expect(server.address).toBe(`127.0.0.1:${port}`)
    const error = await rejectionOf(TestServer.start({ port }))
    expect(error.message).toContain('EADDRINUSE')
  })
})

describe('a test server as a process', () => {
  const start = async (more: readonly string[] = []): Promise<TestServerProcess> =>
    await TestServerProcess.start({
      command: process.execPath,
      args: (port) => ['--import', 'tsx', COMMAND, 'server', '-p', String(port), ...more],
      // On a port that it finds by itself it gives a program 15 s.
      port: await findFreePort(),
      readyTimeout: START_TIMEOUT_MS,
    })

  test('is killed, started again, and halted', async () => {
    await using server = await start()
    const { pid, port } = server
    await expect(server.start()).rejects.toThrow('is running')
    await server.kill()
    expect(server.pid).toBeUndefined()
    expect(() => server.freeze()).toThrow('is not running')
    await server.restart()
    expect([server.port, server.pid === pid]).toEqual([port, false])

    server.freeze()
    const client = useClient(server, { connectTimeout: 1000 })
    const [connection] = client.connectionList
    if (connection === undefined) throw new Error('no connection')
    const request = client.submitJob(newTask(), '', { background: true, pollTimeout: 60_000 })
    const failed = new Promise<void>((resolve) => {
      client.on('state', ({ error }) => {
        if (error !== undefined) resolve()
      })
    })
    await failed
    server.thaw()
    await untilState(client, connection, 'ready')
    expect(await request).toMatchObject({ complete: true, connectionAttempts: 1 })
    expect(server.log()).toContain('listening')
  })

  test('is halted, with all its threads, as soon as it was told', async () => {
    await using server = await start()
    for (let round = 0; round < 20; round += 1) {
      server.freeze()
      const folder = `/proc/${server.pid}/task`
      const threads = existsSync(folder) ? readdirSync(folder) : []
      for (const thread of threads) {
        expect(readFileSync(`${folder}/${thread}/stat`, 'latin1')).toMatch(/\) [Tt] /)
      }
      server.thaw()
    }
  })

  test('ends although it is halted', async () => {
    await using server = await start()
    server.freeze()
    await server.stop()
    expect(server.pid).toBeUndefined()
  })

  test('tells what a program wrote that refuses to start', async () => {
    const error = await rejectionOf(start(['--no-such-option']))
    expect(error.message).toMatch(/ended with code \d+; it wrote:.*no-such-option/s)
    const missing = TestServerProcess.start({ command: '/no/such/program', args: () => [] })
    expect((await rejectionOf(missing)).message).toContain('ENOENT')
  })

  test('is not mistaken for somebody else at its port', async () => {
    const other = await useFakeServer([], { otherwise: (peer) => peer.sendLine('OK 1\nOK 1.1.20') })
    const options = { command: process.execPath, args: () => ['-e', 'setInterval(() => {}, 1000)'] }
    const starting = TestServerProcess.start({
      ...options,
      port: other.port,
      readyTimeout: 200,
    })
    expect((await rejectionOf(starting)).message).toContain('did not answer within 200 ms')
  })
})
