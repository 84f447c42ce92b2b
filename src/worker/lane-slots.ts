import type { Slots } from './slots.ts'

/** The slots of one lane: a part of the worker's, with a limit of its own. */
export class LaneSlots {
  readonly #slots: Slots
  #limit: number
  #held = 0

  constructor(slots: Slots, limit: number) {
    this.#slots = slots
    this.#limit = limit
  }

  /** The slots of the whole worker. */
  get all(): Slots {
    return this.#slots
  }

  /** How many more jobs this lane may ask for, as far as its own limit goes. */
  get free(): number {
    return this.#limit - this.#held
  }

  /** Another limit from now on. */
  setLimit(limit: number): void {
    this.#limit = limit
  }

  /** See {@link Slots.reserve}. */
  reserve(count: number): void {
    this.#held += count
    this.#slots.reserve(count)
  }

  /** See {@link Slots.unreserve}. */
  unreserve(count: number): void {
    this.#held -= count
    this.#slots.unreserve(count)
  }

  /** See {@link Slots.beginRun}. */
  beginRun(): void {
    this.#held += 1
    this.#slots.beginRun()
  }

  /** See {@link Slots.endRun}. */
  endRun(): void {
    this.#held -= 1
    this.#slots.endRun()
  }

  /** See {@link Slots.beginWait}. */
  beginWait(): void {
    this.#held += 1
    this.#slots.beginWait()
  }

  /** See {@link Slots.endWait}. */
  endWait(): void {
    this.#held -= 1
    this.#slots.endWait()
  }
}
