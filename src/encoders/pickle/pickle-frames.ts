/** What a frame of the {@link Pickler} writes, and so what ends it. */
export const FrameKind = {
  /** Elements of a list: APPENDS. */
  List: 0,
  /** Keys, all strings, and values of an object: SETITEMS. */
  Object: 1,
  /** Keys and values by turns: SETITEMS. */
  Map: 2,
  /** Elements of a set: ADDITEMS. */
  Set: 3,
  /** Elements of a frozenset: FROZENSET. */
  FrozenSet: 4,
  /** Elements of a tuple: TUPLE. */
  Tuple: 5,
  /** Arguments of a class: TUPLE, and REDUCE or NEWOBJ. */
  Args: 6,
  /** The state of an instance: BUILD. */
  State: 7,
} as const

/** One of the values of {@link FrameKind}. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

const NOTHING: readonly unknown[] = []
const NO_KEYS: readonly string[] = []
const MAX_PATH_STEPS = 12

/** A container that is being written. Used again for the next one at the same depth. */
export class PickleFrame {
  kind: FrameKind = FrameKind.List
  /** What is written, one after the other. */
  values: readonly unknown[] = NOTHING
  /** The key before each of the values; of {@link FrameKind.Object} only. */
  keys: readonly string[] = NO_KEYS
  /** The next of the values; -1 before the first is begun. */
  next = -1
  /** What goes into the memo when it is complete; `undefined` when it is there already. */
  owner: object | undefined
  /** Whether Python must be able to hash the values (of a map: the keys). */
  holdsHashed = false
  /** The nearest frame, this one or one below it, whose container is in the memo already. */
  anchor = 0
  /** The anchor of a frame below that has the same owner, which holds itself. */
  outerAnchor: number | undefined
  /** The opcode that makes the instance of its arguments. */
  callOp = 0

  /** Lets go of what it held. */
  clear(): void {
    this.values = NOTHING
    this.keys = NO_KEYS
    this.owner = undefined
  }
}

/** Where in a value the frames stand, as in `$.users[3]`; the last steps of it when there are many. */
export function pathOf(frames: readonly PickleFrame[]): string {
  const skipped = Math.max(0, frames.length - MAX_PATH_STEPS)
  const start = skipped === 0 ? '$' : '$...'
  return start + frames.slice(skipped).map(step).join('')
}

function step(frame: PickleFrame): string {
  const at = frame.next - 1
  switch (frame.kind) {
    case FrameKind.Object:
      return keyStep(frame.keys[at])
    case FrameKind.Map:
      return at % 2 === 0 ? '.keys()' : keyStep(frame.values[at - 1])
    case FrameKind.Set:
    case FrameKind.FrozenSet:
      return '.values()'
    case FrameKind.Args:
      return `.args[${at}]`
    case FrameKind.State:
      return '.state'
    case FrameKind.List:
    case FrameKind.Tuple:
      return `[${at}]`
  }
}

function keyStep(key: unknown): string {
  if (typeof key !== 'string') return typeof key === 'object' ? '[...]' : `[${String(key)}]`
  return /^[\w$]{1,40}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 40))}]`
}
