import type { PhpKey } from './php-keys.ts'
import { PhpObject } from './php-values.ts'

/** What is being read: an array or an object whose elements are not all there yet. */
export interface PhpFrame {
  /** How many elements are to come. */
  remaining: number
  /** The key of the element that is being read. */
  key: PhpKey
  /** Its place among the values that references may name. */
  readonly slot: number
  /** Takes the value for {@link key}. */
  add(value: unknown): void
  /** The whole thing. */
  finish(): unknown
}

/** How arrays that are no lists are given. */
export type PhpArrayForm = 'object' | 'map'

/** An array: a list as long as its keys are 0, 1, 2, and so on. */
export class PhpArrayFrame implements PhpFrame {
  remaining: number
  key: PhpKey = 0
  readonly slot: number
  readonly #form: PhpArrayForm
  #list: unknown[] | undefined = []
  #keyed: Map<PhpKey, unknown> | Record<string, unknown> | undefined

  constructor(count: number, slot: number, form: PhpArrayForm) {
    this.remaining = count
    this.slot = slot
    this.#form = form
  }

  add(value: unknown): void {
    if (this.#list !== undefined) {
      if (this.key === this.#list.length) {
        this.#list.push(value)
        return
      }
      this.#toKeyed(this.#list)
    }
    this.#set(this.key, value)
  }

  finish(): unknown {
    return this.#list ?? this.#keyed
  }

  #toKeyed(list: readonly unknown[]): void {
    this.#keyed = this.#form === 'map' ? new Map() : {}
    for (const [key, value] of list.entries()) this.#set(key, value)
    this.#list = undefined
  }

  #set(key: PhpKey, value: unknown): void {
    if (this.#keyed instanceof Map) this.#keyed.set(key, value)
    else if (this.#keyed !== undefined) setOwn(this.#keyed, String(key), value)
  }
}

/** An object: there from the beginning, so that its elements can refer to it. */
export class PhpObjectFrame implements PhpFrame {
  remaining: number
  key: PhpKey = ''
  readonly slot: number
  readonly object: PhpObject

  constructor(count: number, slot: number, className: string) {
    this.remaining = count
    this.slot = slot
    this.object = new PhpObject(className)
  }

  add(value: unknown): void {
    this.object.properties.set(String(this.key), value)
  }

  finish(): unknown {
    return this.object
  }
}

/** Plain assignment of `__proto__` would set the prototype. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') {
    object[key] = value
    return
  }
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
