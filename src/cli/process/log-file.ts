import { constants, openSync } from 'node:fs'
import { systemReason } from '../describe-error.ts'
import type { LogLevel } from '../server-settings.ts'
import { formatLogLine } from './log-line.ts'
import type { LogSink } from './log-sink.ts'
import { LogWriter } from './log-writer.ts'
import { StartFailure } from './start-failure.ts'

const STDERR_FD = 2
/** Non-blocking: a named pipe without a reader is refused, and one whose reader sleeps is not waited for. */
const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0)
const MODE = 0o666

/** A log file, or stderr. */
export class LogFile implements LogSink {
  readonly #path: string | undefined
  readonly #writer: LogWriter

  /**
   * @param path appended to; `undefined` for stderr
   * @throws StartFailure when it cannot be opened
   */
  constructor(path: string | undefined) {
    this.#path = path
    const fd = path === undefined ? STDERR_FD : openLog(path)
    this.#writer = new LogWriter(fd, noteDropped)
  }

  write(_level: LogLevel, _text: string, line: string): void {
    this.#writer.write(line)
  }

  writeNow(_level: LogLevel, _text: string, line: string): void {
    this.#writer.writeNow(line)
  }

  /** gearmand creates a file of the name `stderr` here. */
  reopen(): void {
    if (this.#path === undefined) return
    this.#writer.replace(openLog(this.#path))
  }

  async close(): Promise<void> {
    await this.#writer.idle()
  }
}

function noteDropped(dropped: number): string {
  const text = `${dropped} lines are missing here: they could not be written in time`
  return formatLogLine('WARNING', 'main', text, Date.now())
}

function openLog(path: string): number {
  try {
    return openSync(path, APPEND, MODE)
  } catch (error) {
    throw new StartFailure(`cannot write log file ${path}: ${systemReason(error)}`, {
      cause: error,
    })
  }
}
