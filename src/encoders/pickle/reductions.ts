import type { PickleClasses, PickleClassParts } from './class-registry.ts'
import { errorParts } from './error-parts.ts'
import {
  PyCounter,
  PyDefaultDict,
  PyDeque,
  PyFrozenSet,
  PyGlobal,
  PyOrderedDict,
  PyTuple,
} from './python-containers.ts'
import {
  PyDate,
  PyDateTime,
  PyTime,
  PyTimeDelta,
  type PyWallClock,
  utcFields,
} from './python-dates.ts'
import { PyComplex, PyDecimal, PyUUID } from './python-numbers.ts'
import { PyTimeZone } from './python-time-zones.ts'

/** How Python makes a value that has no opcode of its own, as its `__reduce__` tells it. */
export interface Reduction {
  readonly global: PyGlobal
  /** Arguments to call it with; `undefined`: an instance is made without calling `__init__`. */
  readonly args: readonly unknown[] | undefined
  /** Elements to append then. */
  readonly items?: readonly unknown[]
  /** Keys and values, by turns, to set then. */
  readonly entries?: readonly unknown[]
  /** The state to give it at last. */
  readonly state?: unknown
  /** Whether Python takes it as a key of a dict. */
  readonly isHashable: boolean
}

/** A list of what must be hashable in Python: the elements of a set to be. */
export class HashableElements extends Array<unknown> {}

/** A `Map` that is a dict, and nothing more. */
export function isPlainMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return (
    value instanceof Map &&
    !(value instanceof PyOrderedDict) &&
    !(value instanceof PyDefaultDict) &&
    !(value instanceof PyCounter)
  )
}

const FOLD_BIT = 0x80
const NAMED_ZONE = /* @__PURE__ */ new PyGlobal('zoneinfo', 'ZoneInfo')
const TIME_ZONE = /* @__PURE__ */ new PyGlobal('datetime', 'timezone')
const TIME_DELTA = /* @__PURE__ */ new PyGlobal('datetime', 'timedelta')
const DATE_TIME = /* @__PURE__ */ new PyGlobal('datetime', 'datetime')
const DATE = /* @__PURE__ */ new PyGlobal('datetime', 'date')
const TIME = /* @__PURE__ */ new PyGlobal('datetime', 'time')
const COMPLEX = /* @__PURE__ */ new PyGlobal('builtins', 'complex')
const DECIMAL = /* @__PURE__ */ new PyGlobal('decimal', 'Decimal')
const UUID = /* @__PURE__ */ new PyGlobal('uuid', 'UUID')
const SET = /* @__PURE__ */ new PyGlobal('builtins', 'set')
const FROZEN_SET = /* @__PURE__ */ new PyGlobal('builtins', 'frozenset')
const BYTES = /* @__PURE__ */ new PyGlobal('builtins', 'bytes')
const BYTE_ARRAY = /* @__PURE__ */ new PyGlobal('builtins', 'bytearray')
const ENCODE = /* @__PURE__ */ new PyGlobal('_codecs', 'encode')
const ORDERED_DICT = /* @__PURE__ */ new PyGlobal('collections', 'OrderedDict')
const DEFAULT_DICT = /* @__PURE__ */ new PyGlobal('collections', 'defaultdict')
const COUNTER = /* @__PURE__ */ new PyGlobal('collections', 'Counter')
const DEQUE = /* @__PURE__ */ new PyGlobal('collections', 'deque')

/** How a value is made in Python, for what is written by no opcode of its own; `undefined` for what has no form. */
export function reductionOf(value: object, classes: PickleClasses): Reduction | undefined {
  const writer = classes.findWriter(value)
  if (writer !== undefined) {
    return { ...checkParts(writer.encode(value)), global: writer.global, isHashable: true }
  }
  return containerReduction(value) ?? dateReduction(value) ?? valueReduction(value)
}

function checkParts({ args, state }: PickleClassParts): Pick<Reduction, 'args' | 'state'> {
  if (args !== undefined && !Array.isArray(args)) {
    throw new TypeError('encode() of a registered class must give its args as an array')
  }
  return { args, state }
}

function call(global: PyGlobal, ...args: unknown[]): Reduction {
  return { global, args, isHashable: true }
}

function containerReduction(value: object): Reduction | undefined {
  if (value instanceof Map) {
    const entries = [...value].flat(1)
    if (value instanceof PyOrderedDict) {
      return { global: ORDERED_DICT, args: [], entries, isHashable: false }
    }
    if (value instanceof PyDefaultDict) {
      const args = value.factory === undefined ? [] : [value.factory]
      return { global: DEFAULT_DICT, args, entries, isHashable: false }
    }
    if (value instanceof PyCounter) {
      return { global: COUNTER, args: [new Map(value)], isHashable: false }
    }
  }
  if (value instanceof PyDeque) {
    const args = value.maxLength === undefined ? [] : [new PyTuple(), value.maxLength]
    return { global: DEQUE, args, items: value, isHashable: false }
  }
  return undefined
}

/** A set as protocols below 4 write it. */
export function setReduction(value: ReadonlySet<unknown>): Reduction {
  const isFrozen = value instanceof PyFrozenSet
  return {
    ...call(isFrozen ? FROZEN_SET : SET, HashableElements.from(value)),
    isHashable: isFrozen,
  }
}

/** A `bytes` as protocols below 3 write it: Python 2 makes a `str` of it. */
export function bytesReduction(value: Uint8Array): Reduction {
  if (value.length === 0) return call(BYTES)
  const view = Buffer.from(value.buffer, value.byteOffset, value.length)
  return call(ENCODE, view.toString('latin1'), 'latin1')
}

/** A `bytearray` as protocols below 5 write it. */
export function byteArrayReduction(value: Uint8Array): Reduction {
  const args = value.length === 0 ? [] : [Buffer.from(value)]
  return { ...call(BYTE_ARRAY, ...args), isHashable: false }
}

function dateReduction(value: object): Reduction | undefined {
  if (value instanceof Date) {
    const fields = value instanceof PyDateTime ? value.fields : utcFields(value)
    return call(DATE_TIME, ...packDateTime(fields))
  }
  if (value instanceof PyDate) {
    return call(DATE, Buffer.from([value.year >> 8, value.year & 0xff, value.month, value.day]))
  }
  if (value instanceof PyTime) return call(TIME, ...packTime(value))
  if (value instanceof PyTimeDelta) {
    return call(TIME_DELTA, value.days, value.seconds, value.microseconds)
  }
  return value instanceof PyTimeZone ? zoneReduction(value) : undefined
}

function zoneReduction({ offsetMicroseconds, name }: PyTimeZone): Reduction {
  if (offsetMicroseconds === undefined) return call(NAMED_ZONE, name)
  const offset = new PyTimeDelta(0, 0, offsetMicroseconds)
  return name === undefined ? call(TIME_ZONE, offset) : call(TIME_ZONE, offset, name)
}

function packDateTime(fields: PyWallClock): unknown[] {
  const { year, month, day, hour, minute, second, microsecond, zone, fold } = fields
  if (!(year >= 1 && year <= 9999)) {
    throw new RangeError("a Date is invalid, or not within Python's years 1 to 9999")
  }
  const time = [hour, minute, second, ...bigEndian(microsecond)]
  const date = [year >> 8, year & 0xff, month | (fold === 1 ? FOLD_BIT : 0), day]
  return [Buffer.from([...date, ...time]), ...(zone === undefined ? [] : [zone])]
}

function packTime({ hour, minute, second, microsecond, zone, fold }: PyTime): unknown[] {
  const first = hour | (fold === 1 ? FOLD_BIT : 0)
  const bytes = Buffer.from([first, minute, second, ...bigEndian(microsecond)])
  return [bytes, ...(zone === undefined ? [] : [zone])]
}

/** Three bytes. */
function bigEndian(value: number): number[] {
  return [value >> 16, (value >> 8) & 0xff, value & 0xff]
}

function valueReduction(value: object): Reduction | undefined {
  if (value instanceof PyComplex) return call(COMPLEX, value.real, value.imag)
  if (value instanceof PyDecimal) return call(DECIMAL, value.digits)
  if (value instanceof PyUUID) {
    const state = { int: BigInt(`0x${value.text.replaceAll('-', '')}`) }
    return { global: UUID, args: undefined, state, isHashable: true }
  }
  return value instanceof Error ? { ...errorParts(value), isHashable: true } : undefined
}
