import type { Ability } from './ability.ts'

/**
 * The sleeping workers of one function, the longest asleep first: NOOPs rotate over them.
 *
 * A worker enters the rings of all its functions when it sleeps. When it wakes it stays in them, and is
 * passed over by the first who meets it: waking costs nothing, and each entry is looked at once. When it
 * sleeps again it has kept its places, and enters only the rings that it was taken out of.
 */
export class SleepingRing {
  #first: Ability | undefined
  #last: Ability | undefined

  /** Puts a worker's ability at the end; it is not in the ring. */
  push(ability: Ability): void {
    ability.isInRing = true
    ability.previousAsleep = this.#last
    if (this.#last === undefined) this.#first = ability
    else this.#last.nextAsleep = ability
    this.#last = ability
  }

  /** Takes the first one out, and tells its worker. */
  shift(): Ability | undefined {
    const first = this.#first
    if (first === undefined) return undefined
    this.remove(first)
    first.worker.abilities.onUnringed(first)
    return first
  }

  /** Takes one out; no harm when it is not in. */
  remove(ability: Ability): void {
    if (!ability.isInRing) return
    if (ability.previousAsleep === undefined) this.#first = ability.nextAsleep
    else ability.previousAsleep.nextAsleep = ability.nextAsleep
    if (ability.nextAsleep === undefined) this.#last = ability.previousAsleep
    else ability.nextAsleep.previousAsleep = ability.previousAsleep
    ability.previousAsleep = undefined
    ability.nextAsleep = undefined
    ability.isInRing = false
  }
}
