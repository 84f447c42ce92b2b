/** A timer of Node that is set to more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * The one timer for the time limits of all connections. It runs only while a connection has a limit to keep,
 * and a connection that does something leaves it alone: a time that has moved is found when the timer fires.
 */
export class ConnectionSweep {
  readonly #look: (nowMs: number) => number
  readonly #minPauseMs: number
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #dueMs = Number.POSITIVE_INFINITY
  #isStopped = false

  /**
   * @param look - closes what is overdue at that time on the clock of `performance.now()`, and says when the
   * next one can be; `Infinity` when none can
   * @param minPauseMs - it is not asked more often than this
   */
  constructor(look: (nowMs: number) => number, minPauseMs: number) {
    this.#look = look
    this.#minPauseMs = minPauseMs
  }

  /** Something may be overdue at that time. Costs a comparison when a look before it is due anyway. */
  lookAt(timeMs: number): void {
    if (timeMs >= this.#dueMs || this.#isStopped) return
    clearTimeout(this.#timer)
    this.#dueMs = timeMs
    const delayMs = Math.max(this.#minPauseMs, timeMs - performance.now())
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(delayMs, MAX_TIMER_MS))
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  /**
   * A process that was busy, or stopped, has unread bytes in its sockets: they are read first, lest those who
   * sent them are taken for silent.
   */
  #onTimer(): void {
    clearImmediate(this.#immediate)
    this.#immediate = setImmediate(() => {
      this.#dueMs = Number.POSITIVE_INFINITY
      this.lookAt(this.#look(performance.now()))
    })
  }
}
