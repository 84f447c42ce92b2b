import type { BenchmarkServer } from './servers.ts'

/**
 * A measurement that is more than one figure: it starts the servers itself, once or with several options, and
 * prints its own table. A study takes longer than a scenario and runs only when it is named.
 */
export interface Study {
  readonly name: string
  /** @param servers - gearmand first, when it is installed, and the bundled server */
  run(servers: readonly BenchmarkServer[]): Promise<void>
}
