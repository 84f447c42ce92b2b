import type { WriteStream } from 'node:tty'

const BAR_WIDTH = 30
const LINE_STEP = 0.25

/**
 * Shows how far something is: a bar that moves on a terminal; elsewhere, such as in the log of a CI job, a
 * line at each quarter.
 */
export class ProgressBar {
  readonly #out: WriteStream
  readonly #title: string
  #nextLine = LINE_STEP
  #isOpen = true

  constructor(out: WriteStream, title: string) {
    this.#out = out
    this.#title = title
    if (!out.isTTY) out.write(`${title}\n`)
  }

  /**
   * @param done - 0 to 1
   * @param text - what stands behind the bar
   */
  show(done: number, text: string): void {
    const percent = `${Math.floor(done * 100)} %`.padStart(5)
    if (this.#out.isTTY) {
      const filled = Math.floor(done * BAR_WIDTH)
      const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '-')
      this.#out.write(`\r${this.#title} [${bar}]${percent}  ${text}\x1b[K`)
    } else if (done >= this.#nextLine) {
      this.#out.write(`${percent}  ${text}\n`)
      this.#nextLine = (Math.floor(done / LINE_STEP) + 1) * LINE_STEP
    }
  }

  /** Goes to the next line. May be called again. */
  close(): void {
    if (this.#isOpen && this.#out.isTTY) this.#out.write('\n')
    this.#isOpen = false
  }
}
