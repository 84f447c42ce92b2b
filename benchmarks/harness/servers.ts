import { findGearmand, startGearmand } from '../../test/helpers/gearmand.ts'
import { startProcess } from './processes.ts'

/** A server that runs in a process of its own. */
export interface RunningServer {
  readonly address: string
  /** Its process id: what memory and processor time are read by. */
  readonly pid: number
  stop(): Promise<void>
}

/** How a server is started; each kind takes its own. */
export interface StartOptions {
  /** Arguments for gearmand's command line. */
  readonly gearmand?: readonly string[]
  /** Options of `GearmanServer`, as far as they can be written as JSON. */
  readonly bundled?: Readonly<Record<string, unknown>>
}

/** A kind of server to measure against. */
export interface BenchmarkServer {
  readonly name: string
  start(options?: StartOptions): Promise<RunningServer>
}

/** gearmand, when it is installed, and the bundled server. */
export function availableServers(): BenchmarkServer[] {
  const bundled: BenchmarkServer = { name: 'bundled server', start: startBundled }
  return findGearmand() === undefined
    ? [bundled]
    : [{ name: 'gearmand', start: startInstalled }, bundled]
}

async function startInstalled({ gearmand = [] }: StartOptions = {}): Promise<RunningServer> {
  const server = await startGearmand({ args: gearmand })
  const { host, port, pid = 0 } = server
  return { address: `${host}:${port}`, pid, stop: () => server.stop('SIGKILL') }
}

async function startBundled({ bundled = {} }: StartOptions = {}): Promise<RunningServer> {
  const server = startProcess(new URL('./server-process.ts', import.meta.url), [
    JSON.stringify(bundled),
  ])
  return { address: await server.next<string>(), pid: server.pid, stop: () => server.stop() }
}
