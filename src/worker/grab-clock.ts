/** A grab keeps its slot for two ticks at most. */
const TICK_MS = 500

/** What the clock ticks for: the sessions of a worker. */
export interface GrabHolder {
  /**
   * Lends out the slots of grabs that were under way at the last tick already.
   *
   * @returns whether it has grabs under way whose slots are not lent out
   */
  lendSlots(): boolean
}

/**
 * Sees to it that an unanswered grab keeps a slot from others for no more than a second: a slow server
 * must not idle the others. One timer for all grabs; it runs only while some are under way.
 */
export class GrabClock {
  readonly #holders: () => Iterable<GrabHolder>
  #timer: NodeJS.Timeout | undefined
  #check: NodeJS.Immediate | undefined
  // Answers that have come in the meantime are read first: the process may have been busy for long.
  readonly #onTimer: () => void = () => {
    this.#check = setImmediate(this.#onCheck)
  }
  readonly #onCheck: () => void = () => {
    this.stop()
    let isNeeded = false
    for (const holder of this.#holders()) isNeeded = holder.lendSlots() || isNeeded
    if (isNeeded) this.start()
  }

  constructor(holders: () => Iterable<GrabHolder>) {
    this.#holders = holders
  }

  /** A grab is under way. */
  start(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(this.#onTimer, TICK_MS)
    this.#timer.unref()
  }

  /** No grab is under way any more, or none matters. */
  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#check)
    this.#timer = undefined
    this.#check = undefined
  }
}
