/**
 * Debian's `gearman` and `gearadmin`, unchanged, in the same session with gearmand and with the bundled server: they must
 * print the same and end with the same code.
 */

import { expect, test } from 'vitest'
import { describeWithGearmanTools, ToolShell } from '../../helpers/gearman-tools.ts'
import { describeParity, withGearmand, withOurs } from './parity-script.ts'

/** A session, played with both servers. */
function session(name: string, play: (shell: ToolShell) => Promise<void>): void {
  test(name, async () => {
    const inShell = async (port: number): Promise<string[]> => {
      const shell = new ToolShell(port)
      try {
        await play(shell)
        return shell.transcript
      } finally {
        await shell.end()
      }
    }
    const theirs = await withGearmand({}, inShell)
    const ours = await withOurs({}, inShell)
    expect(ours).toEqual(theirs)
  })
}

const UPPER = ['tr', 'a-z', 'A-Z'] as const

describeWithGearmanTools("Debian's gearman-tools", () => {
  describeParity('gearman', () => {
    session('runs jobs from its arguments and from its input', async (shell) => {
      await shell.startWorker(['up'], UPPER)
      await shell.run('gearman', ['-f', 'up', 'hello'])
      await shell.run('gearman', ['-f', 'up', 'several', 'words', 'are', 'jobs'])
      await shell.run('gearman', ['-f', 'up', '-s'])
      await shell.run('gearman', ['-f', 'up'], { input: 'from\nits input\n' })
      await shell.run('gearman', ['-f', 'up'], { input: '' })
      await shell.run('gearman', ['-f', 'up'], { input: 'x'.repeat(30_000) })
    })

    session('runs a job for each line, with -n and -N', async (shell) => {
      await shell.startWorker(['up'], UPPER)
      await shell.run('gearman', ['-f', 'up', '-n'], { input: 'a\nb\n\nc' })
      await shell.run('gearman', ['-f', 'up', '-N'], { input: 'a\nb\n\nc' })
      await shell.run('gearman', ['-f', 'up', '-b', '-n'], { input: 'a\nb\n' })
      await shell.untilIdle()
    })

    session('asks several functions, with -P for their names', async (shell) => {
      await shell.startWorker(['up', 'other'], UPPER)
      await shell.runSorted('gearman', ['-f', 'up', '-f', 'other'], { input: 'both\n' })
      await shell.runSorted('gearman', ['-P', '-f', 'up', '-f', 'other'], { input: 'both\n' })
      await shell.run('gearman', ['-P', '-f', 'up', '-n'], { input: 'one\ntwo\n' })
    })

    session('knows priorities, unique ids, background, time limits and more', async (shell) => {
      await shell.startWorker(['up'], UPPER)
      await shell.run('gearman', ['-f', 'up', '-I', 'high'])
      await shell.run('gearman', ['-f', 'up', '-L', 'low'])
      await shell.run('gearman', ['-f', 'up', '-u', 'my-unique', 'unique'])
      await shell.run('gearman', ['-f', 'up', '-u', '-', 'by data'])
      await shell.run('gearman', ['-f', 'up', '-t', '60000', 'in time'])
      await shell.run('gearman', ['-v', '-f', 'up', 'verbose'])
      await shell.run('gearman', ['-S', '-f', 'up', 'without TLS in this build'])
      for (const flag of ['-b', '-I', '-L'] as const) {
        await shell.run('gearman', ['-b', flag, '-f', 'up', 'background'])
        await shell.untilIdle()
      }
      const env = { GEARMAN_SERVER: `127.0.0.1:${shell.port}` }
      await shell.run('gearman', ['-f', 'up', 'by environment'], { env, isServerNamed: false })
    })

    session('leaves background jobs of any priority behind, in order', async (shell) => {
      await shell.run('gearman', ['-b', '-L', '-f', 'f', '-u', 'low', 'low'])
      await shell.run('gearman', ['-b', '-f', 'f', '-u', 'normal', 'normal'])
      await shell.run('gearman', ['-b', '-f', 'f', '-u', 'normal', 'joins'])
      await shell.run('gearman', ['-b', '-I', '-f', 'f', '-u', 'high', 'high'])
      await shell.runSorted('gearadmin', ['--priority-status'])
      await shell.runSorted('gearadmin', ['--show-unique-jobs'])
      await shell.run('gearman', ['-w', '-c', '3', '-f', 'f', '--', 'sh', '-c', 'cat >&2'])
      // The worker has ended; the server may not have read its last words yet.
      await shell.until('status', (rows) => rows.every((row) => row.endsWith('\t0\t0\t0\n')))
      await shell.runSorted('gearadmin', ['--priority-status'])
    })

    session('reports failure', async (shell) => {
      await shell.startWorker(['fail'], ['false'])
      await shell.run('gearman', ['-f', 'fail', 'x'])
      await shell.run('gearman', ['-f', 'fail', '-b', 'x'])
      await shell.run('gearman', ['-f', 'fail', '-n'], { input: 'a\nb\n' })
    })

    session('works without a command, and line by line', async (shell) => {
      await shell.startWorker(['void'], [])
      await shell.run('gearman', ['-f', 'void', 'x'])
      await shell.startWorker(['lines'], ['cat'], ['-n'])
      await shell.run('gearman', ['-f', 'lines'], { input: '1\n2\n3\n' })
      await shell.startWorker(['chopped'], ['cat'], ['-N'])
      await shell.run('gearman', ['-f', 'chopped'], { input: '1\n2\n3\n' })
    })

    session('shares its jobs among several workers', async (shell) => {
      for (let count = 0; count < 3; count += 1) await shell.startWorker(['up'], UPPER)
      const lines = Array.from({ length: 20 }, (_, index) => `line ${index}\n`)
      await shell.run('gearman', ['-f', 'up', '-n'], { input: lines.join('') })
      await shell.runSorted('gearadmin', ['--status'])
    })
  })

  describeParity('gearadmin', () => {
    session('shows what there is, with each of its options', async (shell) => {
      await shell.startWorker(['up', 'other'], UPPER)
      await shell.run('gearman', ['-b', '-f', 'nobody', '-u', 'u1', 'x'])
      await shell.run('gearman', ['-b', '-I', '-f', 'nobody', '-u', 'u2', 'x'])
      await shell.untilConnections(1)
      for (const option of [
        '--status',
        '--priority-status',
        '--workers',
        '--server-version',
        '--server-verbose',
        '--show-jobs',
        '--show-unique-jobs',
      ]) {
        await shell.runSorted('gearadmin', [option])
        await shell.untilConnections(1)
      }
      await shell.runSorted('gearadmin', ['--ssl', '--status'])
      await shell.runSorted('gearadmin', ['--status', '--show-jobs', '--priority-status'])
    })

    session('makes and drops functions', async (shell) => {
      await shell.startWorker(['up'], UPPER)
      await shell.run('gearadmin', ['--create-function', 'made'])
      await shell.run('gearadmin', ['--create-function=made'])
      await shell.runSorted('gearadmin', ['--status'])
      await shell.run('gearadmin', ['--drop-function', 'made'])
      await shell.run('gearadmin', ['--drop-function', 'made'])
      await shell.run('gearadmin', ['--drop-function', 'up'])
      await shell.runSorted('gearadmin', ['--status'])
    })

    session('cancels jobs', async (shell) => {
      await shell.run('gearman', ['-b', '-f', 'f', 'x'])
      await shell.run('gearadmin', ['--cancel-job', 'H:nowhere:1'])
      await shell.until('show jobs', (rows) => rows.length === 1)
      let handle = ''
      await shell.until('show jobs', ([row = '']) => {
        handle = row.split('\t')[0] ?? ''
        return true
      })
      await shell.run('gearadmin', ['--cancel-job', handle])
      await shell.startWorker(['f'], ['cat'])
      await shell.untilIdle()
      await shell.runSorted('gearadmin', ['--status'])
    })

    session('is refused what this build does not have', async (shell) => {
      await shell.run('gearadmin', ['--shutdown'])
      await shell.run('gearadmin', [])
      await shell.run('gearadmin', ['--help'])
      await shell.run('gearadmin', ['--nonsense'])
    })

    test('asks for the process id', async () => {
      await withOurs({}, async (port) => {
        const shell = new ToolShell(port)
        await shell.run('gearadmin', ['--getpid'])
        expect(shell.transcript).toContain(String(process.pid))
        return []
      })
    })
  })
})
