import { UsageError } from '../usage-error.ts'

/** A line of a config file: its words, quotes and comments taken off. */
export type ConfigLine = readonly string[]

/** Outside of quotes a backslash before any other character is a character, as in gearmand's files. */
const ESCAPABLE = /[\s"'\\#]/

/**
 * Splits a config file into lines and words as a shell does, as far as init scripts' files need it: quotes,
 * comments, and lines that go on behind a backslash.
 *
 * @throws UsageError for a quote without an end
 */
export function splitLines(text: string): readonly ConfigLine[] {
  return new LineSplitter(text).lines()
}

class LineSplitter {
  readonly #text: string
  readonly #lines: ConfigLine[] = []
  #words: string[] = []
  /** The word so far; `undefined` between two words. */
  #word: string | undefined
  #position = 0

  constructor(text: string) {
    this.#text = text.replaceAll('\r\n', '\n')
  }

  lines(): readonly ConfigLine[] {
    for (let char = this.#take(); char !== ''; char = this.#take()) this.#read(char)
    this.#endLine()
    return this.#lines
  }

  #read(char: string): void {
    if (char === '\n') this.#endLine()
    else if (/\s/.test(char)) this.#endWord()
    else if (char === '#' && this.#word === undefined) this.#skipComment()
    else if (char === '"' || char === "'") this.#readQuoted(char)
    else if (char === '\\') this.#readEscape(ESCAPABLE)
    else this.#append(char)
  }

  #readQuoted(quote: string): void {
    const line = this.#text.slice(0, this.#position).split('\n').length
    this.#append('')
    for (let char = this.#take(); char !== quote; char = this.#take()) {
      if (char === '') throw new UsageError(`line ${line}: a ${quote} without its end`)
      if (char === '\\' && quote === '"') this.#readEscape(/["\\$`\n]/)
      else this.#append(char)
    }
  }

  #readEscape(escapable: RegExp): void {
    const char = this.#text.charAt(this.#position)
    if (!escapable.test(char)) {
      this.#append('\\')
      return
    }
    this.#position++
    if (char !== '\n') this.#append(char) // the line goes on
  }

  #skipComment(): void {
    const end = this.#text.indexOf('\n', this.#position)
    this.#position = end === -1 ? this.#text.length : end
  }

  #take(): string {
    return this.#text.charAt(this.#position++)
  }

  #append(text: string): void {
    this.#word = (this.#word ?? '') + text
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word)
    this.#word = undefined
  }

  #endLine(): void {
    this.#endWord()
    if (this.#words.length > 0) this.#lines.push(this.#words)
    this.#words = []
  }
}
