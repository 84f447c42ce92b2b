/** So many keys are in one chunk, which is written whole. */
const CHUNK_KEYS = 500

interface Chunk {
  readonly number: number
  readonly keys: Set<number>
}

/**
 * Which jobs a queue has: memcached cannot tell. In chunks of keys, each a value of its own, in the order in
 * which they were begun.
 */
export class JobIndex {
  readonly #chunks = new Map<number, Chunk>()
  readonly #chunkOf = new Map<number, Chunk>()
  /** Numbers of chunks that are not in memcached as they are here; those that are gone here, too. */
  readonly #changed = new Set<number>()
  #isListChanged = false
  #last: Chunk | undefined
  #nextNumber = 1

  /** Puts in a chunk as it was found. */
  restore(number: number, keys: readonly number[]): void {
    const chunk = { number, keys: new Set(keys) }
    this.#chunks.set(number, chunk)
    for (const key of keys) this.#chunkOf.set(key, chunk)
    this.#nextNumber = Math.max(this.#nextNumber, number + 1)
  }

  /** All keys, the lowest first. */
  sortedKeys(): number[] {
    return [...this.#chunkOf.keys()].sort((a, b) => a - b)
  }

  /** A job is there. */
  add(key: number): void {
    if (this.#chunkOf.has(key)) return
    if (this.#last === undefined || this.#last.keys.size >= CHUNK_KEYS) {
      this.#last = { number: this.#nextNumber, keys: new Set() }
      this.#nextNumber += 1
      this.#chunks.set(this.#last.number, this.#last)
      this.#isListChanged = true
    }
    this.#last.keys.add(key)
    this.#chunkOf.set(key, this.#last)
    this.#changed.add(this.#last.number)
  }

  /** A job is gone. */
  remove(key: number): void {
    const chunk = this.#chunkOf.get(key)
    if (chunk === undefined) return
    this.#chunkOf.delete(key)
    chunk.keys.delete(key)
    this.#changed.add(chunk.number)
    if (chunk.keys.size > 0 || chunk === this.#last) return
    this.#chunks.delete(chunk.number)
    this.#isListChanged = true
  }

  /** Nothing is in memcached any more. */
  forgetWritten(): void {
    for (const number of this.#chunks.keys()) this.#changed.add(number)
    this.#isListChanged = true
  }

  /** Whether the numbers of the chunks are others than were written. */
  get isListChanged(): boolean {
    return this.#isListChanged
  }

  /** The numbers of all chunks. */
  get numbers(): readonly number[] {
    return [...this.#chunks.keys()]
  }

  /** The chunks to write: their keys, or `undefined` for one to delete. */
  changes(): readonly (readonly [number: number, keys: string | undefined])[] {
    return Array.from(this.#changed, (number) => {
      const chunk = this.#chunks.get(number)
      return [number, chunk === undefined ? undefined : [...chunk.keys].join(' ')]
    })
  }

  /** Everything is in memcached. */
  onWritten(): void {
    this.#changed.clear()
    this.#isListChanged = false
  }
}
