/** The process behind the command `gearman-sdk server`, for tests: settings instead of a command line. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { LogSettings, ServerSettings } from '../../src/cli/server-settings.ts'
import { until } from './fixtures.ts'
import { runScript, type ScriptResult, startScript } from './run-script.ts'

const SCRIPT = fileURLToPath(new URL('../integration/cli/scripts/server.ts', import.meta.url))

/** What differs from a server on a free port that logs errors to stderr. */
export type CliSettings = Partial<Omit<ServerSettings, 'log'>> & {
  readonly log?: Partial<LogSettings>
}

/** A server process that listens. */
export interface CliServer {
  readonly host: string
  readonly port: number
  readonly pid: number
  /** What it wrote to stderr so far. */
  stderr(): string
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void
  /** Resolves with its exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>
  readonly child: ChildProcess
}

/** Starts a server process for one test, and resolves when it listens. It is killed at the end of the test. */
export async function startCliServer(settings: CliSettings = {}): Promise<CliServer> {
  const child = startScript(SCRIPT, { args: [settingsText(settings)] })
  const exited = once(child, 'close').then(() => child.exitCode)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    child.stderr?.resume()
    await exited
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  await until(() => /listening on .*\n/.test(stderr) || child.exitCode !== null)
  const match = /listening on (\S+):(\d+)/.exec(stderr)
  const [, host, port] = match ?? []
  if (host === undefined || child.pid === undefined) throw new Error(`no server: ${stderr}`)
  return {
    host,
    port: Number(port),
    pid: child.pid,
    stderr: () => stderr,
    signal: (name) => {
      child.kill(name)
    },
    exited,
    child,
  }
}

/** Runs a server process that is expected to end by itself. */
export async function runCliServer(
  settings: CliSettings,
  script: string = SCRIPT,
): Promise<ScriptResult> {
  return await runScript(script, { args: [settingsText(settings)] })
}

/** What a file holds; empty while there is none. */
export function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw error
  }
}

/** Resolves when a file holds a text. */
export async function untilFileHas(path: string, text: string | RegExp): Promise<void> {
  await until(() =>
    typeof text === 'string' ? contentOf(path).includes(text) : text.test(contentOf(path)),
  )
}

function settingsText({ log, server, ...rest }: CliSettings): string {
  const settings: ServerSettings = {
    tls: undefined,
    isDaemon: false,
    dataFolder: undefined,
    pidFile: undefined,
    user: undefined,
    notices: [],
    ...rest,
    server: { port: 0, ...server },
    log: { level: 'ERROR', file: 'stderr', isSyslog: false, ...log },
  }
  return JSON.stringify(settings)
}
