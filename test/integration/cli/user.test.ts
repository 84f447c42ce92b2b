import { chmodSync, chownSync, existsSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { askServer } from '../../helpers/backends.ts'
import { contentOf, runCliServer, startCliServer, untilFileHas } from '../../helpers/cli-server.ts'
import { idOfNobody } from '../../helpers/nobody.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { testWhen } from '../../helpers/test-when.ts'
import { PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

const AS_NOBODY = fileURLToPath(new URL('scripts/server-as-nobody.ts', import.meta.url))
const isRoot = process.getuid?.() === 0
const NEEDS_ROOT = 'only root can switch users'

/** The numbers behind a word of `/proc/PID/status`. */
function statusOf(pid: number, word: string): string[] {
  const line = new RegExp(`^${word}:(.*)$`, 'm').exec(contentOf(`/proc/${pid}/status`))
  return (line?.[1] ?? '').trim().split(/\s+/)
}

describe('the server as another user', () => {
  testWhen(
    isRoot && existsSync('/proc/self/status'),
    `${NEEDS_ROOT}, and /proc tells who runs`,
    'has given up root in every respect, and its files work on',
    async () => {
      const folder = useFolder()
      chownSync(folder, idOfNobody('-u'), idOfNobody('-g'))
      const pidFile = join(folder, 'server.pid')
      const file = join(folder, 'server.log')
      const server = await startCliServer({ user: 'nobody', pidFile, log: { file, level: 'INFO' } })
      const { pid, port } = server
      expect(await askServer({ port }, 'getpid')).toEqual([`OK ${pid}\n`])
      const [uid, gid] = [String(idOfNobody('-u')), String(idOfNobody('-g'))]
      expect(statusOf(pid, 'Uid')).toEqual([uid, uid, uid, uid])
      expect(statusOf(pid, 'Gid')).toEqual([gid, gid, gid, gid])
      expect(statusOf(pid, 'Groups')).toEqual([gid])
      expect(statusOf(pid, 'CapEff')).toEqual(['0000000000000000'])
      expect([statSync(pidFile).uid, statSync(file).uid]).toEqual([
        idOfNobody('-u'),
        idOfNobody('-u'),
      ])

      renameSync(file, `${file}.1`)
      server.signal('SIGHUP')
      await untilFileHas(file, 'SIGHUP, reopening log file')
      server.signal('SIGTERM')
      expect(await server.exited).toBe(0)
      expect(existsSync(pidFile)).toBe(false)
    },
  )

  testWhen(isRoot, NEEDS_ROOT, 'does not start with files that are root’s alone', async () => {
    const folder = useFolder()
    chmodSync(folder, 0o700)
    const pidFile = join(folder, 'server.pid')
    const pid = await runCliServer({ user: 'nobody', pidFile })
    expect(pid.stderr).toBe(
      `gearman-sdk server: cannot write pid file ${pidFile}: permission denied\n`,
    )
    expect(pid.code).toBe(1)
    const file = join(folder, 'server.log')
    const log = await runCliServer({ user: 'nobody', log: { file } })
    expect(log.stderr).toBe(
      `gearman-sdk server: cannot write log file ${file}: permission denied\n`,
    )
    expect(log.code).toBe(1)
  })

  testWhen(isRoot, NEEDS_ROOT, 'does not start when there is no such user', async () => {
    const { code, stderr } = await runCliServer({ user: 'no-such-user' })
    expect(stderr).toBe('gearman-sdk server: --user no-such-user: there is no such user\n')
    expect(code).toBe(1)
  })

  test('does not start when root is not the one who starts it', async () => {
    const { code, stderr } = await runCliServer({ user: 'nobody' }, AS_NOBODY)
    expect(stderr).toBe('gearman-sdk server: --user nobody: must be root to switch users\n')
    expect(code).toBe(1)
  })
})
