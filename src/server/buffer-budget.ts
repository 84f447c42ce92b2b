/**
 * How many bytes all connections of a server hold together: of packets that are not whole yet, and of
 * answers that peers do not take. A limit for each connection is none for ten thousand of them.
 */
export class BufferBudget {
  readonly #maxBytes: number
  readonly #onExceeded: () => void
  #bytes = 0

  /** @param onExceeded - called when there are more than `maxBytes`: frees some */
  constructor(maxBytes: number, onExceeded: () => void) {
    this.#maxBytes = maxBytes
    this.#onExceeded = onExceeded
  }

  /** How many bytes are held. */
  get bytes(): number {
    return this.#bytes
  }

  /** Some bytes more, or less. */
  change(bytes: number): void {
    this.#bytes += bytes
    if (bytes > 0 && this.#bytes > this.#maxBytes) this.#onExceeded()
  }
}
