import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { GearmanAdminClient, ServerError } from '../../../src/index.ts'
import { askServer } from '../../helpers/backends.ts'
import { contentOf, runCliServer, startCliServer } from '../../helpers/cli-server.ts'
import { rejectionOf, until, useClient, useWorker } from '../../helpers/fixtures.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { PATIENT, PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

describe('the server process', () => {
  test('says in one line where it listens', async () => {
    const server = await startCliServer()
    expect(server.stderr()).toBe(
      `gearman-sdk server: listening on 127.0.0.1:${server.port}, pid ${server.pid}\n`,
    )
    expect(await askServer(server, 'getpid')).toEqual([`OK ${server.pid}\n`])
  })

  test('says where it listens for HTTP', async () => {
    const server = await startCliServer({ server: { http: { port: 0 } } })
    expect(server.stderr()).toMatch(
      / listening on 127\.0\.0\.1:\d+, HTTP on 127\.0\.0\.1:\d+, pid /,
    )
  })

  test('names the HTTP port that is in use, and lets go of the other', async () => {
    const first = await startCliServer()
    const { code, stderr } = await runCliServer({ server: { http: { port: first.port } } })
    expect(stderr).toMatch(/^gearman-sdk server: .*: the address is in use\n$/)
    expect(code).toBe(1)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends at once by %s, also with jobs',
    async (signal) => {
      const server = await startCliServer()
      const client = useClient([server])
      const worker = await useWorker(server, { slow: () => undefined })
      await client.submitJob('slow', '', { background: true })
      await worker.nextJob()
      server.signal(signal)
      expect(await server.exited).toBe(0)
      expect(server.stderr().split('\n')).toHaveLength(2)
    },
  )

  test('lets running jobs end by SIGUSR1, takes no new ones, and ends by itself', async () => {
    const server = await startCliServer({ log: { level: 'INFO' } })
    const client = useClient([server])
    const worker = await useWorker(server, { slow: () => undefined })
    const request = await client.submitJob('slow', '', { waitUntilComplete: false })
    const job = await worker.nextJob()
    server.signal('SIGUSR1')
    await until(() => server.stderr().includes('SIGUSR1, stopping when all running jobs'))
    const refused = await rejectionOf(client.submitJob('slow', '', { background: true }))
    expect(refused).toBeInstanceOf(ServerError)
    job.send('WORK_COMPLETE', 'done')
    await client.waitUntilJobsCompleted([request])
    expect(String(request.result)).toBe('done')
    expect(await server.exited).toBe(0)
  })

  test('ends at once by SIGTERM while it waits for a job after SIGUSR1', async () => {
    const server = await startCliServer({ log: { level: 'INFO' } })
    const client = useClient([server])
    const worker = await useWorker(server, { slow: () => undefined })
    await client.submitJob('slow', '', { background: true })
    await worker.nextJob()
    server.signal('SIGUSR1')
    await until(() => server.stderr().includes('SIGUSR1'))
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
  })

  test('ends by the text command shutdown', async () => {
    const server = await startCliServer()
    const admin = new GearmanAdminClient([server], PATIENT)
    onTestFinished(() => admin.shutdown())
    await admin.sendShutdown()
    expect(await server.exited).toBe(0)
  })

  test('writes its id to the pid file, over what stands there, and removes it', async () => {
    const pidFile = join(useFolder(), 'server.pid')
    writeFileSync(pidFile, 'something longer than a process id\n')
    const server = await startCliServer({ pidFile })
    expect(contentOf(pidFile)).toBe(`${server.pid}\n`)
    server.signal('SIGTERM')
    await server.exited
    expect(existsSync(pidFile)).toBe(false)
  })

  test('tells a defect in the log, and ends with 1 and without a pid file', async () => {
    const folder = useFolder()
    const pidFile = join(folder, 'server.pid')
    const file = join(folder, 'server.log')
    const server = await startCliServer({ pidFile, log: { file } })
    server.signal('SIGUSR2')
    expect(await server.exited).toBe(1)
    expect(contentOf(file)).toMatch(/^ {2}FATAL .{26} \[ {2}main \] Error: a defect at .*\n$/)
    expect(server.stderr()).toMatch(/\ngearman-sdk server: Error: a defect at .*\n$/)
    expect(existsSync(pidFile)).toBe(false)
  })
})

describe('a server process that cannot start', () => {
  test('names the port that is in use, and leaves the other server its pid file', async () => {
    const pidFile = join(useFolder(), 'server.pid')
    const first = await startCliServer({ pidFile })
    const { code, stderr } = await runCliServer({ pidFile, server: { port: first.port } })
    expect(stderr).toBe(
      `gearman-sdk server: cannot listen on 127.0.0.1:${first.port}: the address is in use\n`,
    )
    expect(code).toBe(1)
    expect(contentOf(pidFile)).toBe(`${first.pid}\n`)
  })

  test('removes a pid file that it made in vain', async () => {
    const pidFile = join(useFolder(), 'server.pid')
    const first = await startCliServer()
    const { code } = await runCliServer({ pidFile, server: { port: first.port } })
    expect(code).toBe(1)
    expect(existsSync(pidFile)).toBe(false)
  })

  test.each([
    ['host.invalid', /^gearman-sdk server: cannot listen on host\.invalid:0: .+\n$/],
    ['203.0.113.1', /: cannot listen on 203\.0\.113\.1:0: this machine has no such address\n$/],
    ['two words', /^gearman-sdk server: host .*two words.*\n$/],
  ])('names the host that it cannot listen on: %s', async (host, message) => {
    const { code, stderr } = await runCliServer({ server: { host } })
    expect(stderr).toMatch(message)
    expect(stderr.split('\n')).toHaveLength(2)
    expect(code).toBe(1)
  })

  test.each([
    ['missing/server.pid', 'no such file or directory'],
    ['.', 'it is a directory'],
  ])('names the pid file that it cannot write: %s', async (name, reason) => {
    const pidFile = join(useFolder(), name)
    const { code, stderr } = await runCliServer({ pidFile })
    expect(stderr).toBe(`gearman-sdk server: cannot write pid file ${pidFile}: ${reason}\n`)
    expect(code).toBe(1)
  })

  test('names the log file that it cannot write, and opens no port', async () => {
    const file = join(useFolder(), 'missing', 'server.log')
    const { code, stderr } = await runCliServer({ log: { file } })
    expect(stderr).toBe(
      `gearman-sdk server: cannot write log file ${file}: no such file or directory\n`,
    )
    expect(code).toBe(1)
  })
})
