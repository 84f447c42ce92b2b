import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createDeferred, type Deferred } from '../../src/core/deferred.ts'
import { isClosed, resetSocket } from './reset-socket.ts'

interface Link {
  readonly client: Socket
  readonly server: Socket
}

/** A TCP proxy on loopback between a client and a server, to break what is between them. */
export class TcpProxy implements AsyncDisposable {
  /** Writes of at most this many bytes, each in a turn of its own. */
  splitBytes: number = Number.POSITIVE_INFINITY
  /** How many connections were ever accepted. */
  connectionCount = 0
  /** Bytes passed on from clients to the server. */
  bytesToServer = 0
  /** Bytes passed on from the server to clients. */
  bytesToClient = 0
  readonly #target: { readonly host: string; readonly port: number }
  readonly #links = new Set<Link>()
  #listener: Server = createServer()
  #port = 0
  #frozen: Deferred<void> | undefined

  constructor(target: { readonly host?: string; readonly port: number }) {
    this.#target = { host: '127.0.0.1', ...target }
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

  /** Accepts connections: at the start, and again after {@link refuse}. */
  async listen(): Promise<void> {
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#onClient(client),
    )
    this.#listener.listen(this.#port, '127.0.0.1')
    await once(this.#listener, 'listening')
    this.#port = (this.#listener.address() as AddressInfo).port
  }

  /** Refuses new connections; those that are open stay. */
  refuse(): void {
    if (this.#listener.listening) this.#listener.close()
  }

  /** Resets every open connection on both sides. */
  cut(): void {
    for (const { client, server } of this.#links) {
      resetSocket(client)
      resetSocket(server)
    }
    this.#links.clear()
  }

  /** Passes nothing on any more, in either direction; connections are still accepted. */
  freeze(): void {
    this.#frozen ??= createDeferred()
  }

  /** Passes on what was held back, and all that follows. */
  resume(): void {
    this.#frozen?.resolve()
    this.#frozen = undefined
  }

  /** Closes the port and cuts every connection. */
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
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
    void this.#pump(client, server, (bytes) => {
      this.bytesToServer += bytes
    })
    void this.#pump(server, client, (bytes) => {
      this.bytesToClient += bytes
    })
  }

  async #pump(from: Socket, to: Socket, count: (bytes: number) => void): Promise<void> {
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        await this.#forward(chunk as Buffer, to, count)
      }
      await this.#frozen?.promise
      to.end()
    } catch {
      to.destroy() // The connection broke: its 'error' listener has reset the other side.
    }
  }

  async #forward(chunk: Buffer, to: Socket, count: (bytes: number) => void): Promise<void> {
    for (let start = 0; start < chunk.length; ) {
      await this.#frozen?.promise
      const piece = chunk.subarray(start, Math.min(chunk.length, start + this.splitBytes))
      start += piece.length
      if (!to.write(piece)) await once(to, 'drain')
      count(piece.length)
      if (start < chunk.length) await nextRead()
    }
  }
}

/** One turn to end the one in work, and one in which a reader in this process can read. */
async function nextRead(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

/** Starts a {@link TcpProxy} in front of a server on a free loopback port. */
export async function startTcpProxy(target: {
  readonly host?: string
  readonly port: number
}): Promise<TcpProxy> {
  const proxy = new TcpProxy(target)
  await proxy.listen()
  return proxy
}

/** {@link startTcpProxy} for one test: closed at its end. */
export async function useTcpProxy(target: {
  readonly host?: string
  readonly port: number
}): Promise<TcpProxy> {
  const proxy = await startTcpProxy(target)
  onTestFinished(() => proxy.close())
  return proxy
}
