import { isSameAs } from '../core/short-bytes.ts'

const NOTHING = Buffer.alloc(0)

/** Reads a text that is mostly the one before: to compare its bytes costs less than to make a string of them. */
export class RepeatedText {
  #bytes: Buffer = NOTHING
  #text = ''

  /** The UTF-8 text from `start` to `end`. */
  read(bytes: Buffer, start: number, end: number): string {
    if (!isSameAs(this.#bytes, bytes, start, end)) {
      this.#bytes = Buffer.from(bytes.subarray(start, end))
      this.#text = this.#bytes.toString('utf8')
    }
    return this.#text
  }
}
