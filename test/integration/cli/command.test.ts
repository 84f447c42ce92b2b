/** The command as a whole: its own process, its own command line. What the parts do is tested part by part. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GearmanAdminClient } from 'gearman-sdk'
import { GEARMAND_VERSION, SDK_VERSION } from 'gearman-sdk/server'
import { describe, expect, test, vi } from 'vitest'
import { runCommandLine, startCommand } from '../../helpers/cli-command.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { PATIENT, PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

describe('the command', () => {
  test.each([
    [['--version'], `\ngearman-sdk ${SDK_VERSION} - stands in for gearmand ${GEARMAND_VERSION}\n`],
    [['server', '--check-args', '-d', '-p', '4731'], ''],
  ])('%j ends with 0', async (args, stdout) => {
    expect(await runCommandLine({ args })).toEqual({ code: 0, stdout, stderr: '' })
  })

  test.each([
    [
      ['serve'],
      'gearman-sdk: unknown command "serve"; the command is server, see gearman-sdk --help\n',
    ],
    [
      ['server', '-p', '99999'],
      'gearman-sdk server: -p (--port) must be a port from 0 to 65535 or a TCP service of /etc/services, not "99999"\n',
    ],
  ])('%j ends with 1 and one line, and starts nothing', async (args, stderr) => {
    expect(await runCommandLine({ args })).toEqual({ code: 1, stdout: '', stderr })
  })
})

test('a server has what command line, environment and config file say, and ends with 0', async () => {
  const config = join(useFolder(), 'server.conf')
  writeFileSync(
    config,
    'job-handle-prefix=F:mine\nport=1\nmistake=1\nPARAMS="--threads=4 --verbose=INFO"\n',
  )
  const server = await startCommand({
    args: ['server', '--config-file', config, '--verbose', 'NOTICE'],
    env: { GEARMAND_PORT: '0' },
  })
  await using admin = new GearmanAdminClient(`127.0.0.1:${server.port}`, PATIENT)
  expect(await admin.getVerbose()).toBe('NOTICE')
  server.signal('SIGTERM')
  expect(await server.exited).toBe(0)
  // The log is written in the background: only now all of it is there for certain.
  expect(server.stderr()).toContain(`config file ${config}: unknown key "mistake"; ignored\n`)
  expect(server.stderr()).toContain('--threads is not needed: one thread does all the I/O\n')
})
