import { chownSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GearmanAdminClient, GearmanClient } from 'gearman-sdk'
import { SqliteStore } from 'gearman-sdk/server'
import Database from 'libsql'
import { describe, expect, test, vi } from 'vitest'
import { runCommandLine, startCommand } from '../../helpers/cli-command.ts'
import { idOfNobody } from '../../helpers/nobody.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { testWhen } from '../../helpers/test-when.ts'
import { PATIENT, PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

const isRoot = process.getuid?.() === 0

async function queuedJobs(port: number): Promise<number> {
  await using admin = new GearmanAdminClient(`127.0.0.1:${port}`, PATIENT)
  const status = await admin.getStatus()
  return status.find(({ task }) => task === 'resize')?.queued ?? 0
}

function useFile(): string {
  const file = join(useFolder(), 'file')
  writeFileSync(file, '')
  return file
}

async function submit(port: number): Promise<void> {
  await using client = new GearmanClient(`127.0.0.1:${port}`, PATIENT)
  await client.submitJob('resize', 'cat.jpg', { background: true })
}

describe('a queue that options put on disk', () => {
  test.each([
    ['--data-dir makes the folder', (folder: string) => ['--data-dir', join(folder, 'a', 'b')]],
    [
      "gearmand's options",
      (folder: string) => ['-q', 'libsqlite3', `--libsqlite3-db=${join(folder, 'q.db')}`],
    ],
  ])('survives the server: %s', async (_title, optionsIn) => {
    const args = ['server', '-p', '0', ...optionsIn(useFolder())]
    const first = await startCommand({ args })
    await submit(first.port)
    first.signal('SIGKILL')
    await first.exited
    const second = await startCommand({ args })
    expect(await queuedJobs(second.port)).toBe(1)
    second.signal('SIGTERM')
    expect(await second.exited).toBe(0)
  })

  test('a second server on it is refused in one line, and the first goes on', async () => {
    const args = ['server', '-p', '0', '--data-dir', useFolder()]
    const first = await startCommand({ args })
    const { code, stderr } = await runCommandLine({ args })
    expect(code).toBe(1)
    expect(stderr).toContain(`process ${first.pid}`)
    await submit(first.port)
    expect(await queuedJobs(first.port)).toBe(1)
  })

  test.each([
    ['where the system makes none', () => '/proc/gearman-sdk/data', 'no such file or directory'],
    ['whose name is a file', () => join(useFile(), 'data'), 'a part of the path is no directory'],
    ['that is a file', () => useFile(), 'it is no directory'],
  ])('a folder %s keeps the server from starting, in one line', async (_title, at, reason) => {
    const folder = at()
    const args = ['server', '-p', '0', '--data-dir', folder]
    const { code, stderr } = await runCommandLine({ args })
    expect(stderr).toBe(`gearman-sdk server: --data-dir ${folder}: ${reason}\n`)
    expect(code).toBe(1)
  })

  test('what was taken over from gearmand is told, however little is logged', async () => {
    const file = join(useFolder(), 'q.db')
    const database = new Database(file)
    database.exec(`CREATE TABLE gearman_queue (unique_key TEXT, function_name TEXT, priority INTEGER, data BLOB,
      when_to_run INTEGER); INSERT INTO gearman_queue VALUES ('u', 'resize', 1, 'cat.jpg', 0)`)
    database.close()
    const server = await startCommand({
      args: ['server', '-p', '0', '-q', 'libsqlite3', '--libsqlite3-db', file],
    })
    expect(await queuedJobs(server.port)).toBe(1)
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
    // The log is written in the background: only now all of it is there for certain.
    expect(server.stderr()).toContain(
      "1 jobs of gearmand's table gearman_queue were moved into its own",
    )
  })

  test('a file that is no database keeps the server from starting, in one line', async () => {
    const file = join(useFolder(), 'q.db')
    writeFileSync(file, 'this is no database, and long enough to be looked at'.repeat(100))
    const { code, stdout, stderr } = await runCommandLine({
      args: ['server', '-p', '0', '-q', 'libsqlite3', '--libsqlite3-db', file],
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(file)
    expect(stderr).not.toContain('listening on')
  })

  testWhen(isRoot, 'only root can switch users', 'belongs to the account of --user', async () => {
    const folder = useFolder()
    chownSync(folder, idOfNobody('-u'), idOfNobody('-g'))
    const data = join(folder, 'data')
    const server = await startCommand({
      args: ['server', '-p', '0', '--user', 'nobody', '--data-dir', data],
    })
    await submit(server.port)
    const { name } = new SqliteStore({ path: join(data, 'gearman.db') })
    expect(existsSync(name.replace('sqlite ', ''))).toBe(true)
    expect(statSync(join(data, 'gearman.db')).uid).toBe(idOfNobody('-u'))
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
  })
})
