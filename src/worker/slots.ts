import { Fifo } from '../core/fifo.ts'

/** Who waits for free slots: the session of one connection. */
export interface SlotClaimant {
  /**
   * Slots are free: takes some of them by {@link Slots.reserve}, or none.
   *
   * @param most - how many it may take
   * @returns whether it took some and would take more
   */
  claim(most: number): boolean
}

/**
 * How many jobs a worker may hold, over all servers and lanes: as many as run at once, and
 * the prefetched ones that wait for that. A grab under way has reserved the slot of the job that it may bring.
 *
 * Who wants slots stands in a queue and is served in rotation, so that no server starves. A worker keeps its slots
 * for life: a handler that outlives its connection still holds one.
 */
export class Slots {
  /** How many jobs may run at once. */
  readonly concurrency: number
  /** How many jobs may be held at once. */
  readonly capacity: number
  readonly #claimants = new Fifo<SlotClaimant>()
  #running = 0
  #waiting = 0
  #reserved = 0
  #isPaused = false

  constructor(concurrency: number, prefetch: number) {
    this.concurrency = concurrency
    this.capacity = concurrency + prefetch
  }

  /** How many more jobs may be asked for; negative while slots are over-committed. */
  get free(): number {
    return this.capacity - this.#running - this.#waiting - this.#reserved
  }

  /** Whether another job may start now. */
  get canRun(): boolean {
    return this.#running < this.concurrency
  }

  /** How many jobs run. */
  get running(): number {
    return this.#running
  }

  /** Slots for grabs that are being sent. */
  reserve(count: number): void {
    this.#reserved += count
  }

  /** Gives slots of grabs back: they brought nothing, or take too long. */
  unreserve(count: number): void {
    this.#reserved -= count
  }

  /** A job starts. */
  beginRun(): void {
    this.#running += 1
  }

  /** A job has ended. */
  endRun(): void {
    this.#running -= 1
  }

  /** A job is held until {@link canRun}. */
  beginWait(): void {
    this.#waiting += 1
  }

  /** Such a job starts, or is gone. */
  endWait(): void {
    this.#waiting -= 1
  }

  /** Puts somebody in the queue for slots. Nobody may stand in it twice. */
  enqueue(claimant: SlotClaimant): void {
    this.#claimants.push(claimant)
  }

  /** Slots that become free are kept until {@link resume}: a socket read is decided upon at its end. */
  pause(): void {
    this.#isPaused = true
  }

  /** Ends {@link pause}. */
  resume(): void {
    this.#isPaused = false
  }

  /** Gives the free slots to those who wait: all to one who is alone, else one each in turn. */
  serve(): void {
    if (this.#isPaused) return
    while (this.#claimants.length > 0) {
      const free = this.free
      if (free <= 0) return
      const claimant = this.#claimants.shift()
      const isAlone = this.#claimants.length === 0
      if (claimant?.claim(isAlone ? free : 1)) this.#claimants.push(claimant)
    }
  }
}
