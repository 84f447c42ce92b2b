import { fileURLToPath } from 'node:url'
import { TestServerProcess } from 'gearman-sdk/testing'
import { startGearmand } from '../../../test/helpers/gearmand.ts'

const COMMAND = fileURLToPath(new URL('../../../dist/cli.mjs', import.meta.url))

/** A server in a process of its own that comes back at its port. */
export interface StandingServer {
  readonly port: number
  signal(name: NodeJS.Signals): void
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
}

/** Starts a server of the kind that a benchmark calls by that name. */
export async function startStanding(kind: string): Promise<StandingServer> {
  if (kind === 'gearmand') return await startGearmand()
  return await TestServerProcess.start({
    command: process.execPath,
    args: (port) => [COMMAND, 'server', '--listen=127.0.0.1', `--port=${port}`],
  })
}
