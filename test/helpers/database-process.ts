/** A database server for tests: a child process on a loopback port of its own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { findBinary } from './gearmand.ts'

const READY_TIMEOUT_MS = 50_000
const POLL_MS = 20

/** How to run one. */
export interface DatabaseProgram {
  readonly command: string
  readonly args: readonly string[]
  /** Whether it answers. */
  isReady(): Promise<boolean>
}

/** One that runs, or was stopped. */
export class DatabaseProcess {
  readonly #program: DatabaseProgram
  #child: ChildProcess | undefined
  #output = ''

  private constructor(program: DatabaseProgram) {
    this.#program = program
  }

  /** Starts it; resolves when it answers. */
  static async start(program: DatabaseProgram): Promise<DatabaseProcess> {
    const database = new DatabaseProcess(program)
    await database.start()
    return database
  }

  /** The process, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts it again. */
  async start(): Promise<void> {
    const { command, args, isReady } = this.#program
    // As with gearmand: a runner that is killed leaves nothing behind.
    const setpriv = findBinary('setpriv', [])
    const wrapper = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']
    const [file = '', ...rest] = [...wrapper, command, ...args]
    const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    const collect = (chunk: Buffer): void => {
      this.#output = (this.#output + String(chunk)).slice(-10_000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    this.#child = child
    child.once('close', () => {
      if (this.#child === child) this.#child = undefined
    })
    const deadline = Date.now() + READY_TIMEOUT_MS
    while (!(await isReady())) {
      if (this.#child !== child || Date.now() > deadline) {
        await this.stop('SIGKILL')
        throw new Error(`${command} does not answer; it wrote: ${this.#output}`)
      }
      await sleep(POLL_MS)
    }
  }

  /** Kills it and starts it again. */
  async restart(): Promise<void> {
    await this.stop('SIGKILL')
    await this.start()
  }

  /** Sends a signal, and waits for nothing. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** Ends it; resolves when it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }
}
