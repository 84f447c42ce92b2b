/** One value that memcached holds. */
export interface MemcachedValue {
  readonly key: string
  readonly flags: number
  readonly data: Buffer
  /** Changes with each write; only of `gets`. */
  readonly cas: string
}

/** What memcached says to one command. */
export interface MemcachedReply {
  /** The line that ends it, as in `STORED`, `END`, `SERVER_ERROR out of memory`. */
  readonly line: string
  readonly values: readonly MemcachedValue[]
  /** What came before it: lines `STAT name value`, or the keys of a dump. */
  readonly lines: readonly string[]
}

const NEWLINE = 0x0a

/**
 * Takes the bytes of memcached apart into replies (memcached `doc/protocol.txt`). Every command that is used
 * ends with one line that begins with a word of its own.
 */
export class ReplyReader {
  readonly #keyPrefix: string
  readonly #onReply: (reply: MemcachedReply) => void
  #chunks: Buffer[] = []
  #bytes = 0
  /** So many are needed before it is worth a look. */
  #needed = 1
  #values: MemcachedValue[] = []
  #lines: string[] = []

  /** @param keyPrefix - of a dump, which may be of millions of keys, only those that begin so are kept */
  constructor(keyPrefix: string, onReply: (reply: MemcachedReply) => void) {
    this.#keyPrefix = keyPrefix
    this.#onReply = onReply
  }

  /** Reads what came. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#needed) return
    const bytes = Buffer.concat(this.#chunks)
    const rest = bytes.subarray(this.#readAll(bytes))
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#bytes = rest.length
  }

  /** @returns how many bytes were used */
  #readAll(bytes: Buffer): number {
    this.#needed = 1
    let at = 0
    for (;;) {
      const end = bytes.indexOf(NEWLINE, at)
      if (end < 0) return at
      const line = bytes.toString('latin1', at, end).trimEnd()
      if (line.startsWith('VALUE ')) {
        const [, key = '', flags, length, cas = ''] = line.split(' ')
        const dataEnd = end + 1 + Number(length)
        if (bytes.length < dataEnd + 2) {
          this.#needed = dataEnd + 2 - at
          return at
        }
        this.#values.push({
          key,
          flags: Number(flags),
          cas,
          data: bytes.subarray(end + 1, dataEnd),
        })
        at = dataEnd + 2
      } else {
        this.#readLine(line)
        at = end + 1
      }
    }
  }

  #readLine(line: string): void {
    if (line.startsWith('key=')) {
      const key = decode(line.slice(4).split(' ', 1)[0] ?? '')
      if (key.startsWith(this.#keyPrefix)) this.#lines.push(key)
      return
    }
    if (line.startsWith('STAT ')) {
      this.#lines.push(line)
      return
    }
    const reply = { line, values: this.#values, lines: this.#lines }
    this.#values = []
    this.#lines = []
    this.#onReply(reply)
  }
}

/** A dump has bytes as %XX. */
function decode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}
