import { show } from '../../core/checks.ts'
import { UsageError } from '../usage-error.ts'
import type { ServerOption, Setter } from './server-option.ts'

/** An option as somebody gave it, its value checked. */
export interface GivenOption {
  readonly option: ServerOption
  /** Its argument; `'on'` or `'off'` of a flag. */
  readonly text: string
  readonly apply: Setter
}

/**
 * Checks an argument.
 *
 * @param label - how the user named the option, for the error message
 * @throws UsageError naming the option, the value and what is allowed
 */
export function giveOption(option: ServerOption, text: string, label: string): GivenOption {
  const apply = option.read(text)
  if (apply === undefined) {
    throw new UsageError(`${label} must be ${option.expects}, not ${show(text)}`)
  }
  return { option, text, apply }
}

/**
 * The options of one source, each at most once unless it is repeatable.
 *
 * @throws UsageError naming the option that was given twice
 */
export class GivenOptions {
  readonly #byName = new Map<string, GivenOption[]>()

  add(given: GivenOption): void {
    const { name, isRepeatable } = given.option
    const earlier = this.#byName.get(name)
    if (earlier === undefined) this.#byName.set(name, [given])
    else if (isRepeatable === true) earlier.push(given)
    else throw new UsageError(`--${name} cannot be given more than once`)
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** The argument of an option, or `undefined` when it was not given. */
  textOf(name: string): string | undefined {
    return this.#byName.get(name)?.at(-1)?.text
  }

  /** What was given, by name of the option. */
  byName(): ReadonlyMap<string, readonly GivenOption[]> {
    return this.#byName
  }
}
