import { isPlainDict } from './dict-kinds.ts'
import type { MadeInstance } from './unpickle-state.ts'

/** One container on the way from the top down. */
interface Level {
  readonly container: object
  readonly children: readonly unknown[]
  next: number
  /** How deep the deepest of its children so far is. */
  deepest: number
}

/**
 * Whether a value is nested deeper than a limit, by the longest way down. What holds itself ends there. Needed
 * only where containers are shared: otherwise the depth is known while they are made.
 */
export function isDeeperThan(
  limit: number,
  root: unknown,
  made: ReadonlyMap<unknown, MadeInstance>,
): boolean {
  /** 0 while a container is on the way. */
  const known = new Map<object, number>()
  const way: Level[] = []
  const enter = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 0
    const depth = known.get(value)
    if (depth !== undefined) return depth
    const children = childrenOf(value, made)
    if (children === undefined) return 0
    known.set(value, 0)
    way.push({ container: value, children, next: 0, deepest: 0 })
    return 0
  }
  enter(root)
  for (let level = way.at(-1); level !== undefined; level = way.at(-1)) {
    if (way.length + level.deepest > limit) return true
    if (level.next < level.children.length) {
      const depth = enter(level.children[level.next])
      level.next += 1
      if (depth > level.deepest) level.deepest = depth
      continue
    }
    way.pop()
    const depth = level.deepest + 1
    known.set(level.container, depth)
    const above = way.at(-1)
    if (above !== undefined && depth > above.deepest) above.deepest = depth
  }
  return false
}

/** What it holds; `undefined` for what is no container. */
function childrenOf(
  value: object,
  made: ReadonlyMap<unknown, MadeInstance>,
): readonly unknown[] | undefined {
  const parts = made.get(value)?.parts
  if (Array.isArray(value)) return parts === undefined ? value : [...value, ...parts]
  if (value instanceof Map) return [...value.keys(), ...value.values(), ...(parts ?? [])]
  if (value instanceof Set) return [...value]
  return parts ?? (isPlainDict(value) ? Object.values(value) : undefined)
}
