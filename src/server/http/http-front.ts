import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ConnectionError } from '../../errors.ts'
import { SERVER_VERSION } from '../version.ts'
import { HttpConnection } from './http-connection.ts'
import { type HttpContext, HttpExchange } from './http-exchange.ts'

/** Where to listen. */
export interface HttpFrontOptions {
  readonly host: string
  readonly port: number
  readonly backlog: number
  /** TCP keepalive: who waits long for an answer is found to have vanished. */
  readonly keepAlive: boolean
  readonly keepAliveIdleMs: number
  readonly maxConnections: number
  /** How long a connection without a request is kept, if that is shorter than usual. */
  readonly idleTimeoutMs: number
}

/** What a front calls. */
export interface HttpFrontHandler {
  /** The number of a new connection. */
  nextId(): number
  /** A client connected. */
  onOpened(connection: HttpConnection): void
  /** A client is gone; its jobs know. */
  onClosed(connection: HttpConnection, error: Error | undefined): void
  /** A client was turned away: there are too many. */
  onRefused(event: { readonly address: string }): void
  /** The listening socket failed after it was open. */
  onError(error: Error): void
}

/** Twice gearmand's room for the head of a request. */
const MAX_HEADER_BYTES = 16_384
/** The head of a request comes at once, or never. */
const HEADERS_TIMEOUT_MS = 60_000
/** A large body on a slow line takes its time, as long as it goes on. */
const NO_REQUEST_TIMEOUT = 0
/** Longer than proxies keep theirs: who closes first does not lose a request that is on its way. */
const KEEP_ALIVE_MS = 75_000
/** How long a client may take to read its last answer. */
const LINGER_MS = 500

/** Jobs over HTTP: the listening socket, its connections, and the requests on them. */
export class HttpFront {
  readonly #server: Server
  readonly #options: HttpFrontOptions
  readonly #context: HttpContext
  readonly #handler: HttpFrontHandler
  readonly #connections = new Map<Socket, HttpConnection>()
  #drained: Promise<void> | undefined

  constructor(options: HttpFrontOptions, context: HttpContext, handler: HttpFrontHandler) {
    this.#options = options
    this.#context = context
    this.#handler = handler
    this.#server = createServer({
      keepAlive: options.keepAlive,
      keepAliveInitialDelay: options.keepAliveIdleMs,
      noDelay: true,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Clients that gearmand serves may lack it.
      requireHostHeader: !context.isCompatible,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: NO_REQUEST_TIMEOUT,
      keepAliveTimeout: Math.min(KEEP_ALIVE_MS, options.idleTimeoutMs),
    })
    if (options.maxConnections !== Number.POSITIVE_INFINITY) {
      this.#server.maxConnections = options.maxConnections
    }
    this.#server.on('drop', (drop) => handler.onRefused({ address: drop?.remoteAddress ?? '-' }))
    this.#server.on('connection', (socket) => this.#onConnection(socket))
    this.#server.on('request', (request, response) => this.#onRequest(request, response, false))
    this.#server.on('checkContinue', (request, response) => {
      this.#onRequest(request, response, true)
    })
    this.#server.on('error', (error) => {
      if (this.#server.listening) handler.onError(error)
    })
  }

  /** The connections, the oldest first. The text command `workers` lists them, as gearmand does. */
  get connections(): Iterable<HttpConnection> {
    return this.#connections.values()
  }

  /**
   * Opens the port.
   *
   * Rejects with ConnectionError, whose cause is the socket's error, when that is not possible.
   */
  open(): Promise<{ readonly host: string; readonly port: number }> {
    const { host, port, backlog } = this.#options
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => {
        const server = `${host}:${port}`
        const message = `cannot listen on ${server} for HTTP: ${error.message}`
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

  /**
   * Accepts nobody any more, and closes each connection when nothing on it waits for an answer. Resolves
   * when the last one is gone.
   */
  drain(): Promise<void> {
    if (this.#drained !== undefined) return this.#drained
    this.#drained = new Promise((resolve) => {
      // The callback gets an error when the port was never open: then there is nothing to close.
      this.#server.close(() => resolve())
    })
    for (const connection of this.connections) connection.drain()
    return this.#drained
  }

  /** Closes all connections. Answers that are on their way are sent; where none is, the client is cut off. */
  async close(): Promise<void> {
    const drained = this.drain()
    for (const connection of this.connections) connection.close()
    const timer = setTimeout(() => this.#server.closeAllConnections(), LINGER_MS)
    await drained
    clearTimeout(timer)
  }

  #onConnection(socket: Socket): void {
    const connection = new HttpConnection(socket, this.#handler.nextId())
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      this.#connections.delete(socket)
      connection.leave()
      this.#handler.onClosed(connection, socket.errored ?? undefined)
    })
    this.#handler.onOpened(connection)
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, isPatient: boolean): void {
    const connection = this.#connections.get(request.socket)
    // What was read of a connection that is gone by now.
    if (connection === undefined) return
    const { peer, exchanges } = connection
    const exchange = new HttpExchange(request, response, peer, this.#context)
    exchanges.add(exchange)
    response.setHeader('Server', `Gearman/${SERVER_VERSION}`)
    response.once('close', () => {
      exchange.leave()
      exchanges.delete(exchange)
      if (this.#drained !== undefined) connection.drain()
    })
    if (this.#drained !== undefined) exchange.endConnection()
    exchange.start(isPatient)
  }
}
