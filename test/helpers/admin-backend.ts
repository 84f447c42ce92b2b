import { describe } from 'vitest'
import { GearmanServer, SERVER_VERSION } from '../../src/server/index.ts'
import { askText, describeWithGearmand, findFreePort, startGearmand } from './gearmand.ts'

/** A server that admin clients are tested against. */
export interface AdminBackend {
  readonly port: number
  readonly address: string
  /** What it calls itself. */
  readonly version: string
  /** The process that it runs in. */
  readonly pid: number | undefined
  /** Whether the command `shutdown` stops it. */
  readonly obeysShutdown: boolean
  /** Stops it; idempotent. */
  stop(): Promise<void>
  /** Starts it again on the same port. */
  restart(): Promise<void>
}

async function startBundled(): Promise<AdminBackend> {
  const port = await findFreePort()
  let server = new GearmanServer({ port })
  await server.listen()
  return {
    port,
    address: `127.0.0.1:${port}`,
    version: SERVER_VERSION,
    pid: process.pid,
    obeysShutdown: true,
    stop: () => server.close(),
    restart: async () => {
      await server.close()
      server = new GearmanServer({ port })
      await server.listen()
    },
  }
}

async function startReal(): Promise<AdminBackend> {
  const gearmand = await startGearmand()
  const [version = ''] = (await askText(gearmand.port, 'version')) ?? []
  return {
    port: gearmand.port,
    address: `127.0.0.1:${gearmand.port}`,
    version: version.replace(/^OK /, ''),
    get pid() {
      return gearmand.pid
    },
    obeysShutdown: false,
    stop: () => gearmand.stop(),
    restart: () => gearmand.restart(),
  }
}

/** Each kind of server, and how its suite is declared: without gearmand that suite is skipped. */
export const adminBackends: readonly {
  readonly name: string
  readonly describeBackend: (name: string, body: () => void) => void
  readonly start: () => Promise<AdminBackend>
}[] = [
  { name: 'the bundled server', describeBackend: describe, start: startBundled },
  { name: 'gearmand', describeBackend: describeWithGearmand, start: startReal },
]
