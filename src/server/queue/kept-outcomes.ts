import type { StoredOutcome } from '../stores/queue-store.ts'

/** How many outcomes are kept, and for how long. */
export interface KeptLimits {
  /** `Infinity` for any number. */
  readonly maxJobs: number
  /** Of data, results and exceptions; `Infinity` for any number. */
  readonly maxBytes: number
  /** After the end of the job; `Infinity` for ever. */
  readonly maxAgeMs: number
}

/** What one outcome takes besides its data, roughly. */
const ENTRY_BYTES = 512

/** Outcomes of jobs in the order in which they ended. When they are too many, too large or too old, the oldest go. */
export class KeptOutcomes {
  readonly #limits: KeptLimits
  readonly #onDropped: (outcome: StoredOutcome) => void
  readonly #outcomes = new Map<number, StoredOutcome>()
  #bytes = 0

  /** @param onDropped - called with each that goes because of the limits, when it is gone */
  constructor(limits: KeptLimits, onDropped: (outcome: StoredOutcome) => void) {
    this.#limits = limits
    this.#onDropped = onDropped
  }

  get size(): number {
    return this.#outcomes.size
  }

  /** Unix time in milliseconds at which the oldest becomes too old; `undefined` when none does. */
  get nextExpiryMs(): number | undefined {
    const [oldest] = this.#outcomes.values()
    if (oldest === undefined || this.#limits.maxAgeMs === Number.POSITIVE_INFINITY) return undefined
    return oldest.endedAtMs + this.#limits.maxAgeMs
  }

  get(key: number): StoredOutcome | undefined {
    return this.#outcomes.get(key)
  }

  /** All, the oldest first. It may change meanwhile. */
  values(): IterableIterator<StoredOutcome> {
    return this.#outcomes.values()
  }

  /** Adds the newest. One that is too large by itself is dropped at once. */
  add(outcome: StoredOutcome): void {
    this.delete(outcome.job.key)
    this.#outcomes.set(outcome.job.key, outcome)
    this.#bytes += bytesOf(outcome)
    for (const oldest of this.#outcomes.values()) {
      if (this.#outcomes.size <= this.#limits.maxJobs && this.#bytes <= this.#limits.maxBytes) break
      this.#drop(oldest)
    }
  }

  /** Changes what is kept of a job, in its place. */
  replace(outcome: StoredOutcome): void {
    const before = this.#outcomes.get(outcome.job.key)
    if (before === undefined) return
    this.#bytes += bytesOf(outcome) - bytesOf(before)
    this.#outcomes.set(outcome.job.key, outcome)
  }

  /** @returns whether it was there */
  delete(key: number): boolean {
    const outcome = this.#outcomes.get(key)
    if (outcome === undefined) return false
    this.#bytes -= bytesOf(outcome)
    return this.#outcomes.delete(key)
  }

  /** Drops what is too old. */
  expire(nowMs: number): void {
    for (const outcome of this.#outcomes.values()) {
      if (outcome.endedAtMs + this.#limits.maxAgeMs > nowMs) break
      this.#drop(outcome)
    }
  }

  clear(): void {
    this.#outcomes.clear()
    this.#bytes = 0
  }

  #drop(outcome: StoredOutcome): void {
    this.delete(outcome.job.key)
    this.#onDropped(outcome)
  }
}

function bytesOf({ job, output }: StoredOutcome): number {
  return ENTRY_BYTES + job.functionName.length + job.unique.length + job.data.length + output.length
}
