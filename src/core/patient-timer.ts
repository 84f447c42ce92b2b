/** Timers are always a little late: only from here on, in milliseconds, the process has stood still. */
const STALL_MS = 20

/**
 * A time limit for a peer. A timer alone would blame the peer for a process of ours that stood still: when that goes on, the
 * timer is due before anything is read that came meanwhile. So the time that it stood still is given once more, the
 * limit again at most, and what has come by then is read before the end.
 */
export class PatientTimer {
  readonly #limitMs: number
  readonly #onEnd: () => void
  readonly #isUnref: boolean
  #timer: NodeJS.Timeout | undefined
  #judgement: NodeJS.Immediate | undefined

  /**
   * Starts it.
   *
   * @param limitMs - milliseconds
   * @param onEnd - called at the end, unless it is stopped before
   * @param options - `unref` lets the process exit meanwhile
   */
  constructor(limitMs: number, onEnd: () => void, options: { readonly unref?: boolean } = {}) {
    this.#limitMs = limitMs
    this.#onEnd = onEnd
    this.#isUnref = options.unref ?? false
    this.#arm(limitMs, false)
  }

  /** Ends it without a call. Idempotent. */
  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#judgement)
  }

  #arm(delayMs: number, isLast: boolean): void {
    const dueAtMs = performance.now() + delayMs
    this.#timer = setTimeout(() => this.#onTime(dueAtMs, isLast), delayMs)
    if (this.#isUnref) this.#timer.unref()
  }

  #onTime(dueAtMs: number, isLast: boolean): void {
    const lateMs = performance.now() - dueAtMs
    if (lateMs >= STALL_MS && !isLast) this.#arm(Math.min(lateMs, this.#limitMs), true)
    // Not unreferenced: an event loop that waits for nothing else would not come to it.
    else this.#judgement = setImmediate(this.#onEnd)
  }
}
