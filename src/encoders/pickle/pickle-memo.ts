import type { PickleOutput } from './pickle-output.ts'
import type { PyGlobal } from './python-containers.ts'

/** So many different keys are written once only: more are seldom, but for keys that come once anyhow. */
const MAX_KEYS = 4096

/** What was written before, and its place in the memo of the reader. */
export class PickleMemo {
  readonly #out: PickleOutput
  readonly #objects = new Map<object, number>()
  readonly #keys = new Map<string, number>()
  readonly #globals = new Map<string, number>()
  #size = 0

  constructor(out: PickleOutput) {
    this.#out = out
  }

  /** The place of a container or an instance. */
  find(value: object): number | undefined {
    return this.#objects.get(value)
  }

  /** Refers to a container or an instance, and tells whether it was written before. */
  recall(value: object): boolean {
    return this.#recalled(this.#objects.get(value))
  }

  /** Keeps what was just written. */
  remember(value: object): void {
    this.#objects.set(value, this.#put())
  }

  /** Writes a key of an object, or refers to it. */
  key(key: string): void {
    if (this.#recalled(this.#keys.get(key))) return
    this.#out.text(key)
    if (this.#keys.size < MAX_KEYS) this.#keys.set(key, this.#put())
  }

  /** Refers to the name of a class, and tells whether it was written before. */
  recallGlobal(global: PyGlobal): boolean {
    return this.#recalled(this.#globals.get(`${global.module}\n${global.name}`))
  }

  rememberGlobal(global: PyGlobal): void {
    this.#globals.set(`${global.module}\n${global.name}`, this.#put())
  }

  #recalled(place: number | undefined): boolean {
    if (place === undefined) return false
    this.#out.get(place)
    return true
  }

  #put(): number {
    const place = this.#size
    this.#out.put(place)
    this.#size += 1
    return place
  }
}
