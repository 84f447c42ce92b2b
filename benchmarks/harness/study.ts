import type { BenchmarkServer } from './servers.ts'

/**
 * What `npm run bench -- NAME` runs: a measurement that starts the servers itself, once or with several options, and
 * prints its own table.
 */
export interface Study {
  readonly name: string
  /** One line for `--help`. */
  readonly title: string
  /** @param servers - gearmand first, when it is installed, and the bundled server */
  run(servers: readonly BenchmarkServer[], options: StudyOptions): Promise<void>
}

/** What the command line asks of a study. */
export interface StudyOptions {
  /** What stands behind the study's name. */
  readonly args: readonly string[]
  /** Less of everything: to see that it works, not to read its figures. */
  readonly isQuick: boolean
  /** How often each figure is measured, when the command line says so. */
  readonly repeat: number | undefined
}

/** The command line asks for something that there is not: the message says what there is. */
export class UsageError extends Error {
  static {
    UsageError.prototype.name = 'UsageError'
  }
}
