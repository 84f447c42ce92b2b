/** A wait that can be ended early, and that keeps the process alive only while it is held. */
export class Pause {
  #timer: NodeJS.Timeout | undefined
  #finish: (() => void) | undefined
  #endsAtMs = Number.POSITIVE_INFINITY
  #mustEndByMs = Number.POSITIVE_INFINITY
  #isHeld = false

  /** Waits; rejects with the signal's reason when it aborts. */
  wait(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const end = (settle: () => void): void => {
        clearTimeout(this.#timer)
        this.#timer = undefined
        this.#finish = undefined
        this.#mustEndByMs = Number.POSITIVE_INFINITY
        signal.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = (): void => end(() => reject(signal.reason))
      signal.addEventListener('abort', onAbort, { once: true })
      this.#finish = (): void => end(resolve)
      this.#endsAtMs = Math.min(performance.now() + delayMs, this.#mustEndByMs)
      this.#arm(this.#finish)
    })
  }

  /**
   * Ends the wait under way at a time on the clock of `performance.now()`, or at once when that has passed; it
   * never becomes longer. Without one it counts for the next.
   */
  endBy(timeMs: number): void {
    this.#mustEndByMs = Math.min(this.#mustEndByMs, timeMs)
    if (this.#finish === undefined || this.#endsAtMs <= this.#mustEndByMs) return
    this.#endsAtMs = this.#mustEndByMs
    clearTimeout(this.#timer)
    this.#arm(this.#finish)
  }

  /** Whether a wait may keep the process alive. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (isHeld) this.#timer?.ref()
    else this.#timer?.unref()
  }

  #arm(finish: () => void): void {
    const delayMs = this.#endsAtMs - performance.now()
    if (delayMs <= 0) {
      finish()
      return
    }
    this.#timer = setTimeout(finish, Math.ceil(delayMs))
    if (!this.#isHeld) this.#timer.unref()
  }
}
