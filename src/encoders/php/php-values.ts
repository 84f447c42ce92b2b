/** The properties of a {@link PhpObject}, by the name that PHP writes for each. */
export type PhpProperties = Map<string, unknown>

/**
 * An object of PHP, as data: the name of its class and its properties. No class is ever looked up or made for it.
 *
 * Names are as PHP writes them: a public property by its name, a protected one as `\0*\0name`, a private one as
 * `\0Class\0name`. {@link get} and {@link toObject} look behind that.
 */
export class PhpObject {
  /** The name of its class, with its namespace, as in `App\Invoice`; `stdClass` for PHP's plain object. */
  readonly className: string
  /** Its properties in their order. */
  readonly properties: PhpProperties

  /**
   * @param className - as PHP knows it
   * @param properties - a Map, or an object whose own keys are the names
   */
  constructor(
    className: string,
    properties: PhpProperties | Readonly<Record<string, unknown>> = new Map(),
  ) {
    this.className = className
    this.properties =
      properties instanceof Map ? properties : new Map<string, unknown>(Object.entries(properties))
  }

  /** The value of a property, whether it is public, protected or private; `undefined` when there is none. */
  get(name: string): unknown {
    if (this.properties.has(name)) return this.properties.get(name)
    for (const [key, value] of this.properties) if (bareName(key) === name) return value
    return undefined
  }

  /** Its properties as a plain object, by their bare names; of two with one name, the first. */
  toObject(): Record<string, unknown> {
    const seen = new Map<string, unknown>()
    for (const [key, value] of this.properties) {
      const name = bareName(key)
      if (!seen.has(name)) seen.set(name, value)
    }
    return Object.fromEntries(seen)
  }
}

/** An object of a PHP class that has a format of its own (the interface `Serializable`): the bytes as they are. */
export class PhpCustomObject {
  /** The name of its class. */
  readonly className: string
  /** What its `serialize()` wrote. */
  readonly data: Buffer

  constructor(className: string, data: Buffer) {
    this.className = className
    this.data = data
  }
}

/** A case of a PHP enumeration. */
export class PhpEnum {
  /** The name of the enumeration, with its namespace. */
  readonly className: string
  /** The name of the case. */
  readonly caseName: string

  constructor(className: string, caseName: string) {
    this.className = className
    this.caseName = caseName
  }
}

/** `\0*\0name` and `\0Class\0name` without what says whose they are. */
function bareName(name: string): string {
  return name.startsWith('\0') ? name.slice(name.indexOf('\0', 1) + 1) : name
}
