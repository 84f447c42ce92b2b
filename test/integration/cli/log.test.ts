import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { askServer } from '../../helpers/backends.ts'
import { contentOf, runCliServer, startCliServer, untilFileHas } from '../../helpers/cli-server.ts'
import { useClient, useWorker } from '../../helpers/fixtures.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

describe('the log of the server process', () => {
  test('has the lines of gearmand, and counts accepted jobs as gearmand does', async () => {
    const file = join(useFolder(), 'server.log')
    const server = await startCliServer({
      log: { file, level: 'INFO' },
      notices: ['threads: none'],
    })
    const client = useClient([server])
    await client.submitJob('work', 'secret', { background: true, unique: 'u-1' })
    await client.shutdown()
    await untilFileHas(file, 'Disconnected')
    server.signal('SIGTERM')
    await server.exited
    const lines = contentOf(file).split('\n')
    expect(lines.pop()).toBe('')
    const time = /^(.{7}) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \[ (.{5}) \] (.*)$/
    expect(lines.map((line) => time.exec(line)?.slice(1).join('|'))).toEqual([
      expect.stringMatching(`^   INFO| main|Starting up with pid ${server.pid}, `),
      'WARNING| main|threads: none',
      `   INFO| main|Listening on 127.0.0.1:${server.port}`,
      expect.stringMatching(/^ {3}INFO\| main\|Accepted connection from 127\.0\.0\.1/),
      ' NOTICE| proc|accepted,work,u-1,0',
      expect.stringMatching(/^ {3}INFO\| main\|Disconnected 127\.0\.0\.1/),
      '   INFO| main|SIGTERM, stopping',
      '   INFO| main|Shutdown complete',
    ])
    expect(contentOf(file)).not.toContain('secret')
  })

  test('cannot be forged by names', async () => {
    const file = join(useFolder(), 'server.log')
    const server = await startCliServer({ log: { file, level: 'NOTICE' } })
    const peer = await RawPeer.connect(server.port)
    onTestFinished(() => peer.close())
    peer.send('SUBMIT_JOB_BG', 'a\n  ERROR forged,x\x1b[2J', '\xfc\\', 'data')
    await untilFileHas(file, /accepted.*\n/)
    expect(contentOf(file)).toMatch(
      / \] accepted,a\\x0a {2}ERROR forged\\x2cx\\x1b\[2J,\\xfc\\x5c,0\n$/,
    )
  })

  test('is opened again by its name at SIGHUP', async () => {
    const folder = useFolder()
    const file = join(folder, 'server.log')
    const server = await startCliServer({ log: { file, level: 'NOTICE' } })
    const client = useClient([server])
    await client.submitJob('first', '', { background: true })
    await untilFileHas(file, 'accepted,first')
    renameSync(file, join(folder, 'rotated.log'))
    await client.submitJob('second', '', { background: true })
    await untilFileHas(join(folder, 'rotated.log'), 'accepted,second')
    server.signal('SIGHUP')
    await untilFileHas(file, 'SIGHUP, reopening log file')
    await client.submitJob('third', '', { background: true })
    await untilFileHas(file, 'accepted,third')
    expect(contentOf(join(folder, 'rotated.log'))).not.toContain('third')
  })

  test('stays in the old file when the new one cannot be opened', async () => {
    const folder = join(useFolder(), 'log')
    mkdirSync(folder)
    const server = await startCliServer({ log: { file: join(folder, 'server.log') } })
    renameSync(folder, `${folder}-moved`)
    server.signal('SIGHUP')
    await untilFileHas(join(`${folder}-moved`, 'server.log'), 'the old log file stays in use')
    expect(await askServer(server, 'getpid')).toEqual([`OK ${server.pid}\n`])
  })

  test('goes nowhere when it is to be none', async () => {
    const server = await startCliServer({ log: { file: 'none', level: 'DEBUG' }, notices: ['x'] })
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(server.stderr()).toMatch(/^gearman-sdk server: listening .*\n$/)
  })

  test('holds up neither the server nor its end when nobody reads stderr', async () => {
    const server = await startCliServer({ log: { level: 'NOTICE' } })
    server.child.stderr?.pause()
    const peer = await RawPeer.connect(server.port)
    onTestFinished(() => peer.close())
    const name = 'n'.repeat(8000)
    // More than the pipe and the log together hold.
    for (let job = 0; job < 300; job++) peer.send('SUBMIT_JOB_BG', name, '', '')
    for (let job = 0; job < 300; job++) expect((await peer.next()).kind).toBe('packet')
    const exit = new Promise((resolve) => {
      server.child.once('exit', resolve)
    })
    server.signal('SIGTERM')
    expect(await exit).toBe(0)
  })
})

describe('the log of the server process', () => {
  test('tells of refused requests, rejected jobs, and lost workers', async () => {
    const file = join(useFolder(), 'server.log')
    const server = await startCliServer({
      log: { file, level: 'NOTICE' },
      server: { jobRetries: 2 },
    })
    const peer = await RawPeer.connect(server.port)
    onTestFinished(() => peer.close())
    peer.send('GET_STATUS', 'x'.repeat(100))
    await peer.expect('ERROR')
    await untilFileHas(file, /WARNING .* refused a request of 127\.0\.0\.1 \(\d+\): \w+ /)

    peer.send('SUBMIT_JOB_BG', 'lost', 'u', 'data')
    await peer.expect('JOB_CREATED')
    await peer.command('maxqueue lost 1')
    peer.send('SUBMIT_JOB_BG', 'lost', 'other', 'data')
    await untilFileHas(
      file,
      /WARNING .* \[ {2}proc \] rejected,lost,other: queue-full, 127\.0\.0\.1/,
    )

    for (const line of [
      / NOTICE .* returned,lost,u: disconnected, /,
      / ERROR .* given up,lost,u: /,
    ]) {
      const worker = await useWorker(server, { lost: () => undefined })
      await worker.nextJob()
      await worker.close()
      await untilFileHas(file, line)
    }
  })

  test('tells of jobs that are given up when it has errors only', async () => {
    const file = join(useFolder(), 'server.log')
    const server = await startCliServer({ log: { file }, server: { jobRetries: 1 } })
    const client = useClient([server])
    await client.submitJob('lost', '', { background: true, unique: 'u' })
    const worker = await useWorker(server, { lost: () => undefined })
    await worker.nextJob()
    await worker.close()
    await untilFileHas(file, '] given up,lost,u: lost workers: 1, the last disconnected\n')
    expect(contentOf(file).split('\n')).toHaveLength(2)
  })

  test('may go to a pipe, if somebody reads from it', async () => {
    const fifo = join(useFolder(), 'fifo')
    execFileSync('mkfifo', [fifo])
    const { code, stderr } = await runCliServer({ log: { file: fifo } })
    expect(stderr).toBe(
      `gearman-sdk server: cannot write log file ${fifo}: nobody reads from this pipe\n`,
    )
    expect(code).toBe(1)
  })
})
