/** What an ordinary client saw; times in milliseconds. */
export interface LatencyReport {
  readonly calls: number
  readonly errors: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}
