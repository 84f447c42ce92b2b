import type { PythonClassReader } from './class-registry.ts'
import { PyGlobal } from './python-containers.ts'
import { tupleArgument } from './reader-checks.ts'
import type { UnpickleState } from './unpickle-state.ts'

const ZONE_INFO = 'zoneinfo.ZoneInfo'
const UNPICKLE_ZONE = /* @__PURE__ */ new PyGlobal('zoneinfo', 'ZoneInfo._unpickle')

/** Functions of Python by which pickles make instances of other classes. Each does that one thing. */
export const CODE_CLASSES: Readonly<Record<string, PythonClassReader>> = {
  // Instances of ordinary classes, in protocols 0 and 1: the class, a built-in type that it is derived from, its value.
  'copyreg._reconstructor': {
    make: ([type, base, value], state) => {
      const isPlain = base instanceof PyGlobal && String(base) === 'builtins.object'
      return makeInstance(state, type, isPlain ? [] : [value])
    },
  },
  'copyreg.__newobj__': {
    make: ([type, ...args], state) => makeInstance(state, type, args),
  },
  'copyreg.__newobj_ex__': {
    make: ([type, args, kwargs], state) => {
      if (typeof kwargs !== 'object' || kwargs === null) throw new TypeError('it takes a dict')
      return makeInstance(
        state,
        type,
        tupleArgument(args),
        Object.fromEntries(Object.entries(kwargs)),
      )
    },
  },
  // A method of a class. There is one that Python's own classes need.
  'builtins.getattr': {
    make: ([type, name], state) => {
      if (!(type instanceof PyGlobal) || String(type) !== ZONE_INFO || name !== '_unpickle') {
        throw new TypeError('attributes of classes are not read')
      }
      const reader = state.readers.get(type)
      if (reader !== undefined) state.readers.set(UNPICKLE_ZONE, reader)
      return UNPICKLE_ZONE
    },
  },
}

function makeInstance(
  state: UnpickleState,
  type: unknown,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>> = {},
): unknown {
  const reader = type instanceof PyGlobal ? state.readers.get(type) : undefined
  if (reader === undefined) throw new TypeError(`${String(type)} is not to be called`)
  return state.make(reader, args, kwargs)
}
