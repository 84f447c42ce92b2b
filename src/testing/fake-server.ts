import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { createDeferred } from '../core/deferred.ts'
import { FakePeer } from './fake-peer.ts'

/** What one connection does: it begins when the connection is there. */
export type FakeScript = (peer: FakePeer) => Promise<void> | void

/** How a fake server behaves beside its scripts. */
export interface FakeServerOptions {
  /** Answer OPTION_REQ and ECHO_REQ as a healthy server does, unseen by `expect`. Default true. */
  readonly autoAnswer?: boolean
  /** What connections after the last script do. Default: they are closed at once. */
  readonly otherwise?: FakeScript
  /** Speak TLS. */
  readonly tls?: TlsOptions
}

/**
 * A server that does what a test tells it, connection by connection: what no healthy server does, at the moment that
 * the test chooses.
 *
 * ```ts
 * await using server = await FakeServer.start([
 *   async (peer) => {
 *     await peer.expect('SUBMIT_JOB')
 *     peer.reset() // taken, and gone before the answer
 *   },
 * ])
 * ```
 */
export class FakeServer implements AsyncDisposable {
  /** Each connection's peer, in order. */
  readonly peers: FakePeer[] = []
  readonly #listener: Server
  readonly #scripts: readonly FakeScript[]
  readonly #options: FakeServerOptions
  readonly #sockets = new Set<Socket>()
  readonly #running: Promise<void>[] = []
  readonly #allEnded = createDeferred<void>()
  #endedScripts = 0
  #failure: Error | undefined
  #isClosing = false

  private constructor(scripts: readonly FakeScript[], options: FakeServerOptions) {
    this.#scripts = scripts
    this.#options = options
    this.#listener = options.tls === undefined ? createServer() : createTlsServer(options.tls)
    const event = options.tls === undefined ? 'connection' : 'secureConnection'
    this.#listener.on(event, (socket: Socket) => this.#onConnection(socket))
    this.#allEnded.promise.catch(() => undefined) // done() and close() report it
    if (scripts.length === 0) this.#allEnded.resolve()
  }

  /**
   * Starts one on a free loopback port.
   *
   * @param scripts - what each connection does, in the order in which they come
   */
  static async start(
    scripts: readonly FakeScript[],
    options: FakeServerOptions = {},
  ): Promise<FakeServer> {
    const server = new FakeServer(scripts, options)
    server.#listener.listen(0, '127.0.0.1')
    await once(server.#listener, 'listening')
    return server
  }

  /** The port on 127.0.0.1. */
  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  /** The address as a host list takes it. */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** How many connections came. */
  get connectionCount(): number {
    return this.peers.length
  }

  /** Settles when every script has run to its end; rejects with what the first failing one threw. */
  done(): Promise<void> {
    return this.#allEnded.promise
  }

  /** Closes the port and every connection; rejects with what a script threw before. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true
      const closed = once(this.#listener, 'close')
      this.#listener.close()
      for (const socket of this.#sockets) socket.destroy()
      await closed
    }
    await Promise.all(this.#running)
    this.#allEnded.resolve()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #onConnection(socket: Socket): void {
    const script = this.#scripts[this.peers.length] ?? this.#options.otherwise
    const isScripted = this.peers.length < this.#scripts.length
    const peer = new FakePeer(socket, { autoAnswer: this.#options.autoAnswer ?? true })
    this.peers.push(peer)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    if (script === undefined) socket.destroy()
    else this.#running.push(this.#run(script, peer, socket, isScripted))
  }

  async #run(script: FakeScript, peer: FakePeer, socket: Socket, counts: boolean): Promise<void> {
    try {
      await script(peer)
    } catch (error) {
      socket.destroy()
      // A script that still waits when the test is over has not failed.
      if (this.#isClosing) return
      this.#failure ??= error as Error
      this.#allEnded.reject(error)
    }
    if (counts) this.#endedScripts += 1
    if (this.#endedScripts === this.#scripts.length) this.#allEnded.resolve()
  }
}
