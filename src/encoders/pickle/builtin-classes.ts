import type { PythonClassReader } from './class-registry.ts'
import { CODE_CLASSES } from './code-classes.ts'
import { COLLECTION_CLASSES } from './collection-classes.ts'
import { DATE_CLASSES } from './date-classes.ts'
import { NUMBER_CLASSES } from './number-classes.ts'
import { PyGlobal } from './python-containers.ts'

/** Something that comes with Python, and what calling it makes; without that it is but a name. */
export interface BuiltinClass {
  readonly global: PyGlobal
  readonly reader: PythonClassReader | undefined
}

/** Types that stand for themselves, as the factory of a defaultdict does. They are never called. */
const NAMES_ONLY =
  'bool bytes bytearray complex dict float frozenset int list object range set str tuple'

const BUILTINS: ReadonlyMap<string, BuiltinClass> = /* @__PURE__ */ new Map(
  [
    ...NAMES_ONLY.split(' ').map((name) => [`builtins.${name}`, undefined] as const),
    ...Object.entries({
      ...CODE_CLASSES,
      ...COLLECTION_CLASSES,
      ...DATE_CLASSES,
      ...NUMBER_CLASSES,
    }),
  ].map(([key, reader]) => {
    const dot = key.indexOf('.')
    return [key, { global: new PyGlobal(key.slice(0, dot), key.slice(dot + 1)), reader }]
  }),
)

/** What is known of a name in a module of Python 3. */
export function findBuiltin(module: string, name: string): BuiltinClass | undefined {
  return BUILTINS.get(`${module}.${name}`)
}
