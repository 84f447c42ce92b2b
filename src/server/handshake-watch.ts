import type { Socket } from 'node:net'
import { ConnectionSweep } from './connection-sweep.ts'

/** A limit is kept at most this part of it too late. */
const SWEEPS_PER_LIMIT = 4

interface Handshake {
  readonly socket: Socket
  readonly dueMs: number
}

/**
 * Ends TLS handshakes that take too long. Node's own `handshakeTimeout` begins anew at each byte: a byte now
 * and then keeps a connection for ever.
 */
export class HandshakeWatch {
  readonly #timeoutMs: number
  readonly #onOverdue: (socket: Socket) => void
  readonly #sweep: ConnectionSweep
  /** By the peer's address and port, the oldest first: Node does not tell which socket TLS runs on. */
  readonly #handshakes = new Map<string, Handshake>()

  /** @param onOverdue - called with a socket that is about to be closed */
  constructor(timeoutMs: number, onOverdue: (socket: Socket) => void) {
    this.#timeoutMs = timeoutMs
    this.#onOverdue = onOverdue
    this.#sweep = new ConnectionSweep((nowMs) => this.#look(nowMs), timeoutMs / SWEEPS_PER_LIMIT)
  }

  /** A connection is there. */
  begin(socket: Socket): void {
    const dueMs = performance.now() + this.#timeoutMs
    const peer = peerOf(socket)
    this.#handshakes.set(peer, { socket, dueMs })
    socket.on('close', () => {
      if (this.#handshakes.get(peer)?.socket === socket) this.#handshakes.delete(peer)
    })
    this.#sweep.lookAt(dueMs)
  }

  /** Its handshake is done. */
  end(socket: Socket): void {
    this.#handshakes.delete(peerOf(socket))
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#sweep.stop()
  }

  #look(nowMs: number): number {
    for (const [peer, { socket, dueMs }] of this.#handshakes) {
      if (dueMs > nowMs) return dueMs
      this.#handshakes.delete(peer)
      this.#onOverdue(socket)
      socket.destroy()
    }
    return Number.POSITIVE_INFINITY
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
