import { isPlainDict } from './dict-kinds.ts'
import { PyFrozenSet, PyTuple } from './python-containers.ts'
import { COST, type UnpickleState } from './unpickle-state.ts'

/** A dict that is filled later. */
export function emptyDict(state: UnpickleState): void {
  state.charge(COST.container)
  state.pushContainer(state.options.mapsOnly ? new Map() : {}, 1)
}

export function emptyList(state: UnpickleState): void {
  state.charge(COST.container)
  state.pushContainer([], 1)
}

export function emptySet(state: UnpickleState): void {
  state.charge(COST.instance)
  state.pushContainer(new Set(), 1)
}

/** The values from a place of the stack up as a tuple. */
export function tupleFrom(state: UnpickleState, from: number): PyTuple {
  state.charge(COST.container)
  const { stack, height } = state
  const tuple = new PyTuple()
  for (let at = from; at < height; at += 1) tuple.push(stack[at])
  return tuple
}

/** Replaces the values on top by a tuple of them. */
export function pushTuple(state: UnpickleState, size: number): void {
  const from = state.height - size
  if (from < state.fence) throw state.fault(`there are no ${size} values on the stack`)
  const depth = state.depthAbove(from)
  const tuple = tupleFrom(state, from)
  state.height = from
  state.pushContainer(tuple, depth)
}

export function tuple(state: UnpickleState): void {
  const from = state.popMark()
  pushTuple(state, state.height - from)
}

/** The list of all values above the last mark. */
export function list(state: UnpickleState): void {
  const from = state.popMark()
  state.charge(COST.container)
  const values = state.stack.slice(from, state.height)
  const depth = state.depthAbove(from)
  state.height = from
  state.pushContainer(values, depth)
}

/** The dict of all values above the last mark. */
export function dict(state: UnpickleState): void {
  const from = state.popMark()
  const values = state.stack.slice(from, state.height)
  const depths = state.depths.slice(from, state.height)
  state.height = from
  emptyDict(state)
  const begin = state.height
  for (const [index, value] of values.entries()) {
    state.stack[begin + index] = value
    state.depths[begin + index] = depths[index] as number
  }
  state.height = begin + values.length
  fillDict(state, begin)
}

export function frozenSet(state: UnpickleState): void {
  const from = state.popMark()
  state.charge(COST.instance)
  const values = new PyFrozenSet(state.stack.slice(from, state.height))
  const depth = state.depthAbove(from)
  state.height = from
  state.pushContainer(values, depth)
}

/** Appends the values from a place of the stack up to the list below them. */
export function fillList(state: UnpickleState, from: number): void {
  const { stack, height } = state
  const target = below(state, from)
  if (!Array.isArray(target) || target instanceof PyTuple) {
    throw state.fault('what is to be appended to is no list')
  }
  for (let at = from; at < height; at += 1) target.push(stack[at])
  state.cut(from, state.depthAbove(from))
}

/** Puts the keys and values from a place of the stack up into the dict below them. */
export function fillDict(state: UnpickleState, from: number): void {
  const { stack, height } = state
  if ((height - from) % 2 !== 0) throw state.fault('a key has no value')
  const target = below(state, from)
  if (target instanceof Map) fillMap(state, target, from)
  else if (!isPlainDict(target)) throw state.fault('what is to get entries is no dict')
  else if (haveStringKeys(stack, from, height)) fillObject(stack, target, from, height)
  else {
    const map = state.dicts.move(target)
    state.charge(COST.instance + map.size)
    fillMap(state, map, from)
    stack[from - 1] = map
  }
  state.cut(from, state.depthAbove(from))
}

export function fillSet(state: UnpickleState, from: number): void {
  const target = below(state, from)
  if (!(target instanceof Set) || target instanceof PyFrozenSet) {
    throw state.fault('what is to be added to is no set')
  }
  for (let at = from; at < state.height; at += 1) target.add(state.stack[at])
  state.cut(from, state.depthAbove(from))
}

/** The value just below a place of the stack. */
function below(state: UnpickleState, from: number): unknown {
  if (from <= state.fence) throw state.fault('there is nothing on the stack to be filled')
  return state.stack[from - 1]
}

function haveStringKeys(stack: readonly unknown[], from: number, to: number): boolean {
  for (let at = from; at < to; at += 2) {
    if (typeof stack[at] !== 'string') return false
  }
  return true
}

function fillObject(
  stack: readonly unknown[],
  target: Record<string, unknown>,
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at += 2) {
    const key = stack[at] as string
    if (key === '__proto__') defineProto(target, stack[at + 1])
    else target[key] = stack[at + 1]
  }
}

/** An assignment would change the prototype, as the key of JSON.parse does not, either. */
function defineProto(target: Record<string, unknown>, value: unknown): void {
  Object.defineProperty(target, '__proto__', {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

function fillMap(state: UnpickleState, map: Map<unknown, unknown>, from: number): void {
  const { stack, height } = state
  for (let at = from; at < height; at += 2) map.set(stack[at], stack[at + 1])
}
