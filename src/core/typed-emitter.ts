import { EventEmitter } from 'eventemitter3'
import { checkFunction } from './checks.ts'
import { createLog } from './log.ts'

const log = createLog('connection')

/** Event name to listener type. Every listener takes one object. */
export type EventMap<Events> = { readonly [Name in keyof Events]: (event: never) => void }

/** What a listener of that type is called with. */
export type EventOf<Listener> = Listener extends (event: infer Event) => void ? Event : never

type Listener = (event: never) => unknown
type Guarded = (...args: unknown[]) => void

/**
 * Typed events that cannot hurt the machine that emits them: what a listener throws or rejects with
 * is logged, never thrown into a socket handler.
 */
export class TypedEmitter<Events extends EventMap<Events>> {
  readonly #emitter = new EventEmitter()
  readonly #guarded = new WeakMap<Listener, Guarded>()
  /** The events that ever had a listener: of the others there is nothing to look up, at each of millions of jobs. */
  readonly #known = new Set<string>()

  /** Calls `listener` at each event of that name. */
  on<Name extends keyof Events & string>(name: Name, listener: Events[Name]): void {
    this.#emitter.on(name, this.#guard(name, listener))
  }

  /** Calls `listener` at the next event of that name only. */
  once<Name extends keyof Events & string>(name: Name, listener: Events[Name]): void {
    this.#emitter.once(name, this.#guard(name, listener))
  }

  /** Takes a listener away. */
  off<Name extends keyof Events & string>(name: Name, listener: Events[Name]): void {
    const guarded = this.#guarded.get(listener)
    if (guarded !== undefined) this.#emitter.off(name, guarded)
  }

  /** How many listeners an event has. */
  listenerCount(name: keyof Events & string): number {
    return this.#known.has(name) ? this.#emitter.listenerCount(name) : 0
  }

  /**
   * Calls the listeners of an event.
   * @returns whether anybody listened
   */
  emit<Name extends keyof Events & string>(name: Name, event: EventOf<Events[Name]>): boolean {
    return this.#emitter.emit(name, event)
  }

  #guard(name: string, listener: Listener): Guarded {
    checkFunction(`the listener of ${name}`, listener)
    this.#known.add(name)
    const known = this.#guarded.get(listener)
    if (known !== undefined) return known
    const guarded: Guarded = (event) => {
      try {
        const outcome = (listener as (event: unknown) => unknown)(event)
        // An async listener is legal where a listener returns void; its rejection ends here as well.
        if (isThenable(outcome)) {
          Promise.resolve(outcome).catch((error: unknown) => logFailure(name, error))
        }
      } catch (error) {
        logFailure(name, error)
      }
    }
    this.#guarded.set(listener, guarded)
    return guarded
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'
}

function logFailure(name: string, error: unknown): void {
  log('a listener of %s failed: %O', name, error)
}
