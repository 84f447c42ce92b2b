import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { DemoError } from './demo-error.ts'

const WORKER_FILE = fileURLToPath(new URL('worker.ts', import.meta.url))
const KILL_AFTER_MS = 3000

/** The workers of the demo, each a process of its own; gone when it is disposed of. */
export class WorkerProcesses implements AsyncDisposable {
  readonly #children: readonly ChildProcess[]
  readonly #lost = new AbortController()

  /** Starts them. They connect by themselves, and wait for a server as long as it takes. */
  constructor(hostList: string, names: readonly string[]) {
    this.#children = names.map((name) => {
      // Node's flags go to the child: it runs TypeScript if this process does.
      const child = fork(WORKER_FILE, [hostList, name], { stdio: ['ignore', 2, 2, 'ipc'] })
      child.once('error', (error) => this.#onLost(name, error.message))
      child.once('exit', (code, signal) => this.#onLost(name, `it ended with ${signal ?? code}`))
      return child
    })
  }

  /** Aborts when a worker ends by itself: whoever waits for its jobs would wait in vain. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** Lets go of them, and waits until they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(stop))
  }

  #onLost(name: string, reason: string): void {
    this.#lost.abort(new DemoError(`worker ${name} is lost: ${reason}`))
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  if (child.connected) child.disconnect()
  await gone
  clearTimeout(timer)
}
