/** How a load is spread. */
export interface LoadShape {
  readonly title: string
  /** Connections that submit, in one process. */
  readonly clients: number
  /** Connections that grab, in another one. */
  readonly workers: number
  /** How many functions each worker can do; jobs go to all of them in turn. */
  readonly functions: number
  /** Submissions, and grabs, that one connection has under way. */
  readonly window: number
}

/** What the processes are told. */
export type LoadCommand =
  | { readonly name: 'submit'; readonly jobs: number; readonly buckets: number }
  | { readonly name: 'grab'; readonly jobs: number; readonly buckets: number }
  | { readonly name: 'serve' }
  | { readonly name: 'trips'; readonly inFlight: number }

/** What they report. */
export type LoadReport =
  | { readonly name: 'ready' }
  /** One bucket of jobs is done. */
  | { readonly name: 'rate'; readonly perSecond: number }

/** The name of a function of the load. */
export function functionName(index: number): string {
  return `function-${index}`
}

/** Reports a rate each time that a part of some jobs is done. */
export class Meter {
  readonly #bucketJobs: number
  readonly #report: (perSecond: number) => void
  #done = 0
  #startMs: number = performance.now()

  constructor(bucketJobs: number, report: (perSecond: number) => void) {
    this.#bucketJobs = bucketJobs
    this.#report = report
  }

  /** One more is done. */
  count(): void {
    this.#done += 1
    if (this.#done % this.#bucketJobs !== 0) return
    const nowMs = performance.now()
    this.#report((this.#bucketJobs / (nowMs - this.#startMs)) * 1000)
    this.#startMs = nowMs
  }
}
