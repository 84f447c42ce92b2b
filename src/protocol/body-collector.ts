/** Pieces below this are copied together: a body that trickles in must not cost an object per byte. */
const SMALL_PIECE_BYTES = 4096
const BLOCK_BYTES = 65_536

/**
 * Gathers a body that spans several chunks. Memory is taken as bytes arrive, never as the header claims,
 * and each byte is copied at most twice, however small the chunks are.
 */
export class BodyCollector {
  #pieces: Buffer[] = []
  #gathered = 0
  #block: Buffer | undefined
  #blockStart = 0
  #blockUsed = 0

  /** How many bytes were added. */
  get length(): number {
    return this.#gathered
  }

  /** Adds the next bytes. A large piece is kept as it is; a small one is copied. */
  add(piece: Buffer): void {
    this.#gathered += piece.length
    if (piece.length >= SMALL_PIECE_BYTES) {
      this.#sealPiece()
      this.#pieces.push(piece)
      return
    }
    this.#addSmall(piece)
  }

  /** All bytes in one buffer; the collector is empty afterwards. */
  take(): Buffer {
    this.#sealPiece()
    this.#block = undefined
    const [first] = this.#pieces
    const body =
      this.#pieces.length === 1 && first !== undefined
        ? first
        : Buffer.concat(this.#pieces, this.#gathered)
    this.#pieces = []
    this.#gathered = 0
    return body
  }

  #addSmall(piece: Buffer): void {
    let block = this.#block
    if (block === undefined || block.length - this.#blockUsed < piece.length) {
      this.#sealPiece()
      block = Buffer.allocUnsafeSlow(
        Math.min(BLOCK_BYTES, Math.max(this.#gathered, SMALL_PIECE_BYTES)),
      )
      this.#block = block
      this.#blockStart = 0
      this.#blockUsed = 0
    }
    piece.copy(block, this.#blockUsed)
    this.#blockUsed += piece.length
  }

  /** What was copied so far becomes a piece; the rest of the block serves the next small ones. */
  #sealPiece(): void {
    if (this.#block === undefined || this.#blockUsed === this.#blockStart) return
    this.#pieces.push(this.#block.subarray(this.#blockStart, this.#blockUsed))
    this.#blockStart = this.#blockUsed
  }
}
