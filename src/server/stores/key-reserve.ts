/**
 * How many numbers are taken at once. Foreground jobs use numbers too and wait for no store: the mark in the
 * store is ahead of all that are given out until the next one is written.
 */
const BLOCK = 2 ** 24

/**
 * Keeps job numbers from being used twice, over crashes too: the store holds a mark that no number in use
 * has reached, and a server that starts begins behind it.
 */
export class KeyReserve {
  /** Nothing is reserved before the first mark is in the store. */
  #renewAt = Number.POSITIVE_INFINITY

  /** Whether a new mark should be written soon. */
  isLow(lastKey: number): boolean {
    return lastKey >= this.#renewAt
  }

  /** The mark to write. */
  next(lastKey: number): number {
    return lastKey + BLOCK
  }

  /** The mark is in the store. */
  onWritten(mark: number): void {
    this.#renewAt = mark - BLOCK / 2
  }
}
