import type { LaneSlots } from './lane-slots.ts'

/**
 * Counts the grabs of one connection, and the slots that are reserved for them. Answers come in the order of
 * the grabs, so that numbers are enough.
 */
export class GrabLedger {
  readonly #slots: LaneSlots
  #sent = 0
  #answered = 0
  /** How many of the oldest unanswered grabs have no slot any more. */
  #lent = 0
  /** How many grabs had been sent at the last tick of the clock. */
  #sentAtTick = 0

  constructor(slots: LaneSlots) {
    this.#slots = slots
  }

  /** How many grabs were ever sent. */
  get sent(): number {
    return this.#sent
  }

  /** How many were ever answered. */
  get answered(): number {
    return this.#answered
  }

  /** How many wait for their answer. */
  get outstanding(): number {
    return this.#sent - this.#answered
  }

  /** How many of those have a slot. */
  get reserved(): number {
    return this.outstanding - this.#lent
  }

  /** Grabs were sent. */
  onSent(count: number): void {
    this.#sent += count
    this.#slots.reserve(count)
  }

  /**
   * The oldest grab is answered.
   *
   * @returns whether its slot was lent out
   */
  onAnswer(): boolean {
    this.#answered += 1
    if (this.#lent === 0) {
      this.#slots.unreserve(1)
      return false
    }
    this.#lent -= 1
    return true
  }

  /**
   * The clock has ticked: lends the slots out of those grabs that were under way at the last tick already.
   *
   * @returns how many
   */
  lend(): number {
    const late = Math.max(0, this.#sentAtTick - this.#answered - this.#lent)
    this.#lent += late
    this.#slots.unreserve(late)
    this.#sentAtTick = this.#sent
    return late
  }

  /** The connection is lost, and every answer with it. */
  onLost(): void {
    this.#slots.unreserve(this.reserved)
    this.#answered = this.#sent
    this.#lent = 0
  }
}
