/** More grabs than this are never under way on one connection. */
const MAX_GRABS = 1024

/**
 * How many grabs may be under way on one connection: one more for each job that came, half as many after
 * a NO_JOB, decided once per socket read. A fixed window storms the server with NO_JOB when its queue
 * is short.
 */
export class GrabWindow {
  #size = 1
  #assigned = 0
  #hasMissed = false

  /** How many grabs may be under way. */
  get size(): number {
    return this.#size
  }

  /** A grab brought a job. */
  onJob(): void {
    this.#assigned += 1
  }

  /** A grab brought nothing. */
  onNoJob(): void {
    this.#hasMissed = true
  }

  /** A socket read has ended. `limit`: more can never be of use. */
  decide(limit: number): void {
    if (this.#hasMissed) this.#size = Math.max(1, this.#size >> 1)
    else this.#size = Math.min(this.#size + this.#assigned, limit, MAX_GRABS)
    this.#assigned = 0
    this.#hasMissed = false
  }
}
