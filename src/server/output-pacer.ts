import type { SocketTransport } from '../transport/socket-transport.ts'
import type { Pacer } from './queue/ordered-output.ts'

/** While more than this is unsent, no further part of a long text is made. */
const ENOUGH_BYTES = 512 * 1024

/** Makes the parts of long texts as fast as a peer takes them, one in each turn of the event loop. */
export class OutputPacer implements Pacer {
  /** More waits behind an answer that is not complete. */
  readonly onHeld: () => void
  readonly #transport: SocketTransport
  readonly #handler: { readonly onBusy: () => void; readonly onIdle: () => void }
  #callback: (() => void) | undefined
  #waitsForDrain = false
  readonly #look: () => void = () => {
    this.#waitsForDrain = this.#transport.unsentBytes > ENOUGH_BYTES
    if (!this.#waitsForDrain) this.#goOn()
  }

  /**
   * @param handler - `onHeld` as in {@link Pacer}; `onBusy` is called when a text has further parts, `onIdle` when
   * the last one was made
   */
  constructor(
    transport: SocketTransport,
    handler: {
      readonly onHeld: () => void
      readonly onBusy: () => void
      readonly onIdle: () => void
    },
  ) {
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
    setImmediate(this.#look)
  }

  /** The peer has taken everything. */
  onDrain(): void {
    if (this.#waitsForDrain) this.#look()
  }

  #goOn(): void {
    const callback = this.#callback
    this.#callback = undefined
    callback?.()
    if (this.#callback === undefined) this.#handler.onIdle()
  }
}
