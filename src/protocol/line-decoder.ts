import { ProtocolError } from '../errors.ts'
import { BodyCollector } from './body-collector.ts'

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Bytes to lines of text. gearmand ends some with `\n` and some with `\r\n`; both are cut off.
 */
export class LineDecoder {
  readonly #maxLineBytes: number
  readonly #pending = new BodyCollector()
  #line: Buffer | undefined

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes
  }

  /** Whether the beginning of a line is held. */
  get isMidLine(): boolean {
    return this.#pending.length > 0
  }

  /** How many bytes of an unfinished line are held. */
  get heldBytes(): number {
    return this.#pending.length
  }

  /** Whether {@link read} would throw. */
  isTooLong(chunk: Buffer, offset: number): boolean {
    const newline = chunk.indexOf(NEWLINE, offset)
    const end = newline === -1 ? chunk.length : newline
    return this.#pending.length + end - offset > this.#maxLineBytes
  }

  /**
   * Reads up to the end of the line, or of the chunk.
   *
   * @returns where reading goes on; {@link take} then has the line if it is whole
   * @throws ProtocolError when the line is over the limit
   */
  read(chunk: Buffer, offset: number): number {
    const newline = chunk.indexOf(NEWLINE, offset)
    const end = newline === -1 ? chunk.length : newline
    if (this.#pending.length + end - offset > this.#maxLineBytes) {
      throw new ProtocolError(`a line of text is over the limit of ${this.#maxLineBytes} bytes`)
    }
    if (newline === -1) {
      this.#pending.add(chunk, offset, end)
      return chunk.length
    }
    if (this.#pending.length === 0) this.#line = chunk.subarray(offset, end)
    else {
      this.#pending.add(chunk, offset, end)
      this.#line = this.#pending.take()
    }
    return newline + 1
  }

  /** The line that was completed last, once. */
  take(): Buffer | undefined {
    const line = this.#line
    this.#line = undefined
    if (line === undefined) return undefined
    return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line
  }
}
