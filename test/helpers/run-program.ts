import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { endingWithThisProcess, findBinary } from './gearmand.ts'
import { describeWhen } from './test-when.ts'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const TIMEOUT_MS = 150_000

/** A program of another language, and where Debian has what the tests need of it. */
export interface Program {
  readonly command: string
  /** Where it is besides in PATH. */
  readonly folders?: readonly string[]
  readonly packages: string
}

/** What a program gets beside its arguments. */
export interface ProgramOptions {
  /** What it reads; left out: nothing. */
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs; default: the project's folder. */
  readonly cwd?: string
}

/** How a program ended, and what it wrote. */
export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Debian's own, not another one in PATH: it has Debian's modules. */
export const PHP: Program = { command: 'php', packages: 'php-cli and php-gearman' }
export const PERL: Program = { command: 'perl', packages: 'perl and libgearman-client-perl' }
export const TOOLS: Program = { command: 'gearman', packages: 'gearman-tools' }
export const ZSTD: Program = { command: 'zstd', packages: 'zstd' }
export const SHELL: Program = { command: 'sh', packages: 'dash' }
export const C_COMPILER: Program = { command: 'gcc', packages: 'gcc, libc6-dev and libgearman-dev' }
export const GO: Program = { command: 'go', packages: 'golang-go' }
export const PYTHON: Program = { command: '/usr/bin/python3', packages: 'python3' }

/** The path of a program, or `undefined` when it is not there. */
export function findProgram({ command, folders = [] }: Program): string | undefined {
  return command.startsWith('/') ? findBinary(command, ['']) : findBinary(command, folders)
}

/** `describe` for suites that need a program; see `describeWhen`. */
export function describeWithProgram(program: Program, name: string, body: () => void): void {
  describeWithPrograms([program], name, body)
}

/** `describe` for suites that need several programs; see `describeWhen`. */
export function describeWithPrograms(
  programs: readonly Program[],
  name: string,
  body: () => void,
): void {
  const missing = programs.filter((program) => findProgram(program) === undefined)
  const packages = missing.map((program) => program.packages).join(', ')
  const commands = missing.map(({ command }) => command).join(', ')
  const reason = `${commands} not installed (Debian: ${packages})`
  describeWhen(missing.length === 0, reason, name, body)
}

/** Starts a program. It does not outlive this process. */
export function startProgram(
  program: Program,
  args: readonly string[],
  options: ProgramOptions = {},
): ChildProcess {
  const path = findProgram(program)
  if (path === undefined) throw new Error(`${program.command} is not installed`)
  const [command = '', ...before] = endingWithThisProcess(path)
  const { GEARMAN_SERVERS: _servers, ...env } = process.env
  const child = spawn(command, [...before, ...args], {
    cwd: options.cwd ?? PROJECT,
    env: { ...env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin?.on('error', () => undefined) // it may end before it has read everything
  child.stdin?.end(options.input ?? '')
  return child
}

/** Starts a program for one test: it is killed at its end. What it writes to stderr goes to ours. */
export function useProgram(
  program: Program,
  args: readonly string[],
  options: ProgramOptions = {},
): ChildProcess {
  const child = startProgram(program, args, options)
  child.stdout?.resume()
  child.stderr?.on('data', (text: Buffer) => process.stderr.write(`${program.command}: ${text}`))
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  })
  return child
}

/** Runs a program to its end; one that does not end is killed after 45 s. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const child = startProgram(program, args, options)
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  await once(child, 'close')
  clearTimeout(timer)
  return { code: child.exitCode, ...output }
}
