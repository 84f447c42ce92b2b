import { MAX_TABLE_NUMBER, NumberTable } from '../core/number-table.ts'
import { handleFront, handleNumber } from '../protocol/job-handle.ts'

/** The submissions of one handle, when the server coalesced several. */
class Shared<T> {
  readonly members: T[]
  turn = 0

  constructor(members: T[]) {
    this.members = members
  }
}

type Entry<T> = T | Shared<T>

const NO_FRONT = new Uint8Array(0)

/**
 * Handles to the submissions that wait for their job. Handles are looked up as the bytes that they are in a packet: by their
 * number, where they have the usual form, and otherwise as text.
 *
 * A server sends every packet of a job once for each submission that it coalesced, also to one connection
 * (gearmand `libgearman-server/server.cc`, `_server_queue_work_data`); the copies are dealt out in turn.
 */
export class HandleTable<T extends object> {
  readonly #numbered = new NumberTable<Entry<T>>()
  readonly #others = new Map<string, Entry<T>>()
  /** What stands in front of the number in all handles of one server: that of the first one. */
  #front: Uint8Array = NO_FRONT
  #size = 0

  /** How many submissions wait. */
  get size(): number {
    return this.#size
  }

  /** Adds a submission to those of the handle from `start` to `end`. */
  add(bytes: Buffer, start: number, end: number, member: T): void {
    if (this.#front.length === 0) this.#front = handleFront(bytes, start, end)
    const number = this.#numberOf(bytes, start, end)
    const text = number === undefined ? bytes.toString('latin1', start, end) : ''
    const entry = number === undefined ? this.#others.get(text) : this.#numbered.get(number)
    this.#size += 1
    if (entry instanceof Shared) {
      entry.members.push(member)
      return
    }
    const next = entry === undefined ? member : new Shared([entry, member])
    if (number === undefined) this.#others.set(text, next)
    else this.#numbered.set(number, next)
  }

  /** The submission whose turn it is to get a copy; `undefined` for a handle that ended. */
  next(bytes: Buffer, start: number, end: number): T | undefined {
    const number = this.#numberOf(bytes, start, end)
    const entry =
      number === undefined
        ? this.#others.get(bytes.toString('latin1', start, end))
        : this.#numbered.get(number)
    if (!(entry instanceof Shared)) return entry
    const member = entry.members[entry.turn % entry.members.length]
    entry.turn += 1
    return member
  }

  /**
   * Takes out the submissions of a handle, which has ended; further packets for it are nobody's.
   *
   * @returns the only one, or all of them
   */
  end(bytes: Buffer, start: number, end: number): T | readonly T[] | undefined {
    const entry = this.#take(bytes, start, end)
    if (entry === undefined) return undefined
    if (!(entry instanceof Shared)) {
      this.#size -= 1
      return entry
    }
    this.#size -= entry.members.length
    return entry.members
  }

  /** All submissions of all handles, those of lower numbers first; the table is empty afterwards. */
  drain(): readonly T[] {
    const entries = [...this.#numbered.inOrder(), ...this.#others.values()]
    this.#numbered.clear()
    this.#others.clear()
    this.#size = 0
    return entries.flatMap((entry) => (entry instanceof Shared ? entry.members : [entry]))
  }

  #take(bytes: Buffer, start: number, end: number): Entry<T> | undefined {
    const number = this.#numberOf(bytes, start, end)
    if (number !== undefined) return this.#numbered.delete(number)
    const text = bytes.toString('latin1', start, end)
    const entry = this.#others.get(text)
    this.#others.delete(text)
    return entry
  }

  #numberOf(bytes: Buffer, start: number, end: number): number | undefined {
    const front = this.#front
    const number = front.length === 0 ? undefined : handleNumber(front, bytes, start, end)
    return number !== undefined && number <= MAX_TABLE_NUMBER ? number : undefined
  }
}
