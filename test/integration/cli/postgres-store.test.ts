import { GearmanClient } from 'gearman-sdk'
import { expect, test, vi } from 'vitest'
import { runCommandLine, startCommand } from '../../helpers/cli-command.ts'
import { describeWithPostgres, usePostgres } from '../../helpers/postgres.ts'
import { PATIENT, PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

describeWithPostgres("the command with gearmand's options for PostgreSQL", () => {
  const postgres = usePostgres()

  test('keeps its queue there, over a crash', async () => {
    const { connectionString, query } = await postgres.createSchema()
    const args = ['server', '-p', '0', '-q', 'Postgres', `--libpq-conninfo=${connectionString}`]
    const first = await startCommand({ args })
    await using client = new GearmanClient(`127.0.0.1:${first.port}`, PATIENT)
    await client.submitJob('resize', 'cat.jpg', { background: true })
    first.signal('SIGKILL')
    await first.exited
    const second = await startCommand({ args })
    await using again = new GearmanClient(`127.0.0.1:${second.port}`, PATIENT)
    await again.submitJob('resize', 'dog.jpg', { background: true })
    second.signal('SIGTERM')
    expect(await second.exited).toBe(0)
    const rows = await query('SELECT key FROM gearman_sdk_jobs ORDER BY key')
    expect(rows).toHaveLength(2)
  })

  test('does not start with a wrong password: one line without it, and exit code 1', async () => {
    const { host, port } = postgres
    const url = `postgres://jobs:not-that@${host}:${port}/jobs%20database`
    const args = ['server', '-p', '0', '-q', 'postgres', '--postgres-url', url]
    const { code, stderr } = await runCommandLine({ args })
    expect(code).toBe(1)
    expect(stderr.trimEnd().split('\n').at(-1)).toContain('password authentication failed')
    expect(stderr).not.toContain('not-that')
    expect(stderr).not.toContain('listening on')
  })
})
