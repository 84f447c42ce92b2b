import { findBuiltin } from './builtin-classes.ts'
import type { PythonClassReader } from './class-registry.ts'
import { exceptionReader, isBuiltinException } from './exception-class.ts'
import { modernName } from './module-names.ts'
import { OP } from './opcodes.ts'
import { PyGlobal, PyTuple } from './python-containers.ts'
import { tupleFrom } from './read-containers.ts'
import { readText, takeLine } from './read-text.ts'
import { COST, type UnpickleState } from './unpickle-state.ts'

const NO_KWARGS: Readonly<Record<string, unknown>> = {}

/** The opcodes that name something in a Python module, and make instances of it. */
export const CLASS_OPCODES: readonly (readonly [number, (state: UnpickleState) => void])[] = [
  [OP.GLOBAL, (state) => pushGlobal(state, takeName(state), takeName(state))],
  [OP.STACK_GLOBAL, stackGlobal],
  [OP.INST, inst],
  [OP.OBJ, obj],
  [OP.REDUCE, reduce],
  [OP.NEWOBJ, newObject],
  [OP.NEWOBJ_EX, newObjectWithNames],
  [OP.BUILD, build],
  [OP.EXT1, (state) => pushExtension(state, state.uint8())],
  [OP.EXT2, (state) => pushExtension(state, state.uint16())],
  [OP.EXT4, (state) => pushExtension(state, state.int32())],
]

function takeName(state: UnpickleState): string {
  const { from, to } = takeLine(state)
  return readText(state, from, to)
}

/** A class by its name, if it may be read. */
function findGlobal(state: UnpickleState, module: string, name: string): PyGlobal {
  const registered = state.classes.find(module, name)
  if (registered !== undefined) return remember(state, registered.global, registered)
  const [modernModule, modern] = modernName(module, name)
  const builtin = findBuiltin(modernModule, modern)
  if (builtin !== undefined) return remember(state, builtin.global, builtin.reader)
  if (isBuiltinException(modernModule, modern) || state.options.isException(module, name)) {
    const global = new PyGlobal(modernModule, modern)
    return remember(state, global, exceptionReader(global))
  }
  const global = `${module}.${name}`
  throw state.fault(`${shown(global)} is not registered: see registerClass()`, { global })
}

/** What a pickle names may be anything; an error message is one short line. */
function shown(global: string): string {
  return JSON.stringify(global.slice(0, 200)).slice(1, -1)
}

function remember(
  state: UnpickleState,
  global: PyGlobal,
  reader: PythonClassReader | undefined,
): PyGlobal {
  if (reader !== undefined) state.readers.set(global, reader)
  return global
}

function pushGlobal(state: UnpickleState, module: string, name: string): void {
  state.charge(COST.container)
  state.push(findGlobal(state, module, name))
}

function stackGlobal(state: UnpickleState): void {
  const name = state.pop()
  const module = state.pop()
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw state.fault('the names of a module and of something in it must be strings')
  }
  pushGlobal(state, module, name)
}

function pushExtension(state: UnpickleState, code: number): void {
  const global = state.classes.findExtension(code)
  if (global === undefined) {
    throw state.fault(`extension ${code} is not registered: see registerClass()`)
  }
  pushGlobal(state, global.module, global.name)
}

/** REDUCE: a callable and its arguments. */
function reduce(state: UnpickleState): void {
  const depth = state.depthOfTop()
  const args = popTuple(state)
  pushInstance(state, state.pop(), args, depth)
}

/** NEWOBJ: the same by the class's `__new__`. */
function newObject(state: UnpickleState): void {
  reduce(state)
}

function newObjectWithNames(state: UnpickleState): void {
  const depth = Math.max(state.depthOfTop(), state.depths[state.height - 2] ?? 0)
  const names = state.pop()
  const args = popTuple(state)
  const kwargs = names instanceof Map ? Object.fromEntries(names) : names
  if (typeof kwargs !== 'object' || kwargs === null)
    throw state.fault('the named arguments are no dict')
  // Made by this reader, or just now: a plain object.
  pushInstance(state, state.pop(), args, depth, kwargs as Record<string, unknown>)
}

/** INST: the class by its name, the arguments above the mark. */
function inst(state: UnpickleState): void {
  const global = findGlobal(state, takeName(state), takeName(state))
  const from = state.popMark()
  const depth = state.depthAbove(from)
  const args = tupleFrom(state, from)
  state.height = from
  pushInstance(state, global, args, depth)
}

/** OBJ: the class and its arguments above the mark. */
function obj(state: UnpickleState): void {
  const from = state.popMark()
  if (state.height <= from) throw state.fault('there is no class above the MARK')
  const depth = state.depthAbove(from)
  const args = tupleFrom(state, from + 1)
  const callable = state.stack[from]
  state.height = from
  pushInstance(state, callable, args, depth)
}

function popTuple(state: UnpickleState): PyTuple {
  const args = state.pop()
  if (!(args instanceof PyTuple)) throw state.fault('the arguments are no tuple')
  return args
}

/** Makes an instance of a class that is known. */
function pushInstance(
  state: UnpickleState,
  callable: unknown,
  args: readonly unknown[],
  depth: number,
  kwargs: Readonly<Record<string, unknown>> = NO_KWARGS,
): void {
  if (!(callable instanceof PyGlobal)) throw state.fault('what is to be called is no class')
  const reader = state.readers.get(callable)
  if (reader === undefined) {
    throw state.fault(`${callable} is not to be called`, { global: String(callable) })
  }
  state.charge(COST.instance)
  const instance = guarded(state, callable, () => state.make(reader, args, kwargs))
  if (instance === undefined) throw state.fault(`${callable} has become nothing`)
  state.pushContainer(instance, depth)
}

/** BUILD: the state of an instance. */
function build(state: UnpickleState): void {
  const depth = state.depthOfTop()
  const attributes = state.pop()
  const instance = state.top()
  const made = state.made.get(instance)
  const setState = made?.reader.setState
  if (made === undefined || setState === undefined) {
    throw state.fault('what is to get a state takes none')
  }
  made.parts.push(attributes)
  guarded(state, undefined, () => setState(instance, attributes))
  state.replaceTop(instance, depth + 1)
}

/** What a class throws, as an error about the pickle. */
function guarded<T>(state: UnpickleState, global: PyGlobal | undefined, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw state.fault(`${global === undefined ? '' : `${global}: `}${problem}`, { cause })
  }
}
