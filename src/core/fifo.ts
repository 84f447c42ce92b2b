/** A front that is shorter stays: giving memory back at each turn of a short queue costs more than it. */
const MIN_DEAD_ENTRIES = 64

/** A first-in, first-out queue whose `shift` does not move the other entries. */
export class Fifo<T> {
  #entries: (T | undefined)[] = []
  #head = 0

  /** How many entries wait. */
  get length(): number {
    return this.#entries.length - this.#head
  }

  /** Appends an entry. */
  push(entry: T): void {
    this.#entries.push(entry)
  }

  /** The oldest entry, left in place. */
  peek(): T | undefined {
    return this.#entries[this.#head]
  }

  /** Takes the oldest entry out. */
  shift(): T | undefined {
    if (this.#head === this.#entries.length) return undefined
    const entry = this.#entries[this.#head]
    this.#entries[this.#head] = undefined
    this.#head += 1
    this.#compact()
    return entry
  }

  /** Takes all entries out, oldest first. */
  drain(): T[] {
    const entries = this.#head === 0 ? this.#entries : this.#entries.slice(this.#head)
    this.#entries = []
    this.#head = 0
    return entries as T[]
  }

  /** The dead front is cut off once it is the larger half: amortised O(1), and memory is given back. */
  #compact(): void {
    if (this.#head < MIN_DEAD_ENTRIES) return
    if (this.#head === this.#entries.length) {
      this.#entries.length = 0
      this.#head = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }
}
