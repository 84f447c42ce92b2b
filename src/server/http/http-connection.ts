import type { Socket } from 'node:net'
import { ConnectionError } from '../../errors.ts'
import { plainAddress } from '../plain-address.ts'
import { NOWHERE } from '../queue/ordered-output.ts'
import { Peer } from '../queue/peer.ts'
import type { HttpExchange } from './http-exchange.ts'

/** One connection, on which requests follow each other. */
export class HttpConnection {
  /** What the tables and events show. Jobs belong to a peer of each request. */
  readonly peer: Peer
  /** The requests that are not answered to the end, in their order. */
  readonly exchanges: Set<HttpExchange> = new Set()
  readonly #socket: Socket

  constructor(socket: Socket, id: number) {
    this.#socket = socket
    this.peer = new Peer({
      id,
      address: plainAddress(socket.remoteAddress),
      sink: NOWHERE,
      wantsExceptions: false,
    })
  }

  /** How many bytes came. */
  get receivedBytes(): number {
    return this.#socket.bytesRead
  }

  /** How many bytes were handed to the system. */
  get sentBytes(): number {
    return this.#socket.bytesWritten
  }

  /** How many bytes of bodies that are not whole, and of answers that have not left, it holds. */
  get heldBytes(): number {
    let bytes = 0
    for (const exchange of this.exchanges) bytes += exchange.heldBytes
    return bytes
  }

  /** Takes no more requests: it ends behind the answers that are still to come. */
  drain(): void {
    if (this.exchanges.size === 0) this.#socket.destroySoon()
    else [...this.exchanges].at(-1)?.endConnection()
  }

  /** Ends it when an answer is on its way, and at once when none is. */
  close(): void {
    if (![...this.exchanges].some(({ isAnswered }) => isAnswered)) this.#socket.destroy()
  }

  /**
   * Closes it at once, and says why. Its jobs learn of it later: they may be talking to their clients at this
   * moment, one after the other.
   */
  cutOff(reason: string): void {
    for (const exchange of this.exchanges) exchange.silence()
    this.#socket.destroy(new ConnectionError(reason))
  }

  /** The client is gone. */
  leave(): void {
    for (const exchange of this.exchanges) exchange.leave()
  }
}
