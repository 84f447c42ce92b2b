import type { LogLevel } from '../server-settings.ts'

/** A destination of log lines. None of its methods waits for the disk or for another process. */
export interface LogSink {
  /** One entry: its text alone, and the whole line of the log file. */
  write(level: LogLevel, text: string, line: string): void
  /** The same, from a process that ends right after it. */
  writeNow(level: LogLevel, text: string, line: string): void
  /** Opens a file again by its name. Throws when that fails; the old one stays in use then. */
  reopen(): void
  /** Resolves when all is written; with a destination that takes nothing, never. */
  close(): Promise<void>
}
