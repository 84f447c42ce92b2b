import { type AddressInfo, createServer, type Server, type ServerOpts, type Socket } from 'node:net'
import {
  createSecureContext,
  createServer as createTlsServer,
  type TLSSocket,
  Server as TlsServer,
} from 'node:tls'
import { failureReason } from '../core/failure-reason.ts'
import { ConnectionError, InvalidArgumentError } from '../errors.ts'
import { DescriptorWatch } from './descriptor-watch.ts'
import { HandshakeWatch } from './handshake-watch.ts'
import { checkTls, type ResolvedServerOptions } from './resolved-server-options.ts'
import type { ServerTlsOptions } from './server-options.ts'

/** A timer of Node that is set to more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Where a server listens. */
export interface ServerEndpoint {
  /** The address; with TLS or without. */
  readonly host: string
  /** The TCP port. */
  readonly port: number
}

/** What a listener calls. */
export interface ListenerHandler {
  /** A peer is connected; with TLS: its handshake is done. */
  onSocket(socket: Socket): void
  /** The listening socket or a handshake failed. */
  onError(error: Error): void
  /** A peer was turned away: there are too many. */
  onRefused(event: { readonly address: string }): void
}

/** The listening socket, and all sockets that it accepted, those in the middle of a handshake too. */
export class ServerListener {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #options: ResolvedServerOptions
  readonly #handler: ListenerHandler
  readonly #handshakes: HandshakeWatch | undefined
  /** Of so many handshakes it was told already why they fail. */
  #overdueCount = 0
  /** The address of the socket whose 'close' is being told. */
  #closingAddress: string | undefined

  /** @throws InvalidArgumentError about a key or certificate that is none */
  constructor(options: ResolvedServerOptions, handler: ListenerHandler) {
    this.#options = options
    this.#handler = handler
    this.#handshakes = options.tls === undefined ? undefined : this.#watchHandshakes()
    const onSocket = (socket: Socket): void => {
      this.#handshakes?.end(socket)
      handler.onSocket(socket)
    }
    const descriptors = new DescriptorWatch((error) => handler.onError(error))
    this.#server = openServer(options, onSocket)
    if (options.maxConnections !== Number.POSITIVE_INFINITY) {
      this.#server.maxConnections = options.maxConnections
    }
    this.#server.on('connection', (socket) => {
      this.#track(socket)
      if (this.#handshakes !== undefined) this.#noteAddress(socket)
      this.#handshakes?.begin(socket)
      descriptors.check()
    })
    this.#server.on('drop', (drop) => handler.onRefused({ address: drop?.remoteAddress ?? '-' }))
    this.#server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      this.#onHandshakeError(error, socket)
    })
    this.#server.on('error', (error) => {
      if (this.#server.listening) handler.onError(error)
    })
  }

  /** Takes new certificates into use. @throws InvalidArgumentError about them; the old ones stay then */
  reloadTls(options: ServerTlsOptions): void {
    if (!(this.#server instanceof TlsServer)) {
      throw new InvalidArgumentError('tls', 'cannot be changed: the server was made without it')
    }
    const checked = checkTls(options)
    if (checked === undefined) throw new InvalidArgumentError('tls', 'must be given')
    try {
      // setSecureContext() stores the options one by one before it looks at them.
      createSecureContext(checked)
    } catch (error) {
      throw refusedTls(error)
    }
    this.#server.setSecureContext(checked)
  }

  /**
   * Opens the port.
   *
   * Rejects with ConnectionError, whose cause is the socket's error, when that is not possible.
   */
  open(): Promise<ServerEndpoint> {
    const { host, port, backlog } = this.#options
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => {
        const server = `${host}:${port}`
        const message = `cannot listen on ${server}: ${error.message}`
        reject(new ConnectionError(message, { server, cause: error }))
      }
      this.#server.once('error', onError)
      this.#server.listen({ host, port, backlog }, () => {
        this.#server.off('error', onError)
        const address = this.#server.address() as AddressInfo
        resolve({ host: address.address, port: address.port })
      })
    })
  }

  /** Accepts nobody any more. Resolves when the port is closed and all sockets are gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      // The callback gets an error when the port was never open: then there is nothing to close.
      this.#server.close(() => {
        this.#handshakes?.stop()
        resolve()
      })
    })
  }

  /** Cuts off all sockets at once. */
  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #watchHandshakes(): HandshakeWatch {
    const { handshakeTimeoutMs } = this.#options
    return new HandshakeWatch(handshakeTimeoutMs, ({ remoteAddress: address = '-' }) => {
      this.#overdueCount += 1
      const message = `TLS handshake with ${address} failed: not done within ${handshakeTimeoutMs} ms`
      this.#handler.onError(new ConnectionError(message, { server: address }))
    })
  }

  #onHandshakeError(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    // "socket hang up": that of a handshake which was ended here.
    if (error.code === 'ECONNRESET' && this.#overdueCount > 0) this.#overdueCount -= 1
    else this.#handler.onError(handshakeError(error, socket, this.#closingAddress))
  }

  /**
   * A TLS socket that Node has closed, since it refused the client's certificate, knows no address any more.
   * It tells of its end inside the 'close' of the socket below it.
   */
  #noteAddress(socket: Socket): void {
    const { remoteAddress } = socket
    socket.prependListener('close', () => {
      this.#closingAddress = remoteAddress
      process.nextTick(() => {
        this.#closingAddress = undefined
      })
    })
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

function openServer(options: ResolvedServerOptions, onSocket: (socket: Socket) => void): Server {
  const socketOptions: ServerOpts = {
    // A peer that has closed its side gets its answers all the same.
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: options.keepAlive,
    keepAliveInitialDelay: options.keepAliveIdleMs,
  }
  if (options.tls === undefined) return createServer(socketOptions, onSocket)
  try {
    // The limit is kept by HandshakeWatch, unless somebody asks for Node's as well.
    const handshakeTimeout = MAX_TIMER_MS
    return createTlsServer({ handshakeTimeout, ...options.tls, ...socketOptions }, onSocket)
  } catch (error) {
    throw refusedTls(error)
  }
}

/** Node tells of a client's certificate that it refused only on the socket. */
function handshakeError(
  cause: Error,
  socket: TLSSocket | undefined,
  closingAddress: string | undefined,
): ConnectionError {
  const address = socket?.remoteAddress ?? closingAddress
  // Its type says Error; it is a code.
  const refusal: unknown = socket?.authorizationError
  const reason = refusal ? `its certificate is refused: ${String(refusal)}` : failureReason(cause)
  const message = `TLS handshake with ${address ?? 'a client'} failed: ${reason}`
  return new ConnectionError(message, { cause, ...(address !== undefined && { server: address }) })
}

function refusedTls(cause: unknown): InvalidArgumentError {
  const reason = cause instanceof Error ? failureReason(cause) : String(cause)
  return new InvalidArgumentError('tls', `cannot be used: ${reason}`, { cause })
}
