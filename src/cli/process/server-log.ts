import { LOG_LEVELS, type LogLevel } from '../server-settings.ts'
import { escapeText } from './escape-name.ts'
import { formatLogLine, type LogThread } from './log-line.ts'
import type { LogSink } from './log-sink.ts'

/** The log of the server process: one threshold, any number of destinations. */
export class ServerLog {
  readonly #threshold: number
  readonly #sinks: readonly LogSink[]

  constructor(level: LogLevel, sinks: readonly LogSink[]) {
    this.#threshold = LOG_LEVELS.indexOf(level)
    this.#sinks = sinks
  }

  /** Whether lines of that level are written at all. */
  has(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) <= this.#threshold && this.#sinks.length > 0
  }

  /** Writes a line if its level is wanted. */
  write(level: LogLevel, text: string, thread: LogThread = 'main'): void {
    if (this.has(level)) this.writeAlways(level, text, thread)
  }

  /** Writes a line that is worth more than its level: what the operator has to know once. */
  writeAlways(level: LogLevel, text: string, thread: LogThread = 'main'): void {
    const safe = escapeText(text)
    const line = formatLogLine(level, thread, safe, Date.now())
    for (const sink of this.#sinks) sink.write(level, safe, line)
  }

  /** Last words: written when this returns. */
  writeNow(level: LogLevel, text: string): void {
    const safe = escapeText(text)
    const line = formatLogLine(level, 'main', safe, Date.now())
    for (const sink of this.#sinks) sink.writeNow(level, safe, line)
  }

  /** Opens files again by their names, after a rotation. A failure stands in the log, which goes on. */
  reopen(): void {
    for (const sink of this.#sinks) {
      try {
        sink.reopen()
      } catch (error) {
        this.write('ERROR', `the old log file stays in use: ${String(error)}`)
      }
    }
  }

  /** Resolves when all lines are written; does not wait for ever for a reader that sleeps. */
  async close(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs)
    })
    await Promise.race([Promise.all(this.#sinks.map((sink) => sink.close())), limit])
    clearTimeout(timer)
  }
}
