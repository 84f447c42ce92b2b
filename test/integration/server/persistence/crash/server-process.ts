import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { bundleServer } from './bundle-server.ts'
import type { StoreSpec } from './store-kinds.ts'

const PROGRAM = await bundleServer()

/** A job server in a process of its own. */
export class ServerProcess {
  readonly port: number
  /** How many jobs were in its store when it started. */
  readonly replayed: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, line: string) {
    const [port, replayed] = line.split(' ').map(Number)
    this.#child = child
    this.port = port ?? 0
    this.replayed = replayed ?? 0
  }

  /** Resolves when the server listens; rejects when it does not start, with what it said. */
  static async start({ kind, place }: StoreSpec): Promise<ServerProcess> {
    const child = spawn(process.execPath, [PROGRAM, kind, place], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdout.setEncoding('utf8')
    const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
    if (typeof line !== 'string') throw new Error(`the server did not start: ${stderr}`)
    return new ServerProcess(child, line)
  }

  /** Ends the process by a signal; resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const closed = once(this.#child, 'close')
    this.#child.kill(signal)
    await closed
  }
}
