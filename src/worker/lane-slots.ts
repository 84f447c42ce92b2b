import { Fifo } from '../core/fifo.ts'
import type { SlotClaimant, Slots } from './slots.ts'

/**
 * The slots of one lane: a part of the worker's, with a limit of its own.
 *
 * Who finds the lane full waits here, out of the way of other lanes, and goes to the queue for slots as soon as the lane
 * has room again, whatever made it: the end of a job, a grab that brought nothing or takes too long, a loss.
 */
export class LaneSlots {
  readonly #slots: Slots
  readonly #crowded = new Fifo<SlotClaimant>()
  #limit: number
  #held = 0
  #running = 0

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

  /**
   * Whether the lane's own limit lets another job start now. A server that was slow to assign a job can make a lane hold
   * more than that: the limit of a task holds all the same.
   */
  get hasPlace(): boolean {
    return this.#running < this.#limit
  }

  /** Whether no job of it is held, and none is asked for. */
  get isUnused(): boolean {
    return this.#held === 0
  }

  /** Another limit from now on. */
  setLimit(limit: number): void {
    this.#limit = limit
    this.#admit()
  }

  /** Puts somebody in the queue for slots, by way of the lane. Nobody may wait twice. */
  enqueue(claimant: SlotClaimant): void {
    if (this.free > 0) this.#slots.enqueue(claimant)
    else this.#crowded.push(claimant)
  }

  /** See {@link Slots.reserve}. */
  reserve(count: number): void {
    this.#held += count
    this.#slots.reserve(count)
  }

  /** See {@link Slots.unreserve}. */
  unreserve(count: number): void {
    this.#slots.unreserve(count)
    this.#release(count)
  }

  /** See {@link Slots.beginRun}. */
  beginRun(): void {
    this.#held += 1
    this.#running += 1
    this.#slots.beginRun()
  }

  /** See {@link Slots.endRun}. */
  endRun(): void {
    this.#running -= 1
    this.#slots.endRun()
    this.#release(1)
  }

  /** See {@link Slots.beginWait}. */
  beginWait(): void {
    this.#held += 1
    this.#slots.beginWait()
  }

  /** See {@link Slots.endWait}. */
  endWait(): void {
    this.#slots.endWait()
    this.#release(1)
  }

  #release(count: number): void {
    this.#held -= count
    this.#admit()
  }

  /** Each of them comes back when the room is gone by its turn. */
  #admit(): void {
    if (this.#crowded.length === 0 || this.free <= 0) return
    for (const claimant of this.#crowded.drain()) this.#slots.enqueue(claimant)
  }
}
