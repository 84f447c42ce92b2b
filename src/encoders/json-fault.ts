/** Where a text stops being JSON. */
export interface JsonFault {
  /** The index of the first UTF-16 unit that cannot be there; the length, when the text ends too early. */
  readonly position: number
  /** What is wrong, without any of the text. */
  readonly problem: 'unexpected character' | 'unexpected end'
}

/**
 * Finds where a text that `JSON.parse` refuses stops being JSON: the engine says so only now and then, and
 * then quotes the text. Linear in the text, whatever its depth.
 */
export function findJsonFault(text: string): JsonFault {
  const position = new JsonScanner(text).scan()
  return {
    position,
    problem: position < text.length ? 'unexpected character' : 'unexpected end',
  }
}

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or close' | 'end'

class JsonScanner {
  readonly #text: string
  /** The brackets that are open, each by the character that closes it. */
  readonly #open: string[] = []
  #at = 0
  #expected: Expected = 'value'
  #isFaulty = false

  constructor(text: string) {
    this.#text = text
  }

  /** @returns the index of the fault, or the length of the text */
  scan(): number {
    this.#skip(' \t\n\r')
    while (this.#at < this.#text.length) {
      this.#step()
      if (this.#isFaulty) return this.#at
      this.#skip(' \t\n\r')
    }
    return this.#at
  }

  #step(): void {
    const char = this.#text.charAt(this.#at)
    if (this.#expected === 'value') this.#value(char)
    else if (this.#expected === 'value or ]') this.#valueOrClose(char)
    else if (this.#expected === 'key') this.#key(char)
    else if (this.#expected === 'key or }') this.#keyOrClose(char)
    else if (this.#expected === 'colon') this.#colon(char)
    else if (this.#expected === 'comma or close') this.#commaOrClose(char)
    else this.#isFaulty = true
  }

  #value(char: string): void {
    if (char === '{') this.#enter('}', 'key or }')
    else if (char === '[') this.#enter(']', 'value or ]')
    else {
      this.#scalar(char)
      this.#valueDone()
    }
  }

  #valueOrClose(char: string): void {
    if (char === ']') this.#leave()
    else this.#value(char)
  }

  #key(char: string): void {
    if (char !== '"') {
      this.#isFaulty = true
      return
    }
    this.#string()
    this.#expected = 'colon'
  }

  #keyOrClose(char: string): void {
    if (char === '}') this.#leave()
    else this.#key(char)
  }

  #colon(char: string): void {
    this.#take(char === ':')
    this.#expected = 'value'
  }

  #commaOrClose(char: string): void {
    if (char === this.#open.at(-1)) {
      this.#leave()
      return
    }
    this.#take(char === ',')
    this.#expected = this.#open.at(-1) === '}' ? 'key' : 'value'
  }

  #enter(close: string, expected: Expected): void {
    this.#at += 1
    this.#open.push(close)
    this.#expected = expected
  }

  #leave(): void {
    this.#at += 1
    this.#open.pop()
    this.#valueDone()
  }

  #valueDone(): void {
    this.#expected = this.#open.length === 0 ? 'end' : 'comma or close'
  }

  #scalar(char: string): void {
    if (char === '"') this.#string()
    else if (char === 't') this.#word('true')
    else if (char === 'f') this.#word('false')
    else if (char === 'n') this.#word('null')
    else this.#number()
  }

  #word(word: string): void {
    for (const char of word) this.#one(char)
  }

  #number(): void {
    this.#optional('-')
    if (!this.#optional('0')) this.#digits()
    if (this.#optional('.')) this.#digits()
    if (this.#optional('eE')) {
      this.#optional('+-')
      this.#digits()
    }
  }

  #digits(): void {
    this.#one('0123456789')
    if (!this.#isFaulty) this.#skip('0123456789')
  }

  #string(): void {
    this.#one('"')
    while (this.#at < this.#text.length && !this.#isFaulty) {
      if (this.#optional('"')) return
      if (this.#optional('\\')) this.#escape()
      else this.#take(this.#text.charCodeAt(this.#at) >= 0x20)
    }
  }

  #escape(): void {
    if (!this.#optional('u')) {
      this.#one('"\\/bfnrt')
      return
    }
    for (let count = 0; count < 4; count += 1) this.#one('0123456789abcdefABCDEF')
  }

  /** Takes one character of the set if it is there. */
  #optional(set: string): boolean {
    const isThere =
      !this.#isFaulty && this.#at < this.#text.length && set.includes(this.#text.charAt(this.#at))
    if (isThere) this.#at += 1
    return isThere
  }

  /** Takes one character of the set; anything else is the fault. */
  #one(set: string): void {
    if (this.#at < this.#text.length) this.#take(set.includes(this.#text.charAt(this.#at)))
  }

  #take(isGood: boolean): void {
    if (this.#isFaulty || !isGood) this.#isFaulty = true
    else this.#at += 1
  }

  #skip(set: string): void {
    while (this.#at < this.#text.length && set.includes(this.#text.charAt(this.#at))) this.#at += 1
  }
}
