/** What one run showed. */
export interface Sample {
  /** In the unit of the scenario. */
  readonly value: number
  /** All jobs since the processes were ready, those of the warm-up included. */
  readonly allJobs?: number
  /** Latencies in milliseconds, where single jobs are timed. */
  readonly p50Ms?: number
  readonly p99Ms?: number
  /** Of each process that took part: processor time since it was ready, and the most memory it had. */
  readonly processes: readonly ProcessSample[]
}

/** What one process needed. */
export interface ProcessSample {
  readonly role: 'client' | 'worker' | 'server' | 'generator'
  readonly processorSeconds: number
  readonly peakMib: number
}

/** How much is measured in one run. */
export interface Effort {
  readonly warmUpMs: number
  readonly measuredMs: number
  /** A share of the jobs that a scenario counts. */
  readonly share: number
}

/** A library, or a server, that takes part in a scenario. */
export interface Contestant {
  readonly name: string
  /** Why it cannot take part here, or undefined. */
  problem(): string | undefined
  /** One run, with processes of its own. */
  run(effort: Effort): Promise<Sample>
}

/** Something to measure, for several contestants in turn. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** The table of results that it belongs to. */
  readonly group: string
  readonly unit: string
  /** The first is what the others are compared with. */
  readonly contestants: readonly Contestant[]
}
