/** Whether it is an object that a dict was made into, not an instance of anything. */
export function isPlainDict(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/**
 * Which dicts are objects and which are `Map`s, where that shows late: a dict begins as an object, and becomes a `Map` with
 * its first key that is no string. The object may be in use elsewhere by then, in a dict that holds itself. Then the
 * pickle is read once more, with that known from the beginning.
 */
export class DictKinds {
  /** Places in the memo whose dicts are `Map`s from the beginning: what a first reading found out. */
  readonly #mapPlaces: ReadonlySet<number>
  /** Objects that have become a `Map`. */
  #moved: Map<object, Map<unknown, unknown>> | undefined
  /** Objects that the pickle fetched from its memo, and from which place. */
  #fetched: Map<object, number> | undefined
  /** Of those that have become a `Map`, the places of those that had been fetched before. */
  readonly conflicts: Set<number> = new Set()

  constructor(mapPlaces: ReadonlySet<number> = new Set()) {
    this.#mapPlaces = mapPlaces
  }

  /** Whether a value that is put into the memo must be replaced by a `Map`. */
  mustBeMap(place: number, value: unknown): boolean {
    return this.#mapPlaces.size > 0 && this.#mapPlaces.has(place) && isPlainDict(value)
  }

  /** What a value of the memo is by now. */
  fetch(value: object, place: number): object {
    const current = this.#moved?.get(value) ?? value
    if (isPlainDict(current)) {
      this.#fetched ??= new Map()
      if (!this.#fetched.has(current)) this.#fetched.set(current, place)
    }
    return current
  }

  /** The `Map` that an object becomes. */
  move(dict: Record<string, unknown>): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>(Object.entries(dict))
    this.#moved ??= new Map()
    this.#moved.set(dict, map)
    const place = this.#fetched?.get(dict)
    if (place !== undefined) this.conflicts.add(place)
    return map
  }
}
