import { Fifo } from '../core/fifo.ts'

/** Somebody who goes on when others had their turn. */
export interface Waiting {
  /** It is its turn. */
  takeTurn(): void
}

/**
 * Who waits to go on: one of them in each turn of the event loop. However many there are, and however long each
 * takes, what others asked for is done in between.
 */
export class Turns {
  readonly #waiting = new Fifo<Waiting>()
  #isScheduled = false
  readonly #takeNext: () => void = () => {
    const next = this.#waiting.shift()
    this.#isScheduled = this.#waiting.length > 0
    if (this.#isScheduled) setImmediate(this.#takeNext)
    next?.takeTurn()
  }

  /** Calls `takeTurn()` when it is its turn. */
  add(one: Waiting): void {
    this.#waiting.push(one)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#takeNext)
  }
}
