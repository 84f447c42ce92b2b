/** The command as a whole: its own process, its own command line. What the parts do is tested part by part. */

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GearmanAdminClient } from 'gearman-sdk'
import { GEARMAND_VERSION, SDK_VERSION } from 'gearman-sdk/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { useFolder } from '../../helpers/cli-server.ts'
import { until } from '../../helpers/fixtures.ts'
import { runScript, type ScriptOptions, startScript } from '../../helpers/run-script.ts'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

describe('the command', () => {
  test.each([
    [['--version'], `\ngearman-sdk ${SDK_VERSION} - stands in for gearmand ${GEARMAND_VERSION}\n`],
    [['server', '--check-args', '-d', '-p', '4731'], ''],
  ])('%j ends with 0', async (args, stdout) => {
    expect(await runScript(COMMAND, { args })).toEqual({ code: 0, stdout, stderr: '' })
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
    expect(await runScript(COMMAND, { args })).toEqual({ code: 1, stdout: '', stderr })
  })
})

test('a server has what command line, environment and config file say, and ends with 0', async () => {
  const config = join(useFolder(), 'server.conf')
  writeFileSync(
    config,
    'job-handle-prefix=F:mine\nport=1\nmistake=1\nPARAMS="--threads=4 --verbose=INFO"\n',
  )
  const server = await start({
    args: ['server', '--config-file', config, '--verbose', 'NOTICE'],
    env: { GEARMAND_PORT: '0' },
  })
  await using admin = new GearmanAdminClient(`127.0.0.1:${server.port}`)
  expect(await admin.getVerbose()).toBe('NOTICE')
  expect(server.stderr()).toContain(`config file ${config}: unknown key "mistake"; ignored\n`)
  expect(server.stderr()).toContain('--threads is not needed: one thread does all the I/O\n')
  server.stop()
  expect(await server.exited).toBe(0)
})

interface RunningCommand {
  readonly port: number
  stderr(): string
  stop(): void
  readonly exited: Promise<number | null>
}

async function start(options: ScriptOptions): Promise<RunningCommand> {
  const child = startScript(COMMAND, options)
  const exited = once(child, 'close').then(() => child.exitCode)
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdout?.resume()
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await until(() => /listening on .*\n/.test(stderr) || child.exitCode !== null)
  return {
    port: Number(/listening on \S+:(\d+)/.exec(stderr)?.[1]),
    stderr: () => stderr,
    stop: () => {
      child.kill('SIGTERM')
    },
    exited,
  }
}
