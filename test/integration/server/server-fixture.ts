import { onTestFinished } from 'vitest'
import { GearmanServer, type ServerOptions } from '../../../src/server/index.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'

/** A server that listens until the test is over. */
export interface ServerSetup {
  readonly server: GearmanServer
  readonly port: number
  /** Connects to it until the test is over. */
  readonly peer: () => Promise<RawPeer>
}

/** A server of this process on a free port. */
export async function useServer(options: ServerOptions = {}): Promise<ServerSetup> {
  const server = new GearmanServer({ jobHandlePrefix: 'H:test', ...options, port: 0 })
  const { port } = await server.listen()
  onTestFinished(() => server.close())
  return { server, port, peer: () => usePeer(port) }
}

async function usePeer(port: number): Promise<RawPeer> {
  const peer = await RawPeer.connect(port)
  onTestFinished(() => peer.destroy())
  return peer
}

/** The next event of a name. */
export function nextEvent<Event>(on: (listener: (event: Event) => void) => void): Promise<Event> {
  return new Promise((resolve) => on(resolve))
}
