import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { ConnectionError, InvalidArgumentError } from '../errors.ts'
import type { ResolvedServerOptions } from './server-options.ts'

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
}

/** The listening socket, and all sockets that it accepted, those in the middle of a handshake too. */
export class ServerListener {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #options: ResolvedServerOptions

  /** @throws InvalidArgumentError about a key or certificate that is none */
  constructor(options: ResolvedServerOptions, handler: ListenerHandler) {
    this.#options = options
    const onSocket = (socket: Socket): void => handler.onSocket(socket)
    this.#server =
      options.tls === undefined
        ? createServer({ keepAlive: true, noDelay: true }, onSocket)
        : openTls(options.tls, onSocket)
    this.#server.on('connection', (socket) => this.#track(socket))
    this.#server.on('tlsClientError', (error: Error) => handler.onError(error))
    this.#server.on('error', (error) => {
      if (this.#server.listening) handler.onError(error)
    })
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
      this.#server.close(() => resolve())
    })
  }

  /** Cuts off all sockets at once. */
  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

function openTls(options: TlsOptions, onSocket: (socket: Socket) => void): Server {
  try {
    return createTlsServer(options, onSocket)
  } catch (error) {
    throw refusedTls(error)
  }
}

function refusedTls(cause: unknown): InvalidArgumentError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new InvalidArgumentError('tls', `cannot be used: ${reason}`, { cause })
}
