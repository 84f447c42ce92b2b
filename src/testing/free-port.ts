import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * Ports are drawn from below the range that Linux gives to outgoing connections. From inside it, a client that
 * redials a stopped server can connect to itself and so take the server's port.
 */
const FIRST_PORT = 20_000
const LAST_PORT = 32_000

/**
 * A port of 127.0.0.1 on which nobody listens now, for a server that is to come back there: no client that redials
 * it meanwhile can be given it as its own.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = drawPort()
    if (await isPortFree(port)) return port
  }
}

/**
 * @internal Lets a server listen on such a port.
 *
 * @throws what `listen` reports, unless it is that somebody else has the port
 */
export async function listenOnFreePort(server: Server): Promise<number> {
  for (;;) {
    const port = drawPort()
    server.listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

function drawPort(): number {
  return FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1))
}

/** @internal Whether nobody listens on a port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true })
    await once(server, 'listening')
  } catch {
    return false // in use; the caller tries another
  }
  server.close()
  await once(server, 'close')
  return true
}
