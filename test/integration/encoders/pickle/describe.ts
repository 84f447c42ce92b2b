import {
  PyByteArray,
  PyComplex,
  PyCounter,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyDefaultDict,
  PyDeque,
  PyFrozenSet,
  PyOrderedDict,
  PyTime,
  PyTimeDelta,
  type PyTimeZone,
  PyTuple,
  PythonError,
  PyUUID,
} from 'gearman-sdk'
import { Fraction, Point } from './shop.ts'

/** A value in one string, by the rules of partner.py. */
export function describeValue(value: unknown): string {
  return new Describer().describe(value)
}

class Describer {
  readonly #seen = new Map<object, number>()

  describe(value: unknown): string {
    if (value === null || value === undefined) return 'N'
    if (typeof value === 'boolean') return value ? 'T' : 'F'
    if (typeof value === 'bigint') return `i${value}`
    if (typeof value === 'number') return describeNumber(value)
    if (typeof value === 'string') return `s${asciiJson(value)}`
    if (typeof value !== 'object') throw new TypeError(typeof value)
    const number = this.#seen.get(value)
    if (number !== undefined) return `ref${number}`
    const text = this.#immutable(value)
    if (text !== undefined) return text
    this.#seen.set(value, this.#seen.size)
    return this.#mutable(value)
  }

  #immutable(value: object): string | undefined {
    if (value instanceof PyTuple) return `U(${this.#all(value)})`
    if (value instanceof PyFrozenSet) return `FS{${sorted(value)}}`
    if (value instanceof PyComplex) {
      return `c(${describeNumber(value.real)},${describeNumber(value.imag)})`
    }
    if (value instanceof PyDecimal) return `m${value}`
    if (value instanceof PyUUID) return `u${value}`
    if (value instanceof Fraction) return `q(${value.numerator},${value.denominator})`
    if (Buffer.isBuffer(value)) return `b${value.toString('hex')}`
    return describeDate(value)
  }

  #mutable(value: object): string {
    if (value instanceof PyDeque) return `Q<${value.maxLength ?? ''}>[${this.#all(value)}]`
    if (Array.isArray(value)) return `L[${this.#all(value)}]`
    if (value instanceof PyByteArray) return `B${Buffer.from(value).toString('hex')}`
    if (value instanceof Point) return `P(${this.describe(value.x)},${this.describe(value.y)})`
    if (value instanceof PythonError) return this.#error(value)
    if (value instanceof Set) return `S{${sorted(value)}}`
    if (value instanceof PyOrderedDict) {
      const entries = [...value].map(
        ([key, item]) => `${this.describe(key)}:${this.describe(item)}`,
      )
      return `O{${entries.join(',')}}`
    }
    if (value instanceof PyDefaultDict) {
      return `DD<${value.factory?.name ?? ''}>{${this.#entries([...value])}}`
    }
    if (value instanceof PyCounter) return `C{${this.#entries([...value])}}`
    return `D{${this.#entries(value instanceof Map ? [...value] : Object.entries(value))}}`
  }

  #error({ module, className, args, attributes }: PythonError): string {
    return `E<${module}.${className}>(${this.#all(args)}){${this.#entries(Object.entries(attributes))}}`
  }

  #all(values: readonly unknown[]): string {
    return values.map((value) => this.describe(value)).join(',')
  }

  #entries(entries: readonly (readonly [unknown, unknown])[]): string {
    const keyed = entries.map(([key, value]) => [describeValue(key), value] as const)
    keyed.sort(([left], [right]) => byCode(left, right))
    return keyed.map(([key, value]) => `${key}:${this.describe(value)}`).join(',')
  }
}

function describeNumber(value: number): string {
  if (Number.isNaN(value)) return 'fnan'
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return `i${value}`
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return `f${bytes.toString('hex')}`
}

function describeDate(value: object): string | undefined {
  if (value instanceof PyTimeDelta) {
    return `td(${value.days},${value.seconds},${value.microseconds})`
  }
  if (value instanceof PyDate) return `da(${value})`
  if (value instanceof PyTime) {
    return `ti(${clock(value)},${value.fold},${describeZone(value.zone)})`
  }
  if (!(value instanceof PyDateTime)) return undefined
  const { year, month, day, zone, fold } = value.fields
  const micros = BigInt(value.getTime()) * 1000n + BigInt(value.submilliseconds)
  const date = `${year}-${month}-${day} ${clock(value.fields)}`
  return `dt(${date},${fold},${describeZone(zone)},${micros})`
}

function clock({ hour, minute, second, microsecond }: Omit<PyTime, 'zone' | 'fold'>): string {
  return `${hour}:${minute}:${second}.${String(microsecond).padStart(6, '0')}`
}

function describeZone(zone: PyTimeZone | undefined): string {
  if (zone === undefined) return '-'
  if (zone.offsetMicroseconds === undefined) return `zi${zone.name}`
  return `tz${zone.offsetMicroseconds}/${zone.name ?? ''}`
}

function sorted(values: Iterable<unknown>): string {
  return [...values].map(describeValue).sort(byCode).join(',')
}

function byCode(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** JSON as Python's json.dumps writes it. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
