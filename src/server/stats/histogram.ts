import type { ServerHistogram } from '../server-stats.ts'

/** Of the lowest bound: 2 to the power of -6, 1/64 ms or 15.6 microseconds. */
const LOWEST_EXPONENT = -6
/** Of the highest bound: 2 to the power of 24, 16,777,216 ms or 4.7 hours. */
const HIGHEST_EXPONENT = 24
/** As many units of the lowest bound are a millisecond. */
const UNITS_PER_MS = 2 ** -LOWEST_EXPONENT
const BOUND_COUNT = HIGHEST_EXPONENT - LOWEST_EXPONENT + 1
const HIGHEST_UNITS = 2 ** (BOUND_COUNT - 1)

const BOUNDS: readonly number[] = Object.freeze(
  Array.from({ length: BOUND_COUNT }, (_, index) => 2 ** (LOWEST_EXPONENT + index)),
)

const EMPTY: ServerHistogram = Object.freeze({
  bounds: BOUNDS,
  counts: Object.freeze(BOUNDS.map(() => 0)),
  count: 0,
  sum: 0,
})

/**
 * Counts durations in 32 buckets of fixed bounds, each twice the one before: the same memory however many
 * are counted, and no search, since the bits of a duration tell its bucket.
 */
export class Histogram {
  /** One count for each bound, and one for what is over all of them. */
  readonly #counts: number[] = new Array<number>(BOUND_COUNT + 1).fill(0)
  #sumMs = 0

  /** Counts one duration. */
  observe(durationMs: number): void {
    const index = bucketOf(durationMs)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sumMs += durationMs
  }

  /** What was counted until now. */
  snapshot(): ServerHistogram {
    let count = 0
    const counts = this.#counts.map((own) => {
      count += own
      return count
    })
    counts.pop()
    return { bounds: BOUNDS, counts, count, sum: this.#sumMs }
  }
}

/** A snapshot of a histogram, or of one that was not needed yet. */
export function snapshotOf(histogram: Histogram | undefined): ServerHistogram {
  return histogram === undefined ? EMPTY : histogram.snapshot()
}

/** The first bucket whose bound is not below the duration. */
function bucketOf(durationMs: number): number {
  const units = durationMs * UNITS_PER_MS
  if (units <= 1) return 0
  if (units > HIGHEST_UNITS) return BOUND_COUNT
  return 32 - Math.clz32(Math.ceil(units) - 1)
}
