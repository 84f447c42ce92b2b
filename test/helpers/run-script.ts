import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const TIMEOUT_MS = 150_000

/** How a script ended, and what it wrote. */
export interface ScriptResult {
  /** The exit code; `null` when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What {@link runScript} accepts. */
export interface ScriptOptions {
  /** More arguments for the script. */
  readonly args?: readonly string[]
  /** The job servers that it finds in `GEARMAN_SERVERS`; left out: none. */
  readonly servers?: string
  /** More variables of its environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs; default: the project's folder. */
  readonly cwd?: string
  /** {@link runScript} kills it after so many milliseconds; default: 150 s. */
  readonly timeoutMs?: number
}

/** A TypeScript file in a process of its own, as `npx tsx FILE` runs it. */
export function startScript(file: string, options: ScriptOptions = {}): ChildProcess {
  const { NODE_OPTIONS: _options, GEARMAN_SERVERS: _servers, ...env } = process.env
  return spawn(process.execPath, ['--import', 'tsx', file, ...(options.args ?? [])], {
    cwd: options.cwd ?? PROJECT,
    env: {
      ...env,
      ...(options.servers !== undefined && { GEARMAN_SERVERS: options.servers }),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a TypeScript file to its end; one that does not end in time is killed. */
export async function runScript(file: string, options?: ScriptOptions): Promise<ScriptResult> {
  const child = startScript(file, options)
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), options?.timeoutMs ?? TIMEOUT_MS)
  await once(child, 'close')
  clearTimeout(timer)
  return { code: child.exitCode, ...output }
}
