/**
 * The command line tools `gearman` and `gearadmin` (Debian package gearman-tools), played against a server.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'vitest'
import { findBinary, isEverySuiteRequired } from './gearmand.ts'
import { RawPeer } from './raw-peer.ts'

/** The tools. */
export type ToolName = 'gearman' | 'gearadmin'

const TOOLS: readonly ToolName[] = ['gearman', 'gearadmin']
const HOST = '127.0.0.1'
/** A busy machine is slow, not broken. */
const TIMEOUT_MS = 30_000
const POLL_MS = 10

/**
 * `describe` for suites that need the tools. Without them the suite is skipped with a reason, or fails when
 * `GEARMAN_TEST_REQUIRE_ALL=1`.
 */
export function describeWithGearmanTools(name: string, body: () => void): void {
  if (TOOLS.every((tool) => findBinary(tool, []) !== undefined)) {
    body()
    return
  }
  const reason = 'gearman and gearadmin are not installed (Debian package gearman-tools)'
  if (isEverySuiteRequired()) {
    test(`${name} needs the tools`, () => {
      throw new Error(`${reason}, and GEARMAN_TEST_REQUIRE_ALL=1 allows no skipped suite`)
    })
    return
  }
  console.warn(`SKIPPED: "${name}": ${reason}`)
  describe.skip(`${name} [skipped: ${reason}]`, body)
}

/** What a tool is given beside its arguments. */
export interface ToolOptions {
  /** Left out: nothing, and its standard input is closed. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Left out: it is told the host and port of the server. */
  readonly isServerNamed?: boolean
}

/** A terminal, as it were, in which tools are run against one server; what they print is written down. */
export class ToolShell {
  readonly port: number
  readonly transcript: string[] = []
  readonly #workers: ChildProcess[] = []
  #observer: RawPeer | undefined

  constructor(port: number) {
    this.port = port
  }

  /** Runs a tool to its end, and writes down what it said. */
  async run(tool: ToolName, args: readonly string[], options: ToolOptions = {}): Promise<void> {
    await this.#write(tool, args, options, (lines) => lines)
  }

  /** {@link run}, for an output whose lines come in any order. */
  async runSorted(
    tool: ToolName,
    args: readonly string[],
    options: ToolOptions = {},
  ): Promise<void> {
    await this.#write(tool, args, options, sortLines)
  }

  /** Starts `gearman -w`, and waits until the server knows of its functions. It is killed at the end. */
  async startWorker(
    functions: readonly string[],
    command: readonly string[],
    flags: readonly string[] = [],
  ): Promise<void> {
    const before = await this.#rows('status')
    const named = functions.flatMap((name) => ['-f', name])
    const child = this.#spawn('gearman', ['-w', ...flags, ...named, ...command], {})
    child.stdout?.resume()
    child.stderr?.resume()
    this.#workers.push(child)
    await this.until('status', (rows) =>
      functions.every((name) => workerCount(rows, name) > workerCount(before, name)),
    )
  }

  /** Asks the server until a table is as it should be. */
  async until(command: string, isSo: (rows: readonly string[]) => boolean): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS
    for (;;) {
      const rows = await this.#rows(command)
      if (isSo(rows)) return
      if (Date.now() > deadline) throw new Error(`${command} stays ${JSON.stringify(rows)}`)
      await sleep(POLL_MS)
    }
  }

  /** Waits until so many connections are left beside the observer: gone ones are noticed later. */
  async untilConnections(count: number): Promise<void> {
    await this.until('workers', (rows) => rows.length === count + 1)
  }

  /** Waits until no function has a job. */
  async untilIdle(): Promise<void> {
    await this.until('status', (rows) => rows.every((row) => row.split('\t')[1] === '0'))
  }

  /** Ends the workers. */
  async end(): Promise<void> {
    this.#observer?.destroy()
    for (const worker of this.#workers) await endProcess(worker)
  }

  async #rows(command: string): Promise<string[]> {
    this.#observer ??= await RawPeer.connect(this.port)
    return await this.#observer.command(command)
  }

  async #write(
    tool: ToolName,
    args: readonly string[],
    options: ToolOptions,
    arrange: (lines: readonly string[]) => readonly string[],
  ): Promise<void> {
    const child = this.#spawn(tool, args, options)
    const output = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      output.stdout += text
    })
    child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      output.stderr += text
    })
    child.stdin?.on('error', () => undefined) // it may end before it has read everything
    child.stdin?.end(options.input ?? '')
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
    await once(child, 'close')
    clearTimeout(timer)
    this.transcript.push(`$ ${tool} ${args.join(' ')}`)
    this.transcript.push(...arrange(this.#normalised(output.stdout)))
    this.transcript.push(...this.#normalised(output.stderr).map((line) => `stderr: ${line}`))
    this.transcript.push(`ends with ${child.signalCode ?? child.exitCode}`)
  }

  #spawn(tool: ToolName, args: readonly string[], options: ToolOptions): ChildProcess {
    const server = options.isServerNamed === false ? [] : ['-h', HOST, '-p', String(this.port)]
    // As with gearmand: a runner that is killed leaves nothing behind, least of all a worker that dials for ever.
    const setpriv = findBinary('setpriv', [])
    const wrapper = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']
    const [command = '', ...rest] = [...wrapper, tool, ...server, ...args]
    return spawn(command, rest, {
      env: { PATH: process.env['PATH'], ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  #normalised(text: string): string[] {
    return text.split('\n').map((line) =>
      line
        .replaceAll(`H:${hostname()}:`, 'H')
        .replaceAll(`:${this.port}`, ':PORT')
        .replace(/pid\(\d+\)/, 'pid(PID)')
        .replace(/^\d+ (?=127\.0\.0\.1 )/, 'FD ')
        .replace(/^1\.1\.20.*/, 'VERSION')
        .replace(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'UUID'),
    )
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

function workerCount(rows: readonly string[], name: string): number {
  const row = rows.find((line) => line.startsWith(`${name}\t`))
  return Number(row?.trim().split('\t').at(-1) ?? 0)
}

/** Behind what differs from server to server, such as descriptors, which are numbers of one or two digits. */
function sortLines(lines: readonly string[]): string[] {
  return lines.toSorted()
}
