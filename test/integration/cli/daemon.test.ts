import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { askServer } from '../../helpers/backends.ts'
import { contentOf, runCliServer, startCliServer, untilFileHas } from '../../helpers/cli-server.ts'
import { until } from '../../helpers/fixtures.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { isAlive } from './is-alive.ts'
import { PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

function useDaemon(pidFile: string): number {
  const pid = Number(contentOf(pidFile))
  expect(pid).toBeGreaterThan(1)
  onTestFinished(async () => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    await until(() => !isAlive(pid))
  })
  return pid
}

describe('the server as a daemon', () => {
  test('serves in a session of its own when the command has ended with 0', async () => {
    const folder = useFolder()
    const pidFile = join(folder, 'server.pid')
    const file = join(folder, 'server.log')
    const { code, stderr } = await runCliServer({
      isDaemon: true,
      pidFile,
      log: { file, level: 'INFO' },
    })
    const pid = useDaemon(pidFile)
    expect(code).toBe(0)
    const port = Number(
      /^gearman-sdk server: listening on 127\.0\.0\.1:(\d+), pid (\d+)\n$/.exec(stderr)?.[1],
    )
    expect(await askServer({ port }, 'getpid')).toEqual([`OK ${pid}\n`])
    process.kill(pid, 'SIGHUP')
    await untilFileHas(file, 'SIGHUP, reopening log file')
    process.kill(pid, 'SIGTERM')
    await until(() => !isAlive(pid))
    expect(existsSync(pidFile)).toBe(false)
    expect(contentOf(file)).toMatch(/Shutdown complete\n$/)
  })

  test('is not there when the command has ended with 1, whose line says why', async () => {
    const pidFile = join(useFolder(), 'server.pid')
    const first = await startCliServer()
    const { code, stderr } = await runCliServer({
      isDaemon: true,
      pidFile,
      server: { port: first.port },
    })
    expect(stderr).toBe(
      `gearman-sdk server: cannot listen on 127.0.0.1:${first.port}: the address is in use\n`,
    )
    expect(code).toBe(1)
    expect(existsSync(pidFile)).toBe(false)
  })
})
