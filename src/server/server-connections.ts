import type { Socket } from 'node:net'
import { BufferBudget } from './buffer-budget.ts'
import { ConnectionSweep } from './connection-sweep.ts'
import type { Peer } from './queue/peer.ts'
import type { ResolvedServerOptions } from './resolved-server-options.ts'
import { ServerConnection, type ServerConnectionHandler } from './server-connection.ts'
import type { SessionContext } from './session/server-session.ts'
import { Turns } from './turns.ts'

/** What the connections of a server call. */
export interface ServerConnectionsHandler {
  /** A peer connected. */
  onOpen(connection: ServerConnection): void
  /** A chunk of so many bytes was worked through, or a peer has left its jobs. */
  onData(byteCount: number): void
  /** A connection is gone; `error` is what broke it, if anything did. */
  onClose(connection: ServerConnection, error: Error | undefined): void
}

/** Whatever holds bytes of the common budget. */
interface BufferHolder {
  readonly peer: Peer
  readonly heldBytes: number
  cutOff(reason: string): void
}

/** A limit is kept at most this part of it too late: so often it is looked at. */
const SWEEPS_PER_LIMIT = 4

/** All connections of a server, and the limits that hold for them together. */
export class ServerConnections {
  readonly #options: ResolvedServerOptions
  readonly #context: SessionContext
  readonly #handler: ServerConnectionsHandler
  readonly #others: () => Iterable<BufferHolder>
  readonly #connections = new Set<ServerConnection>()
  readonly #budget: BufferBudget
  readonly #sweep: ConnectionSweep
  readonly #turns = new Turns()
  readonly #connectionHandler: ServerConnectionHandler
  readonly #minPauseMs: number
  #lastId = 0

  constructor(
    options: ResolvedServerOptions,
    parts: {
      readonly context: SessionContext
      readonly handler: ServerConnectionsHandler
      /** The connections of another port, which share the budget. */
      readonly others: () => Iterable<BufferHolder>
    },
  ) {
    this.#options = options
    this.#context = parts.context
    this.#handler = parts.handler
    this.#others = parts.others
    this.#minPauseMs = Math.min(options.stallTimeoutMs, options.idleTimeoutMs) / SWEEPS_PER_LIMIT
    this.#budget = new BufferBudget(options.maxBufferedBytes, () => this.#cutOffLargest())
    this.#sweep = new ConnectionSweep((nowMs) => this.#look(nowMs), this.#minPauseMs)
    this.#connectionHandler = {
      onData: (byteCount) => this.#handler.onData(byteCount),
      onPending: ({ stalledSinceMs = Number.POSITIVE_INFINITY }) => {
        this.#sweep.lookAt(stalledSinceMs + this.#options.stallTimeoutMs)
      },
      awaitTurn: (one) => this.#turns.add(one),
      onHeld: (bytes) => this.#budget.change(bytes),
      onClose: (connection, error) => {
        this.#connections.delete(connection)
        this.#handler.onClose(connection, error)
      },
    }
  }

  /** Those that are open. */
  get all(): ReadonlySet<ServerConnection> {
    return this.#connections
  }

  /** How many there ever were, those that {@link nextId} was for included. */
  get totalCount(): number {
    return this.#lastId
  }

  /** The number of a connection, of this port or of another one of the server. */
  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  /** Connections of the other port hold so many bytes more, or less. */
  onHeld(bytes: number): void {
    this.#budget.change(bytes)
  }

  /** Serves a peer. */
  open(socket: Socket): void {
    const connection = new ServerConnection(socket, {
      id: this.nextId(),
      context: this.#context,
      options: this.#options,
      handler: this.#connectionHandler,
    })
    this.#connections.add(connection)
    this.#sweep.lookAt(performance.now() + this.#options.idleTimeoutMs)
    this.#handler.onOpen(connection)
  }

  /** Closes all, after the answers that they are owed. */
  close(): void {
    this.#sweep.stop()
    for (const connection of this.#connections) connection.close()
  }

  /** Cuts off who has been still for too long. */
  #look(nowMs: number): number {
    const { stallTimeoutMs, idleTimeoutMs } = this.#options
    let nextMs = Number.POSITIVE_INFINITY
    for (const connection of this.#connections) {
      const { stalledSinceMs = Number.POSITIVE_INFINITY, peer } = connection
      const stallMs = stalledSinceMs + stallTimeoutMs
      const idleMs =
        idleTimeoutMs === Number.POSITIVE_INFINITY
          ? Number.POSITIVE_INFINITY
          : connection.silentSinceMs(nowMs) + idleTimeoutMs
      if (stallMs <= nowMs) {
        connection.cutOff(`${peer.address} did not go on for ${stallTimeoutMs} ms`)
      } else if (idleMs <= nowMs) {
        connection.cutOff(`${peer.address} was idle for ${idleTimeoutMs} ms`)
      } else {
        nextMs = Math.min(nextMs, stallMs, idleMs)
      }
    }
    // Asked again in time to notice what was said to a peer in between.
    return idleTimeoutMs === Number.POSITIVE_INFINITY || this.#connections.size === 0
      ? nextMs
      : Math.min(nextMs, nowMs + this.#minPauseMs)
  }

  /** Who holds the most goes: that is never one of the many small ones. */
  #cutOffLargest(): void {
    let largest: BufferHolder | undefined
    for (const connection of [...this.#connections, ...this.#others()]) {
      if (connection.heldBytes > (largest?.heldBytes ?? 0)) largest = connection
    }
    largest?.cutOff(
      `${largest.peer.address} held the most bytes when all together held over ${this.#options.maxBufferedBytes}`,
    )
  }
}
