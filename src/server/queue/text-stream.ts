/** About what one part of a stream brings. */
const PART_CHARACTERS = 64 * 1024
/** The most pieces that are asked for at once: many of them may be empty. */
const PART_PIECES = 2048

/**
 * The answer to a text command that may be long, or take long: made part by part, so that neither a table of a
 * million jobs nor a command that goes through them all holds up everybody else.
 */
export class TextStream {
  /** It goes on when the peer leaves: the command does something, and what it began must be ended. */
  readonly mustFinish: boolean
  readonly #pieces: Iterator<string>
  #isDone = false

  /** @param pieces - text with its line ends, each character one byte; an empty piece counts as work done */
  constructor(pieces: Iterable<string>, options: { readonly mustFinish?: boolean } = {}) {
    this.#pieces = pieces[Symbol.iterator]()
    this.mustFinish = options.mustFinish ?? false
  }

  /** Whether {@link nextPart} has given the last part. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** The next part, possibly empty. */
  nextPart(): Buffer {
    let part = ''
    for (let count = 0; count < PART_PIECES && part.length < PART_CHARACTERS; count += 1) {
      const { done, value } = this.#pieces.next()
      if (done === true) {
        this.#isDone = true
        break
      }
      part += value
    }
    return Buffer.from(part, 'latin1')
  }
}
