import { spawn } from 'node:child_process'
import { describeError } from '../describe-error.ts'
import { DAEMON_VARIABLE, type DaemonMessage, isDaemonMessage } from './daemon-message.ts'
import { COMMAND_NAME, type ServerIo } from './launch.ts'

/**
 * Runs this command once more, detached from the terminal, and waits until it listens: a server cannot
 * leave its process, and a process of Node cannot fork.
 *
 * @returns the exit code: 0 when the server listens, 1 when it does not and what it said is on stderr
 */
export async function startDaemon(io: ServerIo): Promise<number> {
  const { isReady, line } = await launch()
  io.writeError(`${COMMAND_NAME}: ${line}\n`)
  return isReady ? 0 : 1
}

function launch(): Promise<DaemonMessage> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, [DAEMON_VARIABLE]: '1' },
    })
    const fail = (line: string): void => resolve({ isReady: false, line })
    child.once('message', (message) => {
      if (isDaemonMessage(message)) resolve(message)
      child.disconnect()
      child.unref()
    })
    child.once('error', (error) => fail(`cannot start a daemon: ${describeError(error)}`))
    child.once('exit', (code, signal) => {
      fail(`the daemon ended before it listened: ${signal ?? `exit code ${code}`}`)
    })
  })
}
