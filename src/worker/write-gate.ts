import { createDeferred, type Deferred } from '../core/deferred.ts'
import type { GearmanError } from '../errors.ts'

/**
 * With so many bytes unsent the socket is full, and will say when it is not: more than any version of Node
 * buffers before it asks to wait.
 */
const FULL_BYTES = 64 * 1024

/**
 * Tells who sends on a connection when to go on: after the write at the end of the turn, or, while the
 * peer reads too slowly, when the socket has taken what is queued. One promise for all packets of a turn.
 */
export class WriteGate {
  readonly #link: { readonly unsentBytes: number }
  #pending: Deferred<void> | undefined
  readonly #check: () => void = () => {
    if (this.#link.unsentBytes < FULL_BYTES) this.open()
  }

  constructor(link: { readonly unsentBytes: number }) {
    this.#link = link
  }

  /**
   * Resolves when what was sent until now is written; rejects when the connection is lost before.
   * A rejection that nobody looks at is no fault of anybody's.
   */
  written(): Promise<void> {
    if (this.#pending === undefined) {
      this.#pending = createDeferred()
      this.#pending.promise.catch(() => undefined)
      // The transport has asked for its own turn before: it writes first.
      process.nextTick(this.#check)
    }
    return this.#pending.promise
  }

  /** The socket has taken everything. */
  open(): void {
    this.#pending?.resolve()
    this.#pending = undefined
  }

  /** The connection is lost. */
  fail(error: GearmanError): void {
    this.#pending?.reject(error)
    this.#pending = undefined
  }
}
