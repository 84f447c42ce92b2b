/** What a watch looks after: the sessions of a worker. */
export interface Sleeper {
  /** The watch has ticked: who sleeps since the last tick already asks for jobs unasked. */
  askAgain(): void
}

/**
 * Wakes sleepers whose NOOP was lost: they ask again after at most the interval, so that a lost wake-up costs
 * seconds, not for ever. One timer for a whole worker; it never keeps the process alive.
 */
export class SleepWatch {
  readonly #intervalMs: number
  readonly #sleepers: () => Iterable<Sleeper>
  #timer: NodeJS.Timeout | undefined

  /** @param intervalMs - how long one may sleep at most; `Infinity`: for ever */
  constructor(intervalMs: number, sleepers: () => Iterable<Sleeper>) {
    this.#intervalMs = intervalMs
    this.#sleepers = sleepers
  }

  /** Begins to watch. */
  start(): void {
    if (this.#timer !== undefined || this.#intervalMs === Number.POSITIVE_INFINITY) return
    // Two ticks make an interval: who fell asleep just before one asks at the next but one.
    this.#timer = setInterval(() => this.#tick(), Math.ceil(this.#intervalMs / 2))
    this.#timer.unref()
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    for (const sleeper of this.#sleepers()) sleeper.askAgain()
  }
}
