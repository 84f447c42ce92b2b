/** More than this tell nothing more. */
const MOST = 1_000_000

/** How long single jobs took. */
export class Latencies {
  readonly #all: number[] = []

  /** One more, in milliseconds. */
  add(ms: number): void {
    if (this.#all.length < MOST) this.#all.push(ms)
  }

  /** The middle one, and the one that a hundredth is slower than; nothing where there are none. */
  summary(): { readonly p50Ms?: number; readonly p99Ms?: number } {
    const sorted = this.#all.toSorted((left, right) => left - right)
    const last = sorted.length - 1
    const p50Ms = sorted[Math.floor(last / 2)]
    const p99Ms = sorted[Math.floor(last * 0.99)]
    return p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p99Ms }
  }
}
