import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** Where to, and how. */
export interface DialOptions {
  /** Host name or address; the name is looked up at each dial, IPv6 and IPv4. */
  readonly host: string
  /** TCP port. */
  readonly port: number
  /** Given: TLS, with the server's certificate verified unless these options say otherwise. */
  readonly tls: ConnectionOptions | undefined
  /** Ends the attempt; its socket is destroyed. */
  readonly signal: AbortSignal
}

/** How long a silent TCP connection rests before the kernel probes it. */
const KEEP_ALIVE_DELAY_MS = 60_000

/**
 * Opens one TCP or TLS connection.
 *
 * Rejects with the socket's error, or with the signal's reason. Nothing is left open then.
 */
export function dial(options: DialOptions): Promise<Socket> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const socket = openSocket(options)
    const settle = (outcome: () => void): void => {
      socket.off('error', onError)
      signal.removeEventListener('abort', onAbort)
      outcome()
    }
    const onError = (error: Error): void => settle(() => reject(error))
    const onAbort = (): void => {
      // What the socket still has to say after its destruction interests nobody.
      socket.on('error', () => undefined)
      socket.destroy()
      settle(() => reject(signal.reason))
    }
    socket.once('error', onError)
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      settle(() => resolve(socket))
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

function openSocket(options: DialOptions): Socket {
  const { host, port, tls } = options
  const target = {
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  }
  return tls === undefined
    ? connectTcp(target)
    : connectTls({ servername: servername(host), ...tls, ...target })
}

/** TLS allows a name here, not an address (RFC 6066, section 3). */
function servername(host: string): string {
  return /^[\d.]+$/.test(host) || host.includes(':') ? '' : host
}
