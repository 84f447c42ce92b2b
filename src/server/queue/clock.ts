/** A timer that a {@link Clock} has set. */
export type Timer = object

/** Time, and waiting for it: injected, so that scheduling is tested without either. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number
  /**
   * Milliseconds, with fractions, since the clock was made. Goes on whatever is done to the machine's time,
   * and stands still while one callback runs: what one chunk of a socket brings has one time.
   */
  elapsedMs(): number
  /** Calls back once, after so many milliseconds. */
  setTimer(callback: () => void, delayMs: number): Timer
  /** Forgets a timer that has not fired. */
  clearTimer(timer: Timer): void
}

/** The clock of the machine. */
export class SystemClock implements Clock {
  readonly #startedMs: number = performance.now()
  #elapsedMs = 0
  #isRead = false
  readonly #over: Promise<void> = Promise.resolve()
  readonly #forget: () => void = () => {
    this.#isRead = false
  }

  nowMs(): number {
    return Date.now()
  }

  elapsedMs(): number {
    if (!this.#isRead) {
      this.#isRead = true
      this.#elapsedMs = performance.now() - this.#startedMs
      // Runs when the callback is over that brought us here. queueMicrotask would cost more than the reading.
      void this.#over.then(this.#forget)
    }
    return this.#elapsedMs
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    return setTimeout(callback, delayMs)
  }

  clearTimer(timer: Timer): void {
    clearTimeout(timer as NodeJS.Timeout)
  }
}
