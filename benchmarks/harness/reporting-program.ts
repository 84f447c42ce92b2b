import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How a program is started. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Longer than any run: a program that hangs is a failure. */
const TIMEOUT_MS = 180_000
const LONGEST_END_MS = 5000

/** A program in any language that reports by lines of JSON on stdout, and waits for the end of its stdin when it is done. */
export class ReportingProgram {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #lines: AsyncIterator<string>
  #stderr = ''

  private constructor(name: string, { file, args, env }: Command) {
    this.#name = name
    this.#child = spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin?.on('error', () => undefined) // it may be gone already
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000)
    })
    const { stdout } = this.#child
    if (stdout === null) throw new Error(`${name} has no stdout`)
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  }

  /** Starts it. Resolves when it reports for the first time. */
  static async start(name: string, command: Command): Promise<ReportingProgram> {
    const program = new ReportingProgram(name, command)
    await once(program.#child, 'spawn')
    try {
      await program.next()
    } catch (error) {
      await program.stop()
      throw error
    }
    return program
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it reports next. */
  async next<T>(timeoutMs: number = TIMEOUT_MS): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${this.#name} has reported nothing for ${timeoutMs / 1000} s`))
      }, timeoutMs)
    })
    try {
      const { done, value } = await Promise.race([this.#lines.next(), timeout])
      if (done === true) throw new Error(`${this.#name} has ended: ${this.#stderr.trim()}`)
      return JSON.parse(value) as T
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends it: by SIGTERM, unless it does not listen. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), LONGEST_END_MS)
    await closed
    clearTimeout(timer)
  }
}
