import { close, write, writeSync } from 'node:fs'
import { createDeferred, type Deferred } from '../../core/deferred.ts'

/** What may wait for a file or pipe that takes nothing, in characters. Lines beyond are dropped. */
const MAX_WAITING = 1024 * 1024
/** A pipe that others made non-blocking says "later", not when. */
const RETRY_MS = 20

/**
 * Appends lines to a file descriptor in the background: a full pipe or a slow disk never holds up the
 * server. Failures drop lines and count them; they have nowhere to be told but the log itself.
 */
export class LogWriter {
  readonly #noteDropped: (dropped: number) => string
  #fd: number
  #waiting: string[] = []
  #waitingLength = 0
  #dropped = 0
  #isWriting = false
  #retired: number[] = []
  #idle: Deferred<void> | undefined

  /** `noteDropped` gives the line that stands where lines are missing. */
  constructor(fd: number, noteDropped: (dropped: number) => string) {
    this.#fd = fd
    this.#noteDropped = noteDropped
  }

  /** Queues a line. */
  write(line: string): void {
    if (this.#waitingLength + line.length > MAX_WAITING) {
      this.#dropped += 1
      return
    }
    this.#queue(line)
    if (!this.#isWriting) this.#writeWaiting()
  }

  /** A line that must be out before the process ends, which may be at once. */
  writeNow(line: string): void {
    try {
      writeSync(this.#fd, this.#take() + line)
    } catch {
      // The process ends because of something worse.
    }
  }

  /** Writes to another descriptor from the next batch on, and closes the old one. */
  replace(fd: number): void {
    this.#retired.push(this.#fd)
    this.#fd = fd
    if (!this.#isWriting) this.#closeRetired()
  }

  /** Resolves when nothing waits and nothing is being written. */
  async idle(): Promise<void> {
    if (!this.#isWriting) return
    this.#idle ??= createDeferred()
    await this.#idle.promise
  }

  #queue(line: string): void {
    this.#waiting.push(line)
    this.#waitingLength += line.length
  }

  #take(): string {
    const text = this.#waiting.join('')
    this.#waiting = []
    this.#waitingLength = 0
    return text
  }

  #writeWaiting(): void {
    this.#isWriting = true
    this.#writeBytes(this.#fd, Buffer.from(this.#take()))
  }

  #writeBytes(fd: number, bytes: Buffer): void {
    write(fd, bytes, (error, written) => {
      if (error === null && written < bytes.length) this.#writeBytes(fd, bytes.subarray(written))
      else if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeBytes(fd, bytes), RETRY_MS).unref()
      } else this.#onWritten(error === null ? 0 : countLines(bytes))
    })
  }

  #onWritten(lost: number): void {
    this.#isWriting = false
    this.#closeRetired()
    const dropped = this.#dropped
    this.#dropped = lost
    // Only a batch that went through makes room; while all fail, the count goes on.
    if (lost > 0) this.#dropped += dropped
    else if (dropped > 0) this.#queue(this.#noteDropped(dropped))
    if (this.#waiting.length > 0) {
      this.#writeWaiting()
      return
    }
    this.#idle?.resolve()
    this.#idle = undefined
  }

  #closeRetired(): void {
    // Nothing depends on how the closing ends: whatever was written is written.
    for (const fd of this.#retired) close(fd, () => undefined)
    this.#retired = []
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1
  return lines
}
