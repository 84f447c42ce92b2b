import { show } from '../../core/checks.ts'
import type { PythonClassReader } from './class-registry.ts'
import { PyDate, PyDateTime, PyTime, PyTimeDelta } from './python-dates.ts'
import { PyTimeZone } from './python-time-zones.ts'
import { checkCount, numberArgument, stringArgument } from './reader-checks.ts'
import { bytesOfStr } from './text-opcodes.ts'
import type { UnpickleState } from './unpickle-state.ts'

const SECOND_MICROSECONDS = 1_000_000
const DAY_SECONDS = 86_400
const DATETIME_BYTES = 10
const TIME_BYTES = 6
const DATE_BYTES = 4
/** Set in the month of a datetime, and in the hour of a time, when `fold` is 1. */
const FOLD_BIT = 0x80
/** Some zones of `pytz`, which others go by the offset of. */
const PYTZ_UTC: PythonClassReader = { make: () => PyTimeZone.utc }

/** Python's module `datetime`, and where its time zones come from. */
export const DATE_CLASSES: Readonly<Record<string, PythonClassReader>> = {
  'datetime.datetime': { make: makeDateTime },
  'datetime.date': { make: makeDate },
  'datetime.time': { make: makeTime },
  'datetime.timedelta': {
    make: ([days = 0, seconds = 0, microseconds = 0]) =>
      new PyTimeDelta(numberArgument(days), numberArgument(seconds), numberArgument(microseconds)),
  },
  'datetime.timezone': { make: makeTimeZone },
  'zoneinfo.ZoneInfo': { make: ([name]) => PyTimeZone.of(stringArgument(name)) },
  'pytz._UTC': PYTZ_UTC,
  'pytz._p': { make: makePytzZone },
}

function makeDateTime(args: readonly unknown[], state: UnpickleState): PyDateTime {
  const bytes = packed(args[0], DATETIME_BYTES, state)
  if (bytes !== undefined) {
    checkCount(args, 1, 2)
    const month = bytes.readUInt8(2)
    return new PyDateTime({
      year: bytes.readUInt16BE(0),
      month: month & ~FOLD_BIT,
      day: bytes.readUInt8(3),
      ...timeFields(bytes, 4),
      zone: zoneArgument(args[1]),
      fold: month >= FOLD_BIT ? 1 : 0,
    })
  }
  checkCount(args, 3, 8)
  const [year, month, day] = args
  return new PyDateTime({
    year: numberArgument(year),
    month: numberArgument(month),
    day: numberArgument(day),
    ...numberedTime(args.slice(3)),
  })
}

function makeDate(args: readonly unknown[], state: UnpickleState): PyDate {
  const bytes = packed(args[0], DATE_BYTES, state)
  if (bytes !== undefined) {
    return new PyDate(bytes.readUInt16BE(0), bytes.readUInt8(2), bytes.readUInt8(3))
  }
  checkCount(args, 3, 3)
  const [year, month, day] = args
  return new PyDate(numberArgument(year), numberArgument(month), numberArgument(day))
}

function makeTime(args: readonly unknown[], state: UnpickleState): PyTime {
  const bytes = packed(args[0], TIME_BYTES, state)
  if (bytes === undefined) return new PyTime(numberedTime(args))
  checkCount(args, 1, 2)
  const hour = bytes.readUInt8(0)
  return new PyTime({
    ...timeFields(bytes, 0),
    hour: hour & ~FOLD_BIT,
    zone: zoneArgument(args[1]),
    fold: hour >= FOLD_BIT ? 1 : 0,
  })
}

/** The bytes of a packed date or time; `undefined` when the arguments are numbers. */
function packed(value: unknown, size: number, state: UnpickleState): Buffer | undefined {
  if (typeof value === 'number' || value === undefined) return undefined
  const bytes = bytesOfStr(state, value)
  if (bytes?.length !== size) throw new TypeError(`it takes ${size} bytes, not ${show(value)}`)
  return bytes
}

interface PackedTime {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly microsecond: number
}

function timeFields(bytes: Buffer, at: number): PackedTime {
  return {
    hour: bytes.readUInt8(at),
    minute: bytes.readUInt8(at + 1),
    second: bytes.readUInt8(at + 2),
    microsecond: bytes.readUIntBE(at + 3, 3),
  }
}

function numberedTime(
  args: readonly unknown[],
): PackedTime & { readonly zone: PyTimeZone | undefined } {
  checkCount(args, 0, 5)
  const [hour = 0, minute = 0, second = 0, microsecond = 0, zone] = args
  return {
    hour: numberArgument(hour),
    minute: numberArgument(minute),
    second: numberArgument(second),
    microsecond: numberArgument(microsecond),
    zone: zoneArgument(zone),
  }
}

function zoneArgument(value: unknown): PyTimeZone | undefined {
  if (value === undefined || value === null) return undefined
  if (!(value instanceof PyTimeZone)) throw new TypeError('its tzinfo is no time zone')
  return value
}

function makeTimeZone([offset, name]: readonly unknown[]): PyTimeZone {
  if (!(offset instanceof PyTimeDelta)) throw new TypeError('it takes a timedelta')
  const seconds = offset.days * DAY_SECONDS + offset.seconds
  const microseconds = seconds * SECOND_MICROSECONDS + offset.microseconds
  if (name !== undefined) return PyTimeZone.fixed(microseconds, stringArgument(name))
  return microseconds === 0 ? PyTimeZone.utc : PyTimeZone.fixed(microseconds)
}

/** A zone of `pytz`, with the offset in seconds that it has at the time that it belongs to. */
function makePytzZone([name, offset]: readonly unknown[]): PyTimeZone {
  if (offset === undefined) return PyTimeZone.of(stringArgument(name))
  return PyTimeZone.fixed(numberArgument(offset) * SECOND_MICROSECONDS, stringArgument(name))
}
