/** The command line of an init script starts gearmand, and ours; clients and the script see no difference. */

import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { contentOf } from '../../helpers/cli-server.ts'
import { until, useClient, useWorker } from '../../helpers/fixtures.ts'
import {
  askText,
  describeWithGearmand,
  findFreePort,
  findGearmand,
} from '../../helpers/gearmand.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))
const START_TIMEOUT_MS = 45_000

const run = promisify(execFile)

describeWithGearmand('in place of gearmand', () => {
  test('an init script starts, asks and stops both in the same way', async () => {
    const ours = await playInitScript(process.execPath, ['--import', 'tsx', COMMAND, 'server'])
    const theirs = await playInitScript(findGearmand() ?? 'gearmand', [])
    expect(ours).toEqual(theirs)
    expect(ours).toMatchObject({ result: 'done', isPidFileGone: true })
  })
})

async function playInitScript(program: string, words: readonly string[]): Promise<unknown> {
  const folder = useFolder()
  const pidFile = join(folder, 'gearmand.pid')
  const logFile = join(folder, 'gearmand.log')
  const configFile = join(folder, 'gearmand.conf')
  const port = await findFreePort()
  writeFileSync(configFile, '--backlog=64 --hashtable-buckets 997\n--job-handle-prefix=F\n-R')
  const args = `--pid-file=${pidFile} -p${port} --listen=localhost -dj 3 -t 4 -w 1 -f 512 -q builtin
    --keepalive --keepalive-idle=60 --keepalive-interval 10 --keepalive-count=5 --exceptions
    --log-file=${logFile} --verbose NOTICE --job-handle-prefix H:drop --config-file ${configFile}`
  onTestFinished(() => killFrom(pidFile))
  const { GEARMAND_PORT: _port, ...env } = process.env
  await run(program, [...words, ...args.split(/\s+/)], { env, timeout: START_TIMEOUT_MS })
  await until(async () => (await askText(port, 'version'))?.[0]?.startsWith('OK') === true)
  await until(() => contentOf(pidFile).endsWith('\n'))

  const pid = contentOf(pidFile)
  const client = useClient(`127.0.0.1:${port}`)
  const queued = await client.submitJob('later', 'data', { background: true, unique: 'u' })
  await useWorker({ port }, { now: () => 'done' })
  const outcome = {
    handle: queued.handle,
    result: String(await client.do('now', 'data')),
    isPidRight: (await askText(port, 'getpid'))?.[0] === `OK ${pid.trim()}`,
    verbose: await askText(port, 'verbose'),
    hasAccepted: contentOf(logFile).includes('accepted,later,u,'),
  }
  process.kill(Number(pid), 'SIGTERM')
  await until(async () => (await askText(port, 'version')) === undefined)
  await until(() => !existsSync(pidFile))
  return { ...outcome, isPidFileGone: !existsSync(pidFile) }
}

/** A daemon outlives its test, unless it is looked for. */
function killFrom(pidFile: string): void {
  const pid = Number(contentOf(pidFile))
  if (pid > 1) process.kill(pid, 'SIGKILL')
}
