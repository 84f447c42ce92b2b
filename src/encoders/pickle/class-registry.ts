import { checkFunction, checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import { PyGlobal } from './python-containers.ts'
import type { UnpickleState } from './unpickle-state.ts'

/** What Python is to make an instance of: see {@link PickleClass.encode}. */
export interface PickleClassParts {
  /** Arguments for the class: Python calls it with them. Left out: an instance is made without calling `__init__`. */
  readonly args?: readonly unknown[] | undefined
  /** What its `__setstate__` is given, or, without that method, what its attributes become: an object. */
  readonly state?: unknown
}

/** A class, whatever its constructor takes. */
// biome-ignore lint/suspicious/noExplicitAny: `never[]` would refuse private ones' types
export type PickleConstructor<T = unknown> = abstract new (...args: any[]) => T

/** A Python class and its counterpart here: see {@link PickleDataEncoder.registerClass}. */
export interface PickleClass<T = unknown, D = T> {
  /** The module of the class in Python, as in `shop.models`. */
  readonly module: string
  /** The qualified name of the class in Python, as in `Order`. */
  readonly name: string
  /** The class here; its instances, and those of its subclasses, are what `encode` is called for. */
  readonly type?: PickleConstructor<T> | undefined
  /**
   * Makes an instance of what Python gave the class: the positional arguments and those with names. It has no state yet.
   * Left out: the class is written only.
   */
  readonly decode?:
    | ((args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>) => D)
    | undefined
  /**
   * Gives an instance its state, which may hold the instance itself. Called a moment after `decode`, or not at all.
   * Left out: attributes become properties.
   */
  readonly setState?: ((instance: D, state: unknown) => void) | undefined
  /** What Python is to make an instance of. Left out: the class is read only. Needs `type`. */
  readonly encode?: ((instance: T) => PickleClassParts) | undefined
  /** The number that Python's `copyreg.add_extension` gave the class, if any. */
  readonly extensionCode?: number | undefined
}

/** What a class makes of the things in a pickle. */
export interface PythonClassReader {
  /**
   * An instance. What it throws becomes the cause of the error about the pickle.
   *
   * @param args - what the class is given in Python
   */
  make(
    args: readonly unknown[],
    state: UnpickleState,
    kwargs: Readonly<Record<string, unknown>>,
  ): unknown
  /** Gives an instance its state. Left out: it takes none. */
  readonly setState?: (instance: unknown, state: unknown) => void
}

/** A class with its prototype, to be written. */
export interface WritableClass {
  readonly global: PyGlobal
  readonly encode: (instance: unknown) => PickleClassParts
}

const MAX_EXTENSION_CODE = 0x7fff_ffff

/** The classes that a user registered with one encoder. */
export class PickleClasses {
  readonly #readers = new Map<string, PythonClassReader & { readonly global: PyGlobal }>()
  readonly #extensions = new Map<number, PyGlobal>()
  readonly #writers = new Map<unknown, WritableClass>()

  /** @throws InvalidArgumentError for a class that can be neither read nor written, or whose name is none */
  register<T, D>(pickleClass: PickleClass<T, D>): void {
    const { module, name, type, decode, encode, extensionCode } = pickleClass
    checkName('module', module)
    checkName('name', name)
    const global = new PyGlobal(module, name)
    if (decode === undefined && encode === undefined) {
      throw new InvalidArgumentError('decode', 'or encode is needed: a class is read or written')
    }
    if (decode !== undefined) this.#readers.set(String(global), { ...reader(pickleClass), global })
    if (extensionCode !== undefined) {
      checkInteger('extensionCode', extensionCode, 1, MAX_EXTENSION_CODE)
      this.#extensions.set(extensionCode, global)
    }
    if (encode !== undefined) {
      checkFunction('encode', encode)
      checkFunction('type', type)
      // Only instances of `type` are handed to it.
      this.#writers.set(type?.prototype, { global, encode: (instance) => encode(instance as T) })
    }
  }

  find(
    module: string,
    name: string,
  ): (PythonClassReader & { readonly global: PyGlobal }) | undefined {
    return this.#readers.get(`${module}.${name}`)
  }

  findExtension(code: number): PyGlobal | undefined {
    return this.#extensions.get(code)
  }

  /** How to write an object: by its class, or the nearest one above it that is registered. */
  findWriter(value: object): WritableClass | undefined {
    if (this.#writers.size === 0) return undefined
    let prototype: unknown = Object.getPrototypeOf(value)
    while (prototype !== null) {
      const writer = this.#writers.get(prototype)
      if (writer !== undefined) return writer
      prototype = Object.getPrototypeOf(prototype)
    }
    return undefined
  }
}

function reader<T, D>(pickleClass: PickleClass<T, D>): PythonClassReader {
  const { decode, setState } = pickleClass
  checkFunction('decode', decode)
  if (setState !== undefined) checkFunction('setState', setState)
  return {
    make: (args, _state, kwargs) => decode?.(args, kwargs),
    setState: (instance, state) => {
      // It was made by `decode` of the same class.
      if (setState !== undefined) setState(instance as D, state)
      else assignState(instance, state)
    },
  }
}

function checkName(argument: string, name: string): void {
  if (typeof name !== 'string' || name === '' || /[\n\0]/.test(name)) {
    throw new InvalidArgumentError(argument, `must be a name in Python, not ${show(name)}`)
  }
}

/** Python's default: attributes from the `__dict__`, and, as the second of two, those in `__slots__`. */
export function assignState(instance: unknown, state: unknown): void {
  if (typeof instance !== 'object' || instance === null) {
    throw new TypeError('only an object has attributes')
  }
  const parts = Array.isArray(state) && state.length === 2 ? state : [state]
  for (const part of parts) {
    if (part === null) continue
    for (const [key, value] of attributesOf(part)) {
      // Not an assignment: `__proto__` is an attribute like others, and a setter is nobody's business here.
      Object.defineProperty(instance, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
  }
}

/** The entries of a dict, whichever form it has, whose keys must be names. */
export function attributesOf(state: unknown): [string, unknown][] {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    throw new TypeError('its attributes are no dict')
  }
  const entries: [unknown, unknown][] =
    state instanceof Map ? [...state.entries()] : Object.entries(state)
  return entries.map(([key, value]) => {
    if (typeof key !== 'string') throw new TypeError('the name of an attribute is no string')
    return [key, value]
  })
}
