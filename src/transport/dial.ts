import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { ReadBlock } from './read-block.ts'

/** Where to, and how. */
export interface DialOptions {
  /** Host name or address; the name is looked up at each dial, IPv6 and IPv4. */
  readonly host: string
  /** TCP port. */
  readonly port: number
  /** Given: TLS, with the server's certificate verified unless these options say otherwise. */
  readonly tls: ConnectionOptions | undefined
  /** Looks the name up. Default: Node's. */
  readonly lookup?: LookupFunction | undefined
  /** Where the socket reads to, instead of giving its data as a stream does. Somebody must listen when it is open. */
  readonly reads?: ReadBlock | undefined
  /** Ends the attempt; its socket is destroyed. */
  readonly signal: AbortSignal
}

/** How long a silent TCP connection rests before the kernel probes it. */
const KEEP_ALIVE_DELAY_MS = 60_000

/** How long one address of several is tried before the next one is: Node's 250 ms are too few for far servers. */
const ADDRESS_TIMEOUT_MS = 1000

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
      socket.destroy()
      settle(() => reject(signal.reason))
    }
    // For good: an error before somebody listens, or after an abort, must not end the process.
    socket.on('error', ignore)
    socket.once('error', onError)
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      // Not as options: TLS sockets do not know them.
      socket.setNoDelay(true)
      socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
      settle(() => resolve(socket))
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

function openSocket(options: DialOptions): Socket {
  const { host, port, tls, lookup, reads } = options
  const target = {
    ...{ host, port, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS },
    ...(lookup === undefined ? {} : { lookup }),
    ...(reads === undefined ? {} : { onread: reads.option }),
  }
  return tls === undefined
    ? connectTcp(target)
    : connectTls({ servername: servername(host), ...tls, ...target })
}

function ignore(): void {
  // Whoever holds the socket finds the error in `socket.errored`.
}

/** TLS allows a name here, not an address (RFC 6066, section 3). */
function servername(host: string): string {
  return /^[\d.]+$/.test(host) || host.includes(':') ? '' : host
}
