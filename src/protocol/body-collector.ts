const FIRST_BYTES = 4096
/** How much memory is taken ahead of a body, by what has arrived of it; of the rest the system gives none before it is used. */
const AHEAD = 16
/** The same where nobody knows how much is to come. */
const BLIND_AHEAD = 2

const EMPTY = Buffer.alloc(0)

/**
 * Gathers a body or a line that spans several chunks, which may be used again afterwards: all bytes are copied. Memory is
 * taken as bytes arrive, not as the header claims, and each byte is copied once, but for one in sixteen, however small the
 * chunks are.
 */
export class BodyCollector {
  #block: Buffer = EMPTY
  #length = 0

  /** How many bytes were added. */
  get length(): number {
    return this.#length
  }

  /**
   * Adds a part of a chunk.
   *
   * @param expectedBytes - how many there will be in the end, if that is known
   */
  add(
    chunk: Buffer,
    start = 0,
    end: number = chunk.length,
    expectedBytes: number = Number.POSITIVE_INFINITY,
  ): void {
    const length = this.#length + end - start
    if (length > this.#block.length) this.#grow(length, expectedBytes)
    chunk.copy(this.#block, this.#length, start, end)
    this.#length = length
  }

  /** All bytes in one buffer; the collector is empty afterwards. */
  take(): Buffer {
    const block = this.#block
    const length = this.#length
    this.#block = EMPTY
    this.#length = 0
    return block.length === length ? block : block.subarray(0, length)
  }

  #grow(neededBytes: number, expectedBytes: number): void {
    const ahead = Number.isFinite(expectedBytes) ? AHEAD : BLIND_AHEAD
    const wanted = Math.max(FIRST_BYTES, neededBytes, Math.min(expectedBytes, neededBytes * ahead))
    const block = Buffer.allocUnsafeSlow(Math.min(wanted, Math.max(expectedBytes, neededBytes)))
    this.#block.copy(block, 0, 0, this.#length)
    this.#block = block
  }
}
