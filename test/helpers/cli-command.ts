/** The command `gearman-sdk` as a process of its own, with its own command line, for tests. */

import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { until } from './fixtures.ts'
import { runScript, type ScriptOptions, type ScriptResult, startScript } from './run-script.ts'

const COMMAND = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** A command that runs a server. */
export interface RunningCommand {
  readonly port: number
  readonly pid: number
  /** What it wrote to stderr so far. */
  stderr(): string
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void
  /** Resolves with its exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>
}

/** Runs a command that is expected to end by itself. */
export async function runCommandLine(options: ScriptOptions): Promise<ScriptResult> {
  return await runScript(COMMAND, options)
}

/** Starts a server for one test, and resolves when it listens. It is killed at the end of the test. */
export async function startCommand(options: ScriptOptions): Promise<RunningCommand> {
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
  const port = /listening on \S+:(\d+)/.exec(stderr)?.[1]
  if (port === undefined || child.pid === undefined) throw new Error(`no server: ${stderr}`)
  return {
    port: Number(port),
    pid: child.pid,
    stderr: () => stderr,
    signal: (name) => {
      child.kill(name)
    },
    exited,
  }
}
