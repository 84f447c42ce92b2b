import { isOldException } from './exception-class.ts'
import type { PyGlobal } from './python-containers.ts'

/** Modules that have another name in Python 2, which protocols 0 to 2 use. Source: CPython's `Lib/_compat_pickle.py`. */
const MODERN_MODULES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['__builtin__', 'builtins'],
  ['exceptions', 'builtins'],
  ['copy_reg', 'copyreg'],
])

const MODERN_BUILTINS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['unicode', 'str'],
  ['long', 'int'],
  ['xrange', 'range'],
  ['StandardError', 'Exception'],
])

/** A module and a name in it, as Python 3 has them. */
export function modernName(module: string, name: string): readonly [module: string, name: string] {
  const modern = MODERN_MODULES.get(module)
  if (modern === undefined) return [module, name]
  return [modern, MODERN_BUILTINS.get(name) ?? name]
}

/** The module of something, as protocols 0 to 2 name it: Python 3 understands these names as well. */
export function oldModule({ module, name }: PyGlobal): string {
  if (module === 'copyreg') return 'copy_reg'
  if (module !== 'builtins') return module
  return isOldException(module, name) ? 'exceptions' : '__builtin__'
}
