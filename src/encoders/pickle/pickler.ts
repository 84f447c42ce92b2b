import { kindOf } from '../../core/checks.ts'
import { PicklingError } from '../../errors.ts'
import type { PickleClasses } from './class-registry.ts'
import { oldModule } from './module-names.ts'
import { OP } from './opcodes.ts'
import { PickleFrameStack } from './pickle-frame-stack.ts'
import { FrameKind, type PickleFrame } from './pickle-frames.ts'
import { PickleMemo } from './pickle-memo.ts'
import type { PickleOutput } from './pickle-output.ts'
import { PyByteArray, PyDeque, PyFrozenSet, PyGlobal, PyTuple } from './python-containers.ts'
import { PyFloat } from './python-numbers.ts'
import {
  byteArrayReduction,
  bytesReduction,
  HashableElements,
  isPlainMap,
  type Reduction,
  reductionOf,
  setReduction,
} from './reductions.ts'

const RECONSTRUCTOR = /* @__PURE__ */ new PyGlobal('copyreg', '_reconstructor')
const OBJECT = /* @__PURE__ */ new PyGlobal('builtins', 'object')
const NO_ARGS: readonly unknown[] = []
const MAX_TUPLE_OPCODE = 3

/**
 * Writes one pickle. Containers under way are frames of a stack of its own, so that no nesting is too deep. What was
 * written once is referred to when it comes again.
 */
export class Pickler {
  readonly #classes: PickleClasses
  readonly #protocol: number
  readonly #out: PickleOutput
  readonly #frames = new PickleFrameStack()
  readonly #memo: PickleMemo

  constructor(protocol: number, classes: PickleClasses, out: PickleOutput) {
    this.#protocol = protocol
    this.#classes = classes
    this.#out = out
    this.#memo = new PickleMemo(out)
  }

  /** @throws PicklingError for what has no form in a pickle */
  pickle(value: unknown): Buffer {
    this.#out.start()
    if (!this.#scalar(value)) this.#container(value, false)
    for (let frame = this.#frames.top(); frame !== undefined; frame = this.#frames.top()) {
      this.#advance(frame)
    }
    return this.#out.finish()
  }

  /** Writes the next values of the frame on top, up to one that needs a frame of its own, or to the end. */
  #advance(frame: PickleFrame): void {
    if (frame.next < 0) this.#begin(frame)
    if (this.#protocol === 0) this.#advanceOneByOne(frame)
    else if (frame.kind === FrameKind.Object) this.#advanceObject(frame)
    else this.#advanceValues(frame)
  }

  #advanceObject(frame: PickleFrame): void {
    const { keys, values } = frame
    const { depth } = this.#frames
    for (let index = frame.next; index < keys.length; index += 1) {
      this.#memo.key(keys[index] as string)
      frame.next = index + 1
      if (this.#scalar(values[index])) continue
      this.#container(values[index], false)
      if (this.#frames.depth !== depth) return
    }
    this.#end(frame)
  }

  #advanceValues(frame: PickleFrame): void {
    const { values, kind, holdsHashed } = frame
    const { depth } = this.#frames
    for (let index = frame.next; index < values.length; index += 1) {
      frame.next = index + 1
      if (this.#scalar(values[index])) continue
      this.#container(values[index], holdsHashed && (kind !== FrameKind.Map || index % 2 === 0))
      if (this.#frames.depth !== depth) return
    }
    this.#end(frame)
  }

  /** Protocol 0 has an opcode for one element of a list, and for one entry of a dict, only. */
  #advanceOneByOne(frame: PickleFrame): void {
    const { values, kind, holdsHashed } = frame
    const { depth } = this.#frames
    while (frame.next < values.length) {
      const index = frame.next
      if (index > 0) this.#addOne(kind, index)
      frame.next = index + 1
      if (this.#scalar(values[index])) continue
      this.#container(values[index], holdsHashed && (kind !== FrameKind.Map || index % 2 === 0))
      if (this.#frames.depth !== depth) return
    }
    if (values.length > 0) this.#addOne(kind, values.length)
    this.#end(frame)
  }

  #addOne(kind: FrameKind, count: number): void {
    if (kind === FrameKind.List) this.#out.op(OP.APPEND)
    if (kind === FrameKind.Map && count % 2 === 0) this.#out.op(OP.SETITEM)
  }

  /** Sets the mark, where the opcode at the end wants one. */
  #begin(frame: PickleFrame): void {
    frame.next = 0
    const { kind, values } = frame
    if (kind === FrameKind.State) return
    const isTuple = kind === FrameKind.Tuple || kind === FrameKind.Args
    const isShort = this.#protocol >= 2 && values.length <= MAX_TUPLE_OPCODE
    if (isTuple ? !isShort : this.#protocol > 0) this.#out.op(OP.MARK)
  }

  #end(frame: PickleFrame): void {
    const { kind, owner, values } = frame
    switch (kind) {
      case FrameKind.List:
        if (this.#protocol > 0) this.#out.op(OP.APPENDS)
        break
      case FrameKind.Object:
      case FrameKind.Map:
        if (this.#protocol > 0) this.#out.op(OP.SETITEMS)
        break
      case FrameKind.Set:
        this.#out.op(OP.ADDITEMS)
        break
      case FrameKind.FrozenSet:
        this.#out.op(OP.FROZENSET)
        break
      case FrameKind.Tuple:
        this.#tuple(values.length)
        break
      case FrameKind.Args:
        this.#tuple(values.length)
        this.#out.op(frame.callOp)
        break
      case FrameKind.State:
        this.#out.op(OP.BUILD)
    }
    this.#frames.pop(frame)
    if (owner !== undefined) this.#complete(owner)
  }

  /** The elements that were written last, as a tuple. */
  #tuple(size: number): void {
    if (this.#protocol < 2 || size > MAX_TUPLE_OPCODE) this.#out.op(OP.TUPLE)
    else this.#out.op([OP.EMPTY_TUPLE, OP.TUPLE1, OP.TUPLE2, OP.TUPLE3][size] as number)
  }

  /** What could not be in the memo before is on the stack now. */
  #complete(owner: object): void {
    const place = this.#memo.find(owner)
    if (place === undefined) {
      this.#memo.remember(owner)
      return
    }
    // It holds itself, and was complete within itself earlier.
    this.#out.op(OP.POP)
    this.#out.get(place)
  }

  /** Writes what holds no other values, and tells whether it was that. */
  #scalar(value: unknown): boolean {
    switch (typeof value) {
      case 'string':
        this.#out.text(value)
        return true
      case 'number':
        this.#out.number(value)
        return true
      case 'boolean':
        this.#out.bool(value)
        return true
      case 'bigint':
        this.#out.bigint(value)
        return true
      default:
        if (value !== undefined && value !== null) return false
        this.#out.op(OP.NONE)
        return true
    }
  }

  /** Writes an object, or begins to. */
  #container(value: unknown, isHashed: boolean): void {
    if (typeof value !== 'object' || value === null) throw this.#fault(formless(value))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Array.prototype && Array.isArray(value)) this.#list(value, isHashed)
    else if (prototype === Object.prototype || prototype === null) this.#object(value, isHashed)
    else if (!this.#memo.recall(value)) this.#special(value, isHashed)
  }

  #special(value: object, isHashed: boolean): void {
    if (this.#classes.findWriter(value) !== undefined) {
      this.#reduced(value, isHashed)
      return
    }
    if (value instanceof PyTuple) {
      this.#immutable(FrameKind.Tuple, value, value, isHashed)
      return
    }
    if (value instanceof Uint8Array) {
      this.#bytes(value, isHashed)
      return
    }
    if (value instanceof Set) {
      this.#set(value, isHashed)
      return
    }
    if (isPlainMap(value)) {
      this.#map(value, isHashed)
      return
    }
    if (value instanceof PyGlobal) {
      this.#global(value)
      return
    }
    if (value instanceof PyFloat) {
      this.#out.float(value.value)
      return
    }
    if (Array.isArray(value) && !(value instanceof PyDeque)) {
      this.#list(value, isHashed)
      return
    }
    if (isPlainElsewhere(value)) {
      this.#object(value, isHashed)
      return
    }
    this.#reduced(value, isHashed)
  }

  #list(value: readonly unknown[], isHashed: boolean): void {
    if (isHashed) throw this.#unhashable(value)
    if (this.#memo.recall(value)) return
    if (this.#protocol === 0) this.#out.op(OP.MARK)
    this.#out.op(this.#protocol === 0 ? OP.LIST : OP.EMPTY_LIST)
    this.#memo.remember(value)
    if (value.length > 0)
      this.#frames.pushMutable(FrameKind.List, value, value instanceof HashableElements)
  }

  #emptyDict(value: object): void {
    if (this.#protocol === 0) this.#out.op(OP.MARK)
    this.#out.op(this.#protocol === 0 ? OP.DICT : OP.EMPTY_DICT)
    this.#memo.remember(value)
  }

  #object(value: object, isHashed: boolean): void {
    if (isHashed) throw this.#unhashable(value)
    if (this.#memo.recall(value)) return
    this.#emptyDict(value)
    const keys = Object.keys(value)
    if (keys.length === 0) return
    const values: unknown[] = this.#guarded(() => Object.values(value))
    if (this.#protocol === 0) {
      const entries = keys.flatMap((key, index) => [key, values[index]])
      this.#frames.pushMutable(FrameKind.Map, entries, false)
      return
    }
    this.#frames.pushMutable(FrameKind.Object, values, false).keys = keys
  }

  #map(value: ReadonlyMap<unknown, unknown>, isHashed: boolean): void {
    if (isHashed) throw this.#unhashable(value)
    this.#emptyDict(value)
    if (value.size > 0) this.#frames.pushMutable(FrameKind.Map, [...value].flat(1), true)
  }

  #set(value: ReadonlySet<unknown>, isHashed: boolean): void {
    const isFrozen = value instanceof PyFrozenSet
    if (isHashed && !isFrozen) throw this.#unhashable(value)
    if (this.#protocol < 4) {
      this.#reduction(value, setReduction(value), isHashed)
      return
    }
    if (isFrozen) {
      this.#immutable(FrameKind.FrozenSet, value, [...value], true)
      return
    }
    this.#out.op(OP.EMPTY_SET)
    this.#memo.remember(value)
    if (value.size > 0) this.#frames.pushMutable(FrameKind.Set, [...value], true)
  }

  #bytes(value: Uint8Array, isHashed: boolean): void {
    if (value instanceof PyByteArray) {
      if (isHashed) throw this.#unhashable(value)
      if (this.#protocol < 5) {
        this.#reduction(value, byteArrayReduction(value), false)
        return
      }
      this.#out.byteArray(value)
    } else {
      if (this.#protocol < 3) {
        this.#reduction(value, bytesReduction(value), isHashed)
        return
      }
      this.#out.bytes(value)
    }
    this.#memo.remember(value)
  }

  /** A class by its name. */
  #global(global: PyGlobal): void {
    if (this.#memo.recallGlobal(global)) return
    if (this.#protocol >= 4) {
      this.#memo.key(global.module)
      this.#memo.key(global.name)
      this.#out.op(OP.STACK_GLOBAL)
    } else {
      if (global.name.includes('.')) {
        throw this.#fault(`the name of ${global} needs protocol 4: it is inside another`)
      }
      const module = this.#protocol < 3 ? oldModule(global) : global.module
      this.#out.names(OP.GLOBAL, module, global.name)
    }
    this.#memo.rememberGlobal(global)
  }

  #reduced(value: object, isHashed: boolean): void {
    const reduction = this.#guarded(() => reductionOf(value, this.#classes))
    if (reduction === undefined) throw this.#fault(formless(value))
    this.#reduction(value, reduction, isHashed)
  }

  #reduction(value: object, reduction: Reduction, isHashed: boolean): void {
    const { global, args, items, entries, state, isHashable } = reduction
    if (isHashed && !isHashable) throw this.#unhashable(value)
    const anchor = this.#frames.anchor()
    // Last in, first out.
    if (state !== undefined) this.#frames.pushMutable(FrameKind.State, [state], false)
    if (entries !== undefined && entries.length > 0)
      this.#frames.pushMutable(FrameKind.Map, entries, true)
    if (items !== undefined && items.length > 0)
      this.#frames.pushMutable(FrameKind.List, items, false)
    const isOld = args === undefined && this.#protocol < 2
    this.#global(isOld ? RECONSTRUCTOR : global)
    const values = isOld ? [global, OBJECT, null] : (args ?? NO_ARGS)
    const frame = this.#immutable(FrameKind.Args, value, values, false, anchor)
    frame.callOp = args === undefined && !isOld ? OP.NEWOBJ : OP.REDUCE
  }

  #immutable(
    kind: FrameKind,
    value: object,
    values: readonly unknown[],
    holdsHashed: boolean,
    anchor: number = this.#frames.anchor(),
  ): PickleFrame {
    const frame = this.#frames.pushImmutable(kind, values, holdsHashed, value, anchor)
    if (frame === undefined) {
      throw this.#fault(`${kindOf(value)} holds itself: it cannot begin`)
    }
    return frame
  }

  /** What getters and registered classes throw, as an error about the pickle. */
  #guarded<T>(action: () => T): T {
    try {
      return action()
    } catch (cause) {
      throw this.#fault(cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }

  #unhashable(value: object): PicklingError {
    return this.#fault(`${kindOf(value)} cannot be a key or an element of a set in Python`)
  }

  #fault(problem: string, options: ErrorOptions = {}): PicklingError {
    return new PicklingError(problem, { ...options, path: this.#frames.path() })
  }
}

function formless(value: unknown): string {
  return `${kindOf(value)} has no form in a pickle: see registerClass()`
}

/** An object literal of another realm. */
function isPlainElsewhere(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  )
}
