import { afterAll, beforeAll, describe } from 'vitest'
import { GearmanServer } from '../../src/server/index.ts'
import { describeWithGearmand, type Gearmand, startGearmand } from './gearmand.ts'
import { RawPeer } from './raw-peer.ts'

/** A job server that a suite runs against. */
export interface Backend {
  /** Which one. */
  readonly name: 'the bundled server' | 'gearmand'
  readonly port: number
  /** As a host list takes it. */
  readonly address: string
}

/** One suite against the bundled server, and against a real gearmand where there is one. */
export function describeBackends(name: string, body: (backend: Backend) => void): void {
  describe(`${name}, against the bundled server`, () => {
    let server: GearmanServer
    const backend = makeBackend('the bundled server', () => server.address?.port)
    beforeAll(async () => {
      server = new GearmanServer({ port: 0 })
      await server.listen()
    })
    afterAll(() => server.close())
    body(backend)
  })
  describeWithGearmand(`${name}, against gearmand`, () => {
    let gearmand: Gearmand | undefined
    const backend = makeBackend('gearmand', () => gearmand?.port)
    beforeAll(async () => {
      gearmand = await startGearmand()
    })
    afterAll(() => gearmand?.stop())
    body(backend)
  })
}

function makeBackend(name: Backend['name'], readPort: () => number | undefined): Backend {
  const port = (): number => {
    const now = readPort()
    if (now === undefined) throw new Error('the server runs only while tests do')
    return now
  }
  return {
    name,
    get port() {
      return port()
    },
    get address() {
      return `127.0.0.1:${port()}`
    },
  }
}

/** The answer of a server to one text command. */
export async function askServer(
  { port }: { readonly port: number },
  command: string,
): Promise<string[]> {
  const peer = await RawPeer.connect(port)
  try {
    return await peer.command(command)
  } finally {
    peer.destroy()
    await peer.closed
  }
}

/** The row of a task in the answer to `status`: jobs, running jobs, workers. */
export async function taskStatus(
  backend: Backend,
  task: string,
): Promise<{ readonly jobs: number; readonly running: number; readonly workers: number }> {
  const rows = await askServer(backend, 'status')
  const row = rows.find((line) => line.startsWith(`${task}\t`))
  const [, jobs = 0, running = 0, workers = 0] = (row ?? '').trim().split('\t').map(Number)
  return { jobs, running, workers }
}
