import { randomBytes } from 'node:crypto'

const UNIQUE_BYTES = 16
const UNIQUE_UNITS = 2 * UNIQUE_BYTES
/** Random bytes are fetched for this many ids at a time: one call out of JavaScript each would cost more than the rest. */
const IDS_PER_FETCH = 1024
/** So many ids are parts of one text, which is kept as long as one of them is. */
const IDS_PER_TEXT = 128

/** What Python makes of a missing unique id: 16 random bytes in hexadecimal. */
export class RandomUniques {
  #bytes: Buffer = Buffer.alloc(0)
  #usedBytes = 0
  #text = ''
  #usedUnits = 0

  /** Another one. */
  next(): string {
    if (this.#usedUnits === this.#text.length) {
      this.#text = this.#nextText()
      this.#usedUnits = 0
    }
    this.#usedUnits += UNIQUE_UNITS
    return this.#text.slice(this.#usedUnits - UNIQUE_UNITS, this.#usedUnits)
  }

  #nextText(): string {
    if (this.#usedBytes === this.#bytes.length) {
      this.#bytes = randomBytes(UNIQUE_BYTES * IDS_PER_FETCH)
      this.#usedBytes = 0
    }
    const from = this.#usedBytes
    this.#usedBytes += UNIQUE_BYTES * IDS_PER_TEXT
    return this.#bytes.toString('hex', from, this.#usedBytes)
  }
}
