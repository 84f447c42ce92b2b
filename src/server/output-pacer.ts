import type { SocketTransport } from '../transport/socket-transport.ts'
import type { Pacer } from './queue/ordered-output.ts'
import type { Waiting } from './turns.ts'

/** While more than this is unsent, no further part of a long text is made. */
const ENOUGH_BYTES = 512 * 1024

/** What a pacer calls. */
export interface OutputPacerHandler {
  /** As in {@link Pacer}. */
  readonly onHeld: () => void
  /** A text has further parts. */
  readonly onBusy: () => void
  /** The last part was made. */
  readonly onIdle: () => void
  /** Lets others have their turn first. */
  readonly awaitTurn: (one: Waiting) => void
}

/** Makes the parts of long texts as fast as a peer takes them, one in each turn of the event loop for all peers. */
export class OutputPacer implements Pacer {
  /** More waits behind an answer that is not complete. */
  readonly onHeld: () => void
  readonly #transport: SocketTransport
  readonly #handler: OutputPacerHandler
  #callback: (() => void) | undefined
  #waitsForDrain = false

  constructor(transport: SocketTransport, handler: OutputPacerHandler) {
    this.#transport = transport
    this.#handler = handler
    this.onHeld = handler.onHeld
  }

  /** Whether a text is on its way. */
  get isBusy(): boolean {
    return this.#callback !== undefined
  }

  whenTaken(callback: () => void): void {
    this.#callback = callback
    this.#handler.onBusy()
    // Behind the write of what was queued in this turn.
    this.#handler.awaitTurn(this)
  }

  /** The peer has taken everything. */
  onDrain(): void {
    if (this.#waitsForDrain) this.takeTurn()
  }

  /** Makes the next part, unless the peer has enough to take. */
  takeTurn(): void {
    this.#waitsForDrain = this.#transport.unsentBytes > ENOUGH_BYTES
    if (!this.#waitsForDrain) this.#goOn()
  }

  #goOn(): void {
    const callback = this.#callback
    this.#callback = undefined
    callback?.()
    if (this.#callback === undefined) this.#handler.onIdle()
  }
}
