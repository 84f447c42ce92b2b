import { GearmanAdminClient, GearmanClient } from 'gearman-sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runCommandLine, startCommand } from '../../helpers/cli-command.ts'
import { describeWithMariadb, type Mariadb, startMariadb } from '../../helpers/mariadb.ts'
import { PATIENT, PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

describeWithMariadb('the command with a queue in MySQL', () => {
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb()
  })
  afterAll(() => mariadb.remove())

  function argumentsFor(database: string, password: string, prefix = 'mysql'): string[] {
    return [
      ...['server', '-p', '0', '-q', prefix === 'mysql' ? 'mysql' : 'libdrizzle'],
      ...[`--${prefix}-host=${mariadb.host}`, `--${prefix}-port=${mariadb.port}`],
      ...[`--${prefix}-user=${mariadb.user}`, `--${prefix}-password=${password}`],
      `--${prefix}-db=${database}`,
    ]
  }

  test('keeps it when it is killed, whatever the options are called', async () => {
    const database = await mariadb.createDatabase()
    const first = await startCommand({ args: argumentsFor(database, mariadb.password) })
    await using client = new GearmanClient(`127.0.0.1:${first.port}`, PATIENT)
    await client.submitJob('resize', 'cat.jpg', { background: true })
    first.signal('SIGKILL')
    await first.exited
    const second = await startCommand({
      args: argumentsFor(database, mariadb.password, 'libdrizzle'),
    })
    await using admin = new GearmanAdminClient(`127.0.0.1:${second.port}`, PATIENT)
    expect(await admin.getStatus()).toMatchObject([{ task: 'resize', queued: 1 }])
  })

  test('is one line and exit code 1 when it cannot be used, without the password', async () => {
    const database = await mariadb.createDatabase()
    const { code, stdout, stderr } = await runCommandLine({
      args: argumentsFor(database, 'wrong!'),
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^gearman-sdk server: mysql \S+ cannot be used: Access denied .*$/m)
    expect(stderr).not.toContain('wrong!')
  })
})
