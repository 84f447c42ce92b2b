/** A Python `tuple`: an array. What `map`, `filter` and `slice` make of it is an ordinary array, a `list`. */
export class PyTuple<T = unknown> extends Array<T> {
  /** A tuple of these elements. */
  static override of<E extends readonly unknown[]>(...elements: E): PyTuple<E[number]> {
    const tuple = new PyTuple<E[number]>()
    tuple.push(...elements)
    return tuple
  }

  /** What `map`, `filter` and `slice` make. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** A Python `bytearray`: bytes that the other side may change. Other `Uint8Array`s are `bytes`. */
export class PyByteArray extends Uint8Array {}

/** A Python `frozenset`: a set that may be an element of a set, or a key of a dict. */
export class PyFrozenSet<T = unknown> extends Set<T> {}

/** A Python `collections.OrderedDict`. */
export class PyOrderedDict<K = unknown, V = unknown> extends Map<K, V> {}

/** A Python `collections.Counter`. */
export class PyCounter<K = unknown> extends Map<K, unknown> {}

/** A Python `collections.deque`. */
export class PyDeque<T = unknown> extends Array<T> {
  /** How many elements it may hold in Python; `undefined` for any number. Not enforced here. */
  maxLength: number | undefined

  /** What `map`, `filter` and `slice` make. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** The name of something in a Python module, such as a class. Nothing but the name: there is nothing to call. */
export class PyGlobal {
  /** The module, by its name in Python 3, as in `builtins`. */
  readonly module: string
  /** The qualified name in it, as in `list`. */
  readonly name: string

  constructor(module: string, name: string) {
    this.module = module
    this.name = name
  }

  /** The module and the name, as in `builtins.list`. */
  toString(): string {
    return `${this.module}.${this.name}`
  }
}

/** A Python `collections.defaultdict`. What is missing stays missing: here nothing is made for it. */
export class PyDefaultDict<K = unknown, V = unknown> extends Map<K, V> {
  /** What Python calls for a missing key, as in `builtins.list`; `undefined` for nothing. */
  factory: PyGlobal | undefined
}
