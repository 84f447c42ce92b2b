/**
 * Command lines of gearmand as they are found in packages, images and manuals start gearmand, and ours. Behind both a raw
 * script, Debian's tools and this package's own client and worker must get the same.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { GearmanAdminClient, GearmanClient, GearmanWorker } from '../../../src/index.ts'
import { askServer } from '../../helpers/backends.ts'
import { contentOf } from '../../helpers/cli-server.ts'
import { until } from '../../helpers/fixtures.ts'
import { describeWithGearmanTools, ToolShell } from '../../helpers/gearman-tools.ts'
import { askText, findFreePort, findGearmand } from '../../helpers/gearmand.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { playSteps } from '../server/conformance/play-steps.ts'
import type { Step } from '../server/conformance/script.ts'
import { describeParity, playOn } from '../server/parity-script.ts'
import { isAlive } from './is-alive.ts'
import { PATIENT, PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

/** A command line; `PORT` and `FOLDER` are replaced, and so they are in the config file and the environment. */
interface CommandLine {
  readonly name: string
  readonly words: string
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
}

const LINES: readonly CommandLine[] = [
  {
    name: "Debian's unit file with its default file",
    words: '--pid-file=FOLDER/pid --listen=localhost --daemon --log-file=FOLDER/log --port=PORT',
  },
  {
    name: 'the init script of Red Hat and its kin',
    words: '-d -P FOLDER/pid -l FOLDER/log -p PORT -L 127.0.0.1',
  },
  {
    name: 'an image that spells out the defaults',
    words:
      '--backlog=32 --job-retries=0 --listen=127.0.0.1 --threads=4 --worker-wakeup=0 --log-file=none --file-descriptors=1024 --port=PORT --pid-file=FOLDER/pid',
  },
  {
    name: 'an image that makes a config file of its environment',
    words: '--config-file=FOLDER/config',
    config: `--listen=127.0.0.1
--port=PORT
--pid-file=FOLDER/pid
--log-file=stderr
--verbose=INFO
--queue-type=builtin
--threads=4
--backlog=32
--file-descriptors=1024
--job-retries=2
--round-robin
--worker-wakeup=0
--keepalive
--keepalive-idle=30
--keepalive-interval=10
--keepalive-count=5
`,
  },
  {
    name: 'an image that logs to stderr, with round robin',
    words: '-R --log-file=stderr -P FOLDER/pid --verbose WARNING -L 127.0.0.1',
    env: { GEARMAND_PORT: 'PORT' },
  },
  {
    name: 'monitoring with many threads',
    words:
      '--port=PORT --pid-file=FOLDER/pid --daemon --threads=10 --log-file=FOLDER/log --verbose=ERROR --listen=127.0.0.1 --job-retries=1',
  },
  {
    name: 'short options, exceptions, and handles of its own',
    words:
      '-p PORT -L 127.0.0.1 -P FOLDER/pid -l FOLDER/log -j 3 -w 1 -t 2 -b 64 -q builtin --hashtable-buckets=1009 --exceptions --job-handle-prefix=H:site',
  },
  {
    name: 'an init script, with a config file that the command line overrules',
    words:
      '--pid-file=FOLDER/pid -pPORT --listen=localhost -dj 3 -t 4 -w 1 -f 512 -q builtin --keepalive --keepalive-idle=60 --keepalive-interval 10 --keepalive-count=5 --exceptions --log-file=FOLDER/log --verbose NOTICE --job-handle-prefix H:drop --config-file FOLDER/config',
    config: '--backlog=64 --hashtable-buckets 997\n--job-handle-prefix=F\n-R',
  },
  ...(process.getuid?.() === 0
    ? [
        {
          name: "Debian's init script, which gives up being root",
          words:
            '--pid-file=FOLDER/pid --user=nobody --listen=localhost --daemon --log-file=FOLDER/log --port=PORT',
        },
      ]
    : []),
]

const STEPS: readonly Step[] = [
  ['worker', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'g'], ['PRE_SLEEP']],
  ['client', 'SUBMIT_JOB', 'f', 'u', 'data'],
  ['client', 'SUBMIT_JOB_BG', 'g', '', 'data'],
  ['client', 'SUBMIT_JOB', 'f', '', 'data'],
  ['admin', 'text', 'status\nshow jobs\nverbose\n'],
  ['worker', 'GRAB_JOB_ALL'],
  ['worker', 'GRAB_JOB_UNIQ'],
  ['worker', 'GRAB_JOB'],
  ['worker', 'leave'],
  ['admin', 'text', 'status\nshow jobs\n'],
  [
    'worker 2',
    'packets',
    ['CAN_DO', 'f'],
    ['CAN_DO', 'g'],
    ['GRAB_JOB'],
    ['GRAB_JOB'],
    ['GRAB_JOB'],
  ],
  ['client', 'OPTION_REQ', 'exceptions'],
  ['worker 2', 'WORK_EXCEPTION', '$1', 'why'],
  ['worker 2', 'WORK_COMPLETE', '$3', 'result'],
  ['worker 2', 'WORK_FAIL', '$2'],
  ['admin', 'text', 'status\nshow jobs\nworkers\n'],
]

describeWithGearmanTools('command lines of gearmand', () => {
  describeParity('started by a command line that is in use', () => {
    for (const line of LINES) {
      test(line.name, async () => {
        const theirs = await play(line, findGearmand() ?? 'gearmand', [])
        const ours = await play(line, process.execPath, ['--import', 'tsx', COMMAND, 'server'])
        expect(ours).toEqual(theirs)
        expect(ours).toMatchObject({ exitCode: 0, isPidFileGone: true, result: 'atad' })
      })
    }
  })
})

async function play(
  line: CommandLine,
  program: string,
  words: readonly string[],
): Promise<unknown> {
  const folder = useFolder()
  chmodSync(folder, 0o777)
  const port = await findFreePort()
  const fill = (text: string): string =>
    text.replaceAll('PORT', String(port)).replaceAll('FOLDER', folder)
  writeFileSync(join(folder, 'config'), fill(line.config ?? ''))
  const { GEARMAND_PORT: _port, NODE_OPTIONS: _options, ...env } = process.env
  for (const [name, value] of Object.entries(line.env ?? {})) env[name] = fill(value)
  const child = spawn(program, [...words, ...fill(line.words).split(' ')], { env, stdio: 'ignore' })
  const exited = once(child, 'exit')
  onTestFinished(() => endAll(child, join(folder, 'pid')))
  await until(async () => (await askText(port, 'version'))?.[0]?.startsWith('OK') === true)
  const seen = await look(port)
  const pidFile = join(folder, 'pid')
  await until(() => contentOf(pidFile).endsWith('\n'))
  const pid = Number(contentOf(pidFile))
  const isPidRight = (await askServer({ port }, 'getpid'))[0] === `OK ${pid}\n`
  process.kill(pid, 'SIGTERM')
  await until(async () => !existsSync(pidFile) && (await askText(port, 'version')) === undefined)
  await exited
  // A daemon is no child of ours: its log is whole when it is gone.
  await until(() => !isAlive(pid))
  const log = contentOf(join(folder, 'log'))
  // What accepted jobs leave in a log of that level; the ids that clients draw are their own.
  const accepted = [...log.matchAll(/ (accepted,\S+)/g)].map(([, text = '']) =>
    text.replace(/,[0-9a-f-]{32,36},/, ',DRAWN,'),
  )
  return {
    ...seen,
    accepted,
    isPidRight,
    exitCode: child.exitCode,
    isPidFileGone: !existsSync(pidFile),
  }
}

/** What clients, workers and tools get. */
async function look(port: number): Promise<object> {
  const transcript = await playOn(port, playSteps(STEPS))
  const shell = new ToolShell(port)
  try {
    await shell.startWorker(['reverse'], ['rev'])
    await shell.run('gearman', ['-f', 'reverse', 'data'])
    await shell.run('gearman', ['-b', '-f', 'reverse', 'data'])
    // The workers of the script have left, and the server has noticed: a command later it has forgotten them (see Stage).
    await shell.untilConnections(1)
    await shell.untilIdle()
    await shell.runSorted('gearadmin', ['--status'])
  } finally {
    await shell.end()
  }
  return { transcript, tools: shell.transcript, ...(await askWithSdk(`127.0.0.1:${port}`)) }
}

async function askWithSdk(address: string): Promise<object> {
  await using worker = new GearmanWorker([address], PATIENT)
  worker.registerTask('turn', (_worker, job) => [...String(job.data)].reverse().join(''))
  const working = worker.work()
  await using client = new GearmanClient([address], PATIENT)
  await using admin = new GearmanAdminClient([address], PATIENT)
  const result = String(await client.do('turn', 'data'))
  const status = await admin.getStatus()
  await worker.shutdown()
  await working
  return { result, status: status.filter(({ task }) => task === 'turn') }
}

/** Whatever still runs when a test failed. */
function endAll(child: ChildProcess, pidFile: string): void {
  child.kill('SIGKILL')
  const pid = Number(contentOf(pidFile))
  if (pid > 1) process.kill(pid, 'SIGKILL')
}
