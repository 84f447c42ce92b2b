/** What one handle belongs to: mostly one submission, several when the server coalesced them. */
interface Shared<T> {
  readonly members: T[]
  turn: number
}

/**
 * Handles to the submissions that wait for their job.
 *
 * A server sends every packet of a job once for each submission that it coalesced, also to one connection
 * (gearmand `libgearman-server/server.cc`, `_server_queue_work_data`); the copies are dealt out in turn.
 */
export class HandleTable<T extends object> {
  readonly #entries = new Map<string, T | Shared<T>>()
  #size = 0

  /** How many submissions wait. */
  get size(): number {
    return this.#size
  }

  /** Adds a submission to those of a handle. */
  add(handle: string, member: T): void {
    const entry = this.#entries.get(handle)
    this.#size += 1
    if (entry === undefined) this.#entries.set(handle, member)
    else if (isShared(entry)) entry.members.push(member)
    else this.#entries.set(handle, { members: [entry, member], turn: 0 })
  }

  /** The submission whose turn it is to get a copy; `undefined` for a handle that ended. */
  next(handle: string): T | undefined {
    const entry = this.#entries.get(handle)
    if (entry === undefined || !isShared(entry)) return entry
    const member = entry.members[entry.turn % entry.members.length]
    entry.turn += 1
    return member
  }

  /** All submissions of a handle, which has ended; further packets for it are nobody's. */
  end(handle: string): readonly T[] {
    const entry = this.#entries.get(handle)
    if (entry === undefined) return []
    this.#entries.delete(handle)
    const members = isShared(entry) ? entry.members : [entry]
    this.#size -= members.length
    return members
  }

  /** All submissions of all handles; the table is empty afterwards. */
  drain(): readonly T[] {
    const members: T[] = []
    for (const entry of this.#entries.values()) {
      if (isShared(entry)) members.push(...entry.members)
      else members.push(entry)
    }
    this.#entries.clear()
    this.#size = 0
    return members
  }
}

function isShared<T extends object>(entry: T | Shared<T>): entry is Shared<T> {
  return 'members' in entry
}
