const FIRST_BYTES = 4096
/** How much memory is taken ahead of a body, by what has arrived of it; of the rest the system gives none before it is used. */
const AHEAD = 16
/** The same where nobody knows how much is to come. */
const BLIND_AHEAD = 2

const EMPTY = Buffer.alloc(0)

/**
 * Gathers a body or a line that spans several chunks, which may be used again afterwards: all bytes are copied. Memory is
 * taken as bytes arrive, not as the header claims, and hardly a byte is copied twice, however small the chunks are.
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
    const block = Buffer.allocUnsafeSlow(blockBytes(neededBytes, expectedBytes))
    this.#block.copy(block, 0, 0, this.#length)
    this.#block = block
  }
}

function blockBytes(neededBytes: number, expectedBytes: number): number {
  if (!Number.isFinite(expectedBytes)) return Math.max(FIRST_BYTES, neededBytes * BLIND_AHEAD)
  const wanted = Math.max(FIRST_BYTES, neededBytes * AHEAD)
  // A block that is nearly large enough would be copied as a whole for what is left.
  return wanted * 4 < expectedBytes ? wanted : Math.max(expectedBytes, neededBytes)
}
