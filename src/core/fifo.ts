/** A ring that is no longer than this is kept, however few entries are in it. */
const SMALL_SLOTS = 1024
const FIRST_SLOTS = 16

/**
 * A first-in, first-out queue: a ring whose slots are used again.
 *
 * It is not an array that is cut off at its front: each such array would die in the old generation of the heap, and keep
 * what it still refers to alive until the next full collection.
 */
export class Fifo<T> {
  /** Its length is a power of two. */
  #slots: (T | undefined)[] = []
  #head = 0
  #length = 0

  /** How many entries wait. */
  get length(): number {
    return this.#length
  }

  /** Appends an entry. */
  push(entry: T): void {
    if (this.#length === this.#slots.length) this.#resize(Math.max(FIRST_SLOTS, this.#length * 2))
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = entry
    this.#length += 1
  }

  /** The oldest entry, left in place. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head]
  }

  /** Takes the oldest entry out. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const slots = this.#slots
    const entry = slots[this.#head]
    slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (slots.length - 1)
    this.#length -= 1
    // A quarter: what has just shrunk does not grow again at the next entry.
    if (slots.length > SMALL_SLOTS && this.#length * 4 < slots.length) {
      this.#resize(slots.length / 2)
    }
    return entry
  }

  /** Takes all entries out, oldest first. */
  drain(): T[] {
    const entries = this.#inOrder()
    this.#slots = []
    this.#head = 0
    this.#length = 0
    return entries as T[]
  }

  #resize(slotCount: number): void {
    const slots = this.#inOrder()
    for (let index = slots.length; index < slotCount; index += 1) slots.push(undefined)
    this.#slots = slots
    this.#head = 0
  }

  #inOrder(): (T | undefined)[] {
    const end = this.#head + this.#length
    const slots = this.#slots
    if (end <= slots.length) return slots.slice(this.#head, end)
    return slots.slice(this.#head).concat(slots.slice(0, end - slots.length))
  }
}
