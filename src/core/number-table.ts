const FIRST_SLOTS = 16
const FIRST_SHIFT = 28
/** A table of this size or below is kept: 24 KiB. What is in flight comes and goes in bursts, and each would size it anew. */
const KEPT_SLOTS = 2048
const FREE = -1
/** Four of five slots are used at most. */
const MAX_LOAD = 0.8
/** 2^32 divided by the golden ratio: numbers that follow one another, or have a common stride, are spread evenly. */
const SPREAD = 0x9e3779b1

/** The largest number that a {@link NumberTable} takes. */
export const MAX_TABLE_NUMBER: number = 2 ** 31 - 1

/**
 * Objects by whole numbers from 0 to {@link MAX_TABLE_NUMBER}: open addressing, one slot for each entry.
 *
 * A `Map` whose entries come and go makes a new table again and again, and each old one keeps all that it still refers to
 * alive until the next full collection. This one is changed in place; it only grows and shrinks.
 */
export class NumberTable<T extends object> {
  #numbers: Int32Array = new Int32Array(FIRST_SLOTS).fill(FREE)
  #values: (T | undefined)[] = emptySlots(FIRST_SLOTS)
  #size = 0
  /** How far a mixed number is shifted to be a slot: 32 less the bits of the number of slots. */
  #shift = FIRST_SHIFT

  /** How many entries there are. */
  get size(): number {
    return this.#size
  }

  /** The object of a number. */
  get(number: number): T | undefined {
    return this.#values[this.#slotOf(number)]
  }

  /** Sets the object of a number. */
  set(number: number, value: T): void {
    let slot = this.#slotOf(number)
    if (this.#numbers[slot] === FREE) {
      if (this.#size + 1 > this.#numbers.length * MAX_LOAD) {
        this.#resize(this.#numbers.length * 2)
        slot = this.#slotOf(number)
      }
      this.#numbers[slot] = number
      this.#size += 1
    }
    this.#values[slot] = value
  }

  /** Takes a number out. */
  delete(number: number): T | undefined {
    const slot = this.#slotOf(number)
    const value = this.#values[slot]
    if (value === undefined) return undefined
    this.#closeGap(slot)
    this.#size -= 1
    const slotCount = this.#numbers.length
    if (slotCount > KEPT_SLOTS && this.#size * 8 < slotCount) this.#resize(slotCount / 2)
    return value
  }

  /** All objects, in the order of their numbers. */
  inOrder(): T[] {
    const numbers = this.#numbers.filter((number) => number !== FREE).sort()
    return Array.from(numbers, (number) => this.get(number)).filter((value) => value !== undefined)
  }

  /** Forgets everything. */
  clear(): void {
    this.#numbers = new Int32Array(FIRST_SLOTS).fill(FREE)
    this.#values = emptySlots(FIRST_SLOTS)
    this.#size = 0
    this.#shift = FIRST_SHIFT
  }

  /** Where a number is, or would be. */
  #slotOf(number: number): number {
    const numbers = this.#numbers
    const mask = numbers.length - 1
    let slot = Math.imul(number, SPREAD) >>> this.#shift
    while (numbers[slot] !== number && numbers[slot] !== FREE) slot = (slot + 1) & mask
    return slot
  }

  /** Moves the entries behind a slot that is given up, so that none is cut off from where it is looked for. */
  #closeGap(freed: number): void {
    const numbers = this.#numbers
    const values = this.#values
    const mask = numbers.length - 1
    let gap = freed
    for (let slot = (gap + 1) & mask; ; slot = (slot + 1) & mask) {
      const number = numbers[slot] ?? FREE
      if (number === FREE) break
      const home = Math.imul(number, SPREAD) >>> this.#shift
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue
      numbers[gap] = number
      values[gap] = values[slot]
      gap = slot
    }
    numbers[gap] = FREE
    values[gap] = undefined
  }

  #resize(slotCount: number): void {
    const numbers = this.#numbers
    const values = this.#values
    this.#numbers = new Int32Array(slotCount).fill(FREE)
    this.#values = emptySlots(slotCount)
    this.#shift = Math.clz32(slotCount) + 1
    for (let old = 0; old < numbers.length; old += 1) {
      const number = numbers[old] ?? FREE
      if (number === FREE) continue
      const slot = this.#slotOf(number)
      this.#numbers[slot] = number
      this.#values[slot] = values[old]
    }
  }
}

function emptySlots<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined)
}
