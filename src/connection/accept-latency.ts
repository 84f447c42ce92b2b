/** A request that has not been answered for so long counts by its age: the server may have stopped. */
const LONG_MS = 50

/** How much a new figure moves the smoothed one. */
const GAIN = 1 / 4

/**
 * How long a server takes to accept a job. One submission is timed at once, whatever else is under way: a time
 * stamp for each would cost more than it tells.
 */
export class AcceptLatency {
  #timed: object | undefined
  #sinceMs = 0
  #smoothedMs: number | undefined

  /** Milliseconds; `undefined` before the first answer. */
  get value(): number | undefined {
    if (this.#timed === undefined) return this.#smoothedMs
    const ageMs = performance.now() - this.#sinceMs
    return ageMs > LONG_MS ? Math.max(ageMs, this.#smoothedMs ?? 0) : this.#smoothedMs
  }

  /** A request was sent. */
  onSent(request: object): void {
    if (this.#timed !== undefined) return
    this.#timed = request
    this.#sinceMs = performance.now()
  }

  /** It was answered. */
  onAnswer(request: object): void {
    if (this.#timed !== request) return
    this.#timed = undefined
    const ms = performance.now() - this.#sinceMs
    const before = this.#smoothedMs ?? ms
    this.#smoothedMs = before + (ms - before) * GAIN
  }
}
