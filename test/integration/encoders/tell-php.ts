import { PhpCustomObject, PhpEnum, PhpObject } from '../../../src/encoders/php/php-values.ts'

/** What `scripts/serialize.php` tells of the same value: every type, order and byte, as JSON. */
export function tellPhp(value: unknown): string {
  return JSON.stringify(new Teller().tell(value))
}

type Told = readonly unknown[]

class Teller {
  readonly #seen = new Map<object, number>()

  tell(value: unknown): Told {
    if (value === null || value === undefined) return ['null']
    if (typeof value === 'boolean') return ['bool', value]
    if (typeof value === 'bigint') return ['int', String(value)]
    if (typeof value === 'number') return tellNumber(value)
    if (typeof value === 'string') return ['string', Buffer.from(value).toString('hex')]
    if (value instanceof Uint8Array) return ['string', Buffer.from(value).toString('hex')]
    if (Array.isArray(value)) return ['array', this.#elements(value.entries())]
    if (value instanceof Map) return ['array', this.#elements(value)]
    if (value instanceof PhpEnum) return ['enum', value.className, value.caseName]
    if (value instanceof PhpObject) return this.#object(value)
    if (value instanceof PhpCustomObject) throw new Error('not told')
    return ['array', this.#elements(Object.entries(value))]
  }

  #object(value: PhpObject): Told {
    const before = this.#seen.get(value)
    if (before !== undefined) return ['same', before]
    this.#seen.set(value, this.#seen.size)
    return ['object', value.className, this.#elements(value.properties)]
  }

  #elements(entries: Iterable<readonly [unknown, unknown]>): Told {
    return Array.from(entries, ([key, element]) => [this.tell(key), this.tell(element)])
  }
}

function tellNumber(value: number): Told {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return ['int', String(value)]
  if (Number.isNaN(value)) return ['float', 'nan']
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return ['float', bytes.toString('hex')]
}
