import type { BenchmarkServer } from './servers.ts'

/**
 * A measurement that is more than one figure: it starts the servers itself, once or with several options, and
 * prints its own table. A study takes longer than a scenario and runs only when it is named.
 */
export interface Study {
  readonly name: string
  /** @param servers - gearmand first, when it is installed, and the bundled server */
  run(servers: readonly BenchmarkServer[], options: StudyOptions): Promise<void>
}

/** What the command line asks of a study. */
export interface StudyOptions {
  /** Less of everything: to see that it works, not to read its figures. */
  readonly isQuick: boolean
}
