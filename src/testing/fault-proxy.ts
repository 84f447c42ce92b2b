import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { checkDuration, checkInteger, checkLimit } from '../core/checks.ts'
import { type FaultDirection, FaultFlow } from './fault-flow.ts'
import { FaultPipe } from './fault-pipe.ts'
import { listenOnFreePort } from './free-port.ts'
import { isClosed, resetSocket } from './reset-socket.ts'

interface Link {
  readonly client: Socket
  readonly server: Socket
}

/** Where a {@link FaultProxy} leads. */
export interface FaultTarget {
  /** The server's host. Default `127.0.0.1`. */
  readonly host?: string
  /** Its port. */
  readonly port: number
}

/**
 * A TCP proxy on loopback between clients and a server, to break what is between them: it delays, splits, drops,
 * freezes, half-closes, resets, refuses, and counts. It knows nothing of Gearman.
 *
 * ```ts
 * await using proxy = await FaultProxy.start({ port: 4730 })
 * await using client = new GearmanClient(proxy.address)
 * const result = client.do('task', 'data')
 * proxy.cut()
 * ```
 */
export class FaultProxy implements AsyncDisposable {
  /** How many connections were ever accepted. */
  connectionCount = 0
  readonly #target: { readonly host: string; readonly port: number }
  readonly #links = new Set<Link>()
  readonly #flows = { 'to-server': new FaultFlow(), 'to-client': new FaultFlow() }
  #listener: Server = createServer()
  #port = 0

  private constructor(target: FaultTarget) {
    // Field by field: those of a server may be getters.
    const { host = '127.0.0.1', port } = target
    this.#target = { host, port: checkInteger('port', port, 1, 65_535) }
  }

  /**
   * Starts one on a free loopback port. The server need not be there yet.
   *
   * @throws InvalidArgumentError about the port of the server
   */
  static async start(target: FaultTarget): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    await proxy.listen()
    return proxy
  }

  /** The port on 127.0.0.1; it stays the same through {@link refuse} and {@link listen}. */
  get port(): number {
    return this.#port
  }

  /** The address as a host list takes it. */
  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** How many connections are open now. */
  get openCount(): number {
    return this.#links.size
  }

  /** Bytes passed on from clients to the server. */
  get bytesToServer(): number {
    return this.#flows['to-server'].passedBytes
  }

  /** Bytes passed on from the server to clients. */
  get bytesToClient(): number {
    return this.#flows['to-client'].passedBytes
  }

  /** Bytes that {@link drop} has thrown away, both ways together. */
  get droppedBytes(): number {
    return this.#flows['to-server'].droppedBytes + this.#flows['to-client'].droppedBytes
  }

  /** Accepts connections again after {@link refuse}, on the same port. */
  async listen(): Promise<void> {
    if (this.#listener.listening) return
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#onClient(client),
    )
    if (this.#port === 0) {
      this.#port = await listenOnFreePort(this.#listener)
    } else {
      this.#listener.listen(this.#port, '127.0.0.1')
      await once(this.#listener, 'listening')
    }
  }

  /** Refuses new connections; those that are open stay. */
  refuse(): void {
    if (this.#listener.listening) this.#listener.close()
  }

  /** Resets every open connection on both sides (ECONNRESET). */
  cut(): void {
    for (const { client, server } of this.#links) {
      resetSocket(client)
      resetSocket(server)
    }
    this.#links.clear()
  }

  /**
   * Ends one direction of every open connection, after what was passed on: its reader sees the end of the stream, and
   * may still send.
   *
   * @param direction - which way nothing comes any more. Default: from the server to its clients
   */
  halfClose(direction: FaultDirection = 'to-client'): void {
    for (const { client, server } of this.#links) {
      if (direction === 'to-client') client.end()
      else server.end()
    }
  }

  /**
   * Everything is on its way for so many milliseconds longer, in the order in which it came.
   *
   * @param delay - milliseconds; 0 ends it
   * @param direction - one way only. Default: both
   * @throws InvalidArgumentError about `delay`
   */
  delay(delay: number, direction?: FaultDirection): void {
    const delayMs = checkDuration('delay', delay)
    for (const flow of this.#chosen(direction)) flow.delayMs = delayMs
  }

  /**
   * Passes everything on in pieces of at most this many bytes, each of which can be read alone.
   *
   * @param bytes - 1 or more; `Infinity` ends it
   * @param direction - one way only. Default: both
   * @throws InvalidArgumentError about `bytes`
   */
  split(bytes: number, direction?: FaultDirection): void {
    const splitBytes = checkLimit('bytes', bytes, 1)
    for (const flow of this.#chosen(direction)) flow.splitBytes = splitBytes
  }

  /**
   * Passes nothing on any more and keeps it for {@link resume}; connections are still accepted. To both sides the
   * other one looks as if it had stopped.
   *
   * @param direction - one way only. Default: both
   */
  freeze(direction?: FaultDirection): void {
    for (const flow of this.#chosen(direction)) flow.freeze()
  }

  /**
   * Throws away what comes from now on, until {@link resume}. The connections are useless afterwards when that was in
   * the middle of a packet: {@link cut} them.
   *
   * @param direction - one way only. Default: both
   */
  drop(direction?: FaultDirection): void {
    for (const flow of this.#chosen(direction)) flow.isDropping = true
  }

  /**
   * Ends {@link freeze} and {@link drop}: passes on what was held back, and all that follows.
   *
   * @param direction - one way only. Default: both
   */
  resume(direction?: FaultDirection): void {
    for (const flow of this.#chosen(direction)) flow.resume()
  }

  /** Closes the port and cuts every connection. Idempotent. */
  async close(): Promise<void> {
    this.refuse()
    this.resume()
    const closing = [...this.#links].flatMap(({ client, server }) => [
      isClosed(client),
      isClosed(server),
    ])
    this.cut()
    await Promise.all(closing)
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #chosen(direction: FaultDirection | undefined): FaultFlow[] {
    return direction === undefined ? Object.values(this.#flows) : [this.#flows[direction]]
  }

  #onClient(client: Socket): void {
    this.connectionCount += 1
    const server = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    const link: Link = { client, server }
    this.#links.add(link)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => resetSocket(other))
      socket.once('close', () => this.#links.delete(link))
    }
    new FaultPipe(client, server, this.#flows['to-server'])
    new FaultPipe(server, client, this.#flows['to-client'])
  }
}
