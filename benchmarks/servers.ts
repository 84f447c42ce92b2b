import { findGearmand, startGearmand } from '../test/helpers/gearmand.ts'
import { startProcess } from './processes.ts'

/** A server that runs. */
export interface RunningServer {
  readonly address: string
  stop(): Promise<void>
}

/** A kind of server to measure against. */
export interface BenchmarkServer {
  readonly name: string
  start(): Promise<RunningServer>
}

/** gearmand, when it is installed, and the bundled server. */
export function availableServers(): BenchmarkServer[] {
  const bundled: BenchmarkServer = { name: 'bundled server', start: startBundled }
  return findGearmand() === undefined
    ? [bundled]
    : [{ name: 'gearmand', start: startInstalled }, bundled]
}

async function startInstalled(): Promise<RunningServer> {
  const server = await startGearmand()
  return { address: `${server.host}:${server.port}`, stop: () => server.stop('SIGKILL') }
}

async function startBundled(): Promise<RunningServer> {
  const server = startProcess('./server-process.ts', [])
  return { address: await server.next<string>(), stop: () => server.stop() }
}
