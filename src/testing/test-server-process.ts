import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { checkDuration } from '../core/checks.ts'
import { sleep } from '../core/sleep.ts'
import { askText } from './ask-text.ts'
import { findFreePort, isPortFree } from './free-port.ts'
import { waitUntilHalted } from './wait-until-halted.ts'

const READY_TIMEOUT_MS = 30_000
/** gearmand tries for 22 s, silently, to bind a port that is taken. Otherwise it needs 30 ms, a Node program a second. */
const READY_TIMEOUT_ON_FOUND_PORT_MS = 20_000
const READY_POLL_MS = 20
const PORT_ATTEMPTS = 5
const KILL_AFTER_MS = 20_000
const MAX_LOG_CHARACTERS = 256 * 1024

/** What {@link TestServerProcess.start} takes. */
export interface TestServerProcessOptions {
  /** The program: a path, or a name that is looked for in `PATH`. It must become the server, not start one. */
  readonly command: string
  /** Its arguments for a port; called for each start. They must make it listen on 127.0.0.1 at this port. */
  readonly args: (port: number) => readonly string[]
  /** A fixed port. Left out, a free one is found, and another one when the program cannot bind it. */
  readonly port?: number | undefined
  /** The folder it runs in. Default: that of this process. */
  readonly cwd?: string | undefined
  /** Its environment. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Milliseconds that it has to answer. Default 30000, and 20000 on a port that was found: then another one is tried. */
  readonly readyTimeout?: number | undefined
}

class PortTakenError extends Error {}

/**
 * A job server as a process of its own, at one port of 127.0.0.1: gearmand, the command `gearman-sdk server`, or
 * another one that knows the text commands `getpid` and `version`. It can be killed, halted and started again, and
 * ends with this process.
 *
 * ```ts
 * await using server = await TestServerProcess.start({
 *   command: 'gearmand',
 *   args: (port) => ['--listen=127.0.0.1', `--port=${port}`, '--log-file=stderr'],
 * })
 * server.freeze() // it is there, and answers nothing
 * server.thaw()
 * await server.kill()
 * await server.start()
 * ```
 */
export class TestServerProcess implements AsyncDisposable {
  /** Where it listens. */
  readonly host = '127.0.0.1'
  /** The same through all starts. */
  readonly port: number
  readonly #options: TestServerProcessOptions
  readonly #readyTimeoutMs: number
  /** From the first answer on the port is ours: after a restart the program may have to wait for its old sockets. */
  #hasAnswered = false
  #child: ChildProcess | undefined
  #log = ''

  private constructor(options: TestServerProcessOptions, port: number) {
    this.port = port
    this.#options = options
    this.#readyTimeoutMs = checkDuration('readyTimeout', options.readyTimeout ?? READY_TIMEOUT_MS)
  }

  /**
   * Starts one, and resolves when it answers.
   *
   * @throws InvalidArgumentError about `readyTimeout`
   * @throws Error when the program cannot be run, ends, or does not answer in time; the message holds what it wrote
   */
  static async start(options: TestServerProcessOptions): Promise<TestServerProcess> {
    for (let attempt = 1; ; attempt += 1) {
      const server = new TestServerProcess(options, options.port ?? (await findFreePort()))
      try {
        await server.start()
        return server
      } catch (error) {
        // Somebody may have taken the port between our look and the program's.
        if (attempt === PORT_ATTEMPTS || !(error instanceof PortTakenError)) throw error
      }
    }
  }

  /** The address as a host list takes it. */
  get address(): string {
    return `${this.host}:${this.port}`
  }

  /** The process id; `undefined` while it is stopped. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The last 256 KiB of what it wrote to stdout and stderr, over all its starts. */
  log(): string {
    return this.#log
  }

  /**
   * Sends a signal and waits for nothing; after SIGSTOP, on Linux, until the process is halted.
   *
   * @throws Error when it does not run
   */
  signal(name: NodeJS.Signals): void {
    if (this.#child?.kill(name) !== true) {
      throw new Error(`the server on port ${this.port} is not running, no ${name}`)
    }
    if (name === 'SIGSTOP' && this.pid !== undefined) waitUntilHalted(this.pid)
  }

  /** Halts it (SIGSTOP): it still accepts connections, since the kernel does, and answers nothing. */
  freeze(): void {
    this.signal('SIGSTOP')
  }

  /** Lets it go on (SIGCONT). */
  thaw(): void {
    this.signal('SIGCONT')
  }

  /**
   * Starts it again, at the same port with the same arguments, and resolves when it answers.
   *
   * @throws Error when it runs, and as {@link TestServerProcess.start} does
   */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`the server on port ${this.port} is running`)
    const child = this.#spawn()
    this.#child = child
    const killAtExit = (): void => {
      child.kill('SIGKILL')
    }
    process.once('exit', killAtExit)
    child.once('close', () => {
      process.off('exit', killAtExit)
      if (this.#child === child) this.#child = undefined
    })
    try {
      await this.#untilReady(child)
    } catch (error) {
      await this.kill()
      throw error
    }
  }

  /**
   * Ends it, halted or not, and resolves when it is gone; with SIGKILL when it is still there after 20 s. Idempotent.
   *
   * @param signal - what tells it. Default: SIGTERM
   */
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

  /** Ends it with SIGKILL, without a chance to say or save anything. Idempotent. */
  async kill(): Promise<void> {
    await this.stop('SIGKILL')
  }

  /**
   * {@link stop} and {@link start}.
   *
   * @param signal - what tells it to end. Default: SIGTERM
   */
  async restart(signal?: NodeJS.Signals): Promise<void> {
    await this.stop(signal)
    await this.start()
  }

  /** As {@link kill}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  #spawn(): ChildProcess {
    const { command, args, cwd, env } = this.#options
    const child = spawn(command, [...args(this.port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
    })
    const collect = (text: string): void => {
      this.#log = (this.#log + text).slice(-MAX_LOG_CHARACTERS)
    }
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stderr?.setEncoding('utf8').on('data', collect)
    child.on('error', (error) => collect(`${error.message}\n`))
    return child
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const isOnFoundPort = this.#options.port === undefined && !this.#hasAnswered
    const isCutShort = isOnFoundPort && this.#options.readyTimeout === undefined
    const timeoutMs = isCutShort ? READY_TIMEOUT_ON_FOUND_PORT_MS : this.#readyTimeoutMs
    const deadlineMs = performance.now() + timeoutMs
    while (this.#child === child && performance.now() < deadlineMs) {
      const [pid, version] = (await askText(this.port, 'getpid\nversion', 2)) ?? []
      if (pid === `OK ${child.pid}` && version?.startsWith('OK ') === true) {
        this.#hasAnswered = true
        return
      }
      await sleep(READY_POLL_MS)
    }
    const hasEnded = this.#child !== child
    const what = hasEnded ? 'ended at once' : `did not answer within ${timeoutMs} ms`
    const failure = this.#failure(what, child)
    const isTaken = isOnFoundPort && !(hasEnded && (await isPortFree(this.port)))
    throw isTaken ? new PortTakenError(failure.message, { cause: failure }) : failure
  }

  #failure(what: string, child: ChildProcess): Error {
    const end = child.exitCode === null ? `signal ${child.signalCode}` : `code ${child.exitCode}`
    const state = this.#child === child ? 'it is running' : `it ended with ${end}`
    return new Error(
      `${this.#options.command} on port ${this.port} ${what}; ${state}; it wrote:\n${this.#log}`,
    )
  }
}
