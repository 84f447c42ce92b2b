import { show } from '../../core/checks.ts'
import { PyTuple } from './python-containers.ts'
import type { UnpickleState } from './unpickle-state.ts'

/** The arguments of a class, checked one by one. What they throw is the cause of the error about the pickle. */

export function checkCount(args: readonly unknown[], min: number, max: number): void {
  if (args.length < min || args.length > max) {
    const expected = min === max ? String(min) : `${min} to ${max}`
    throw new TypeError(`it takes ${expected} arguments, not ${args.length}`)
  }
}

export function numberArgument(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`it takes a number, not ${show(value)}`)
  return value
}

export function stringArgument(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`it takes a string, not ${show(value)}`)
  return value
}

/** The elements of a list, tuple or set, counted: they are going to be copied. */
export function elementsArgument(value: unknown, state: UnpickleState): Iterable<unknown> {
  if (Array.isArray(value)) state.charge(value.length)
  else if (value instanceof Set) state.charge(value.size)
  else throw new TypeError(`it takes a list, not ${show(value)}`)
  return value
}

/** The entries of a dict, or a list of pairs, counted. */
export function entriesArgument(
  value: unknown,
  state: UnpickleState,
): Iterable<[unknown, unknown]> {
  if (value instanceof Map) {
    state.charge(value.size)
    return value
  }
  if (Array.isArray(value)) {
    state.charge(value.length)
    return value.map(pair)
  }
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`it takes a dict, not ${show(value)}`)
  }
  const entries = Object.entries(value)
  state.charge(entries.length)
  return entries
}

function pair(value: unknown): [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) throw new TypeError('it takes a list of pairs')
  return [value[0], value[1]]
}

/** The arguments that a pickle gives as a tuple. */
export function tupleArgument(value: unknown): readonly unknown[] {
  if (!(value instanceof PyTuple)) throw new TypeError(`it takes a tuple, not ${show(value)}`)
  return value
}
