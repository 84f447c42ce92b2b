import type { Ability } from './ability.ts'
import type { FunctionQueue } from './function-queue.ts'
import type { ReadyFunctions } from './ready-functions.ts'

/** Up to so many functions are looked through one by one, whatever there is to do. */
const FEW = 16
/** A look-up costs about as much as a look at so many functions. */
const LOOK_UP_COST = 4

/** What one worker can do, in the order in which it gets jobs. */
export class Abilities {
  /** In the order of registration. Grabs go from the end: the newest first. */
  readonly #list: Ability[] = []
  /** Those that no function's ring of sleeping workers holds. */
  #unringed: Ability[] = []
  /** Built when it is wanted, dropped when the worker registers anything. */
  #byFunction: Map<FunctionQueue, Ability> | undefined

  /** How many registrations there are. */
  get length(): number {
    return this.#list.length
  }

  /** The oldest registration first. */
  [Symbol.iterator](): IterableIterator<Ability> {
    return this.#list.values()
  }

  /** Adds a registration behind all others. */
  push(ability: Ability): void {
    ability.rank = (this.#list.at(-1)?.rank ?? 0) + 1
    this.#list.push(ability)
    this.#unringed.push(ability)
    this.#byFunction = undefined
  }

  /** Takes out the registrations of one function, or all of them, and gives them back. */
  take(queue: FunctionQueue | undefined): Ability[] {
    const isTaken = (ability: Ability): boolean => queue === undefined || ability.queue === queue
    const taken = this.#list.filter(isTaken)
    if (taken.length === 0) return taken
    const kept = this.#list.filter((ability) => !isTaken(ability))
    this.#list.splice(0, this.#list.length, ...kept)
    for (const ability of taken) ability.queue.sleepers.remove(ability)
    this.#unringed = kept.filter((ability) => !ability.isInRing)
    this.#byFunction = undefined
    return taken
  }

  /** The function's ring of sleeping workers let go of it. */
  onUnringed(ability: Ability): void {
    this.#unringed.push(ability)
  }

  /** The worker sleeps: puts it into the rings that it is not in. Costs nothing for all others. */
  enterRings(): void {
    for (const ability of this.#unringed) ability.queue.sleepers.push(ability)
    this.#unringed.length = 0
  }

  /** `--round-robin`: it comes last from now on. */
  rotate(ability: Ability): void {
    const [oldest] = this.#list
    if (oldest === undefined || oldest === ability) return
    this.#list.splice(this.#list.indexOf(ability), 1)
    this.#list.unshift(ability)
    ability.rank = oldest.rank - 1
  }

  /**
   * The registration whose function's next job the worker gets.
   *
   * @param isPriorityFirst - the highest priority over all functions, instead of the first function's
   */
  choose(ready: ReadyFunctions, isPriorityFirst: boolean): Ability | undefined {
    if (ready.length === 0) return undefined
    const count = this.#list.length
    if (count > FEW && ready.length * LOOK_UP_COST < count) {
      const byFunction = this.#index()
      if (byFunction.size === count) return chooseReady(byFunction, ready, isPriorityFirst)
    }
    return this.#walk(isPriorityFirst)
  }

  #walk(isPriorityFirst: boolean): Ability | undefined {
    let chosen: Ability | undefined
    for (let index = this.#list.length - 1; index >= 0; index -= 1) {
      const ability = this.#list[index]
      if (ability?.queue.isReady !== true) continue
      if (!isPriorityFirst) return ability
      if (isMoreUrgent(ability, chosen)) chosen = ability
    }
    return chosen
  }

  /** With fewer entries than registrations a function was registered twice: then it is of no use. */
  #index(): Map<FunctionQueue, Ability> {
    this.#byFunction ??= new Map(this.#list.map((ability) => [ability.queue, ability]))
    return this.#byFunction
  }
}

function chooseReady(
  byFunction: ReadonlyMap<FunctionQueue, Ability>,
  ready: ReadyFunctions,
  isPriorityFirst: boolean,
): Ability | undefined {
  let chosen: Ability | undefined
  for (let index = 0; index < ready.length; index += 1) {
    const queue = ready.at(index)
    const ability = queue === undefined ? undefined : byFunction.get(queue)
    if (ability === undefined) continue
    const isLater = chosen === undefined || ability.rank > chosen.rank
    if (isPriorityFirst ? isBefore(ability, chosen) : isLater) chosen = ability
  }
  return chosen
}

function isMoreUrgent(ability: Ability, than: Ability | undefined): boolean {
  return than === undefined || ability.queue.nextPriority < than.queue.nextPriority
}

function isBefore(ability: Ability, than: Ability | undefined): boolean {
  if (than === undefined || ability.queue.nextPriority !== than.queue.nextPriority) {
    return isMoreUrgent(ability, than)
  }
  return ability.rank > than.rank
}
