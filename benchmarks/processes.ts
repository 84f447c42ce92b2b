import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Measured is what users get, the built package: this configuration does not map its name to the sources. */
const BUILT = { TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.json', import.meta.url)) }

/** A process of the benchmark that reports over IPC. */
export interface BenchmarkProcess {
  readonly pid: number
  /** The next message that it sends; rejects when it ends instead. */
  next<T>(): Promise<T>
  /** Ends it. */
  stop(): Promise<void>
}

/** Starts a TypeScript file of this folder as a process of its own. */
export function startProcess(file: string, args: readonly string[]): BenchmarkProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, args, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...BUILT },
  })
  return {
    pid: child.pid ?? 0,
    next: () => nextMessage(child, file),
    stop: () => stopProcess(child),
  }
}

function nextMessage<T>(child: ChildProcess, file: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      child.off('message', onMessage)
      reject(new Error(`${file} ended with code ${code}`))
    }
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit)
      resolve(message as T)
    }
    child.once('exit', onExit)
    child.once('message', onMessage)
  })
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
