/** What a server that has come back gets at first, of its share. */
const FIRST_PART = 0.1

/** How much of its share a server gets: less when it has just come back, so that a weak one is not run over. */
export class Easing {
  readonly #durationMs: number
  #endsAtMs = Number.NEGATIVE_INFINITY
  #isOver = true

  /** @param durationMs - from the return to the whole share; 0: at once */
  constructor(durationMs: number) {
    this.#durationMs = durationMs
  }

  /** From a tenth to 1. */
  get part(): number {
    if (this.#isOver) return 1
    const leftMs = this.#endsAtMs - performance.now()
    if (leftMs > 0) return 1 - (1 - FIRST_PART) * Math.min(1, leftMs / this.#durationMs)
    this.#isOver = true
    return 1
  }

  /** The server has come back. */
  begin(): void {
    this.#endsAtMs = performance.now() + this.#durationMs
    this.#isOver = false
  }
}
