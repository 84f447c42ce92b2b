/**
 * A real gearmand for a test file: a child process on a loopback port of its own, stopped by its
 * own process id and by nothing else.
 *
 * ```ts
 * describeWithGearmand('against gearmand', () => {
 *   let gearmand: Gearmand
 *   beforeAll(async () => {
 *     gearmand = await startGearmand()
 *   })
 *   afterAll(async () => {
 *     await gearmand.stop()
 *   })
 * })
 * ```
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect as openSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'vitest'

const HOST = '127.0.0.1'

/**
 * Ports are drawn from below the range that Linux gives to outgoing connections. From inside it, a
 * client that redials a stopped server can connect to itself and so take the server's port.
 */
const FIRST_PORT = 20_000
const LAST_PORT = 32_000

/** gearmand tries for 22 s, silently, to bind a port that is taken. Otherwise it needs 30 ms. */
const READY_TIMEOUT_MS = 30_000
const READY_TIMEOUT_ON_DRAWN_PORT_MS = 6_000
const READY_POLL_MS = 20
const PROBE_TIMEOUT_MS = 2_000
const PORT_ATTEMPTS = 5
const KILL_AFTER_MS = 5_000
const MAX_LOG_CHARACTERS = 256 * 1024

/** What {@link startGearmand} accepts. */
export interface GearmandOptions {
  /** A fixed port. Left out, a free one is found, and another one when gearmand cannot bind it. */
  readonly port?: number
  /** More arguments for the command line, for instance `['--round-robin']`. */
  readonly args?: readonly string[]
}

/** A gearmand that {@link startGearmand} started. */
export interface Gearmand {
  readonly host: string
  readonly port: number
  /** The process id; `undefined` while it is stopped. */
  readonly pid: number | undefined
  /** All that it wrote to stderr so far, over all its starts. */
  log(): string
  /** Sends a signal, for instance SIGSTOP and SIGCONT, and waits for nothing. */
  signal(name: NodeJS.Signals): void
  /** Ends the process (SIGTERM unless told otherwise) and waits until it is gone. Idempotent. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again after {@link stop}: same port, same arguments, empty queue. */
  start(): Promise<void>
  /** {@link stop} and {@link start}. */
  restart(signal?: NodeJS.Signals): Promise<void>
}

/** True when CI demands every suite: then a missing service is a failure. */
export function isEverySuiteRequired(): boolean {
  return process.env['GEARMAN_TEST_REQUIRE_ALL'] === '1'
}

/**
 * The path of the gearmand binary, or `undefined` when there is none. Looks in PATH and where
 * distributions put it. The environment variable `GEARMAND_BINARY` names another one instead.
 */
export function findGearmand(): string | undefined {
  const named = process.env['GEARMAND_BINARY']
  if (named !== undefined) return isExecutable(named) ? named : undefined
  return findBinary('gearmand', ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'])
}

/**
 * `describe` for suites that need a real gearmand. Without the binary the suite is skipped with a
 * reason in its name and on stderr, or fails when `GEARMAN_TEST_REQUIRE_ALL=1`.
 */
export function describeWithGearmand(name: string, body: () => void): void {
  if (findGearmand() !== undefined) {
    describe(name, body)
    return
  }
  const reason = 'gearmand is not installed (Debian package gearman-job-server)'
  if (isEverySuiteRequired()) {
    describe(name, () => {
      test('needs gearmand', () => {
        throw new Error(`${reason}, and GEARMAN_TEST_REQUIRE_ALL=1 allows no skipped suite`)
      })
    })
    return
  }
  console.warn(`SKIPPED: "${name}": ${reason}`)
  describe.skip(`${name} [skipped: ${reason}]`, body)
}

/**
 * Starts gearmand and resolves when it answers.
 *
 * @throws Error when there is no binary, when it exits or when it does not answer within 30 s; the
 * message holds what it wrote to stderr.
 */
export async function startGearmand(options: GearmandOptions = {}): Promise<Gearmand> {
  const binary = findGearmand()
  if (binary === undefined) throw new Error('gearmand was not found, neither in PATH nor in sbin')
  const args = options.args ?? []
  if (options.port !== undefined) {
    return await startOn(new GearmandProcess(binary, options.port, args, true))
  }
  let lastError: unknown
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    try {
      return await startOn(new GearmandProcess(binary, await findFreePort(), args, false))
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error
      lastError = error // somebody took the port between our look and gearmand's: another port
    }
  }
  throw new Error(`gearmand found no free port in ${PORT_ATTEMPTS} attempts`, { cause: lastError })
}

async function startOn(gearmand: GearmandProcess): Promise<Gearmand> {
  await gearmand.start()
  // From here on the port is ours: after a restart gearmand may have to wait for its old sockets.
  gearmand.mayWaitForPort = true
  return gearmand
}

/** A loopback port below the ephemeral range on which nobody listens now. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1))
    if (await canListen(port)) return port
  }
}

class PortTakenError extends Error {}

class GearmandProcess implements Gearmand {
  readonly host = HOST
  readonly port: number
  mayWaitForPort: boolean
  readonly #binary: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined
  #log = ''

  constructor(binary: string, port: number, args: readonly string[], mayWaitForPort: boolean) {
    this.#binary = binary
    this.port = port
    this.#args = args
    this.mayWaitForPort = mayWaitForPort
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  log(): string {
    return this.#log
  }

  signal(name: NodeJS.Signals): void {
    if (this.#child?.kill(name) !== true) throw new Error(`gearmand is not running, no ${name}`)
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error('gearmand is running already')
    // A folder of its own, so that neither /etc/gearmand.conf nor a shared pid file matters.
    const folder = mkdtempSync(join(tmpdir(), 'gearmand-'))
    const child = this.#spawn(folder)
    this.#child = child
    const killAtExit = (): void => {
      child.kill('SIGKILL')
    }
    process.once('exit', killAtExit)
    child.once('close', () => {
      process.off('exit', killAtExit)
      if (this.#child === child) this.#child = undefined
      rmSync(folder, { recursive: true, force: true })
    })
    try {
      await this.#untilReady(child)
    } catch (error) {
      await this.stop('SIGKILL')
      throw error
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const closed = once(child, 'close')
    const killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    child.kill(signal)
    child.kill('SIGCONT') // a process that SIGSTOP halted takes no other signal before this one
    await closed
    clearTimeout(killTimer)
  }

  async restart(signal?: NodeJS.Signals): Promise<void> {
    await this.stop(signal)
    await this.start()
  }

  #spawn(folder: string): ChildProcess {
    const config = join(folder, 'gearmand.conf')
    writeFileSync(config, '')
    // setpriv (Linux) becomes gearmand, in the same process, and has it end with this one, however
    // that ends: a test runner that is killed leaves no server behind.
    const setpriv = findBinary('setpriv', [])
    const wrapper = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']
    const [command = '', ...args] = [...wrapper, this.#binary]
    const child = spawn(
      command,
      [
        ...args,
        `--config-file=${config}`,
        `--pid-file=${join(folder, 'gearmand.pid')}`,
        `--listen=${HOST}`,
        `--port=${this.port}`,
        '--log-file=stderr',
        ...this.#args,
      ],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const collect = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString('utf8')).slice(-MAX_LOG_CHARACTERS)
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('error', (error) => collect(Buffer.from(`${error.message}\n`)))
    return child
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const timeoutMs = this.mayWaitForPort ? READY_TIMEOUT_MS : READY_TIMEOUT_ON_DRAWN_PORT_MS
    const deadline = Date.now() + timeoutMs
    while (Date.now() < deadline) {
      if (this.#child !== child) throw this.#failure('exited at once', child)
      const answer = await askText(this.port, 'getpid\nversion', 2)
      if (answer?.[0] === `OK ${child.pid}` && answer[1]?.startsWith('OK ') === true) return
      await sleep(READY_POLL_MS)
    }
    const message = `did not answer within ${timeoutMs} ms`
    if (this.mayWaitForPort) throw this.#failure(message, child)
    throw new PortTakenError(`somebody else seems to hold port ${this.port}`, {
      cause: this.#failure(message, child),
    })
  }

  #failure(what: string, child: ChildProcess): Error {
    const end = child.exitCode === null ? `signal ${child.signalCode}` : `code ${child.exitCode}`
    const state = this.#child === child ? 'it is running' : `it ended with ${end}`
    return new Error(`gearmand on port ${this.port} ${what}; ${state}; it wrote:\n${this.#log}`)
  }
}

/** The path of a program, looked for in PATH and in more folders. */
export function findBinary(name: string, moreFolders: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders, ...moreFolders].map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not there, or not ours to run: the same to the caller
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host: HOST, port, exclusive: true })
    await once(server, 'listening')
  } catch {
    return false // in use; the caller tries another
  }
  server.close()
  await once(server, 'close')
  return true
}

/**
 * Sends a text command to a server on loopback and gives back the first lines of the answer, or
 * `undefined` when there is no answer within 2 s.
 */
export async function askText(
  port: number,
  command: string,
  lines = 1,
): Promise<string[] | undefined> {
  const socket = openSocket({ host: HOST, port })
  const timer = setTimeout(() => socket.destroy(), PROBE_TIMEOUT_MS)
  try {
    socket.write(`${command}\n`)
    let text = ''
    for await (const chunk of socket) {
      text += String(chunk)
      const parts = text.split('\n')
      if (parts.length > lines) return parts.slice(0, lines)
    }
    return undefined
  } catch {
    return undefined // refused or reset: nobody is ready there
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
