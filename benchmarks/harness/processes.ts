import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Measured is what users get, the built package: this configuration does not map its name to the sources. */
const BUILT = { TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) }

/** A process of the benchmark that reports over IPC. */
export interface BenchmarkProcess {
  readonly pid: number
  /** Sends a message to it: `process.on('message', ...)` there. */
  send(message: object): void
  /** The next message that it sends; rejects when it ends instead. */
  next<T>(): Promise<T>
  /** Ends it. */
  stop(): Promise<void>
}

/** Starts a TypeScript file as a process of its own: `new URL('./x-process.ts', import.meta.url)`. */
export function startProcess(file: URL, args: readonly string[]): BenchmarkProcess {
  const path = fileURLToPath(file)
  const child = fork(path, args, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...BUILT },
  })
  const inbox = new Inbox(child, path)
  return {
    pid: child.pid ?? 0,
    send: (message) => child.send(message),
    next: <T>() => inbox.next() as Promise<T>,
    stop: () => stopProcess(child),
  }
}

/** Keeps messages until somebody asks for them: several may come at once. */
class Inbox {
  readonly #messages: unknown[] = []
  #wanted: { resolve(message: unknown): void; reject(error: Error): void } | undefined
  #ended: Error | undefined

  constructor(child: ChildProcess, file: string) {
    child.on('message', (message) => {
      if (this.#wanted === undefined) this.#messages.push(message)
      else this.#wanted.resolve(message)
      this.#wanted = undefined
    })
    child.once('exit', (code) => {
      this.#ended = new Error(`${file} ended with code ${code}`)
      this.#wanted?.reject(this.#ended)
    })
  }

  async next(): Promise<unknown> {
    if (this.#messages.length > 0) return this.#messages.shift()
    if (this.#ended !== undefined) throw this.#ended
    return await new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject }
    })
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
