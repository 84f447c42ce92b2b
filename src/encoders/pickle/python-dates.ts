import { checkInteger } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import { PyTimeZone } from './python-time-zones.ts'

const MIN_YEAR = 1
const MAX_YEAR = 9999
const MAX_DELTA_DAYS = 999_999_999
const DAY_MS = 86_400_000
const DAY_SECONDS = 86_400
const SECOND_MICROSECONDS = 1_000_000

/** A time of the day, as Python has it. */
export interface PyTimeFields {
  /** 0 to 23. @defaultValue 0 */
  readonly hour?: number | undefined
  /** 0 to 59. @defaultValue 0 */
  readonly minute?: number | undefined
  /** 0 to 59. @defaultValue 0 */
  readonly second?: number | undefined
  /** 0 to 999,999. @defaultValue 0 */
  readonly microsecond?: number | undefined
  /** The time zone; left out: the time is naive, as Python calls it. */
  readonly zone?: PyTimeZone | undefined
  /** 1 for the second of two equal times, when clocks are set back. @defaultValue 0 */
  readonly fold?: 0 | 1 | undefined
}

/** A date and a time of the day, as Python has them. */
export interface PyDateTimeFields extends PyTimeFields {
  /** 1 to 9999. */
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31, as the month has them. */
  readonly day: number
}

/** What a clock shows somewhere. */
export interface PyWallClock {
  /** 1 to 9999. */
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number
  /** 0 to 23. */
  readonly hour: number
  /** 0 to 59. */
  readonly minute: number
  /** 0 to 59. */
  readonly second: number
  /** 0 to 999,999. */
  readonly microsecond: number
  /** The time zone; `undefined` for a naive time. */
  readonly zone: PyTimeZone | undefined
  /** 1 for the second of two equal times. */
  readonly fold: 0 | 1
}

/** A Python `datetime.timedelta`, normalised as Python does it: only `days` is negative. */
export class PyTimeDelta {
  /** Up to 999,999,999 either way. */
  readonly days: number
  /** 0 to 86,399. */
  readonly seconds: number
  /** 0 to 999,999. */
  readonly microseconds: number

  /**
   * Whole numbers, of any size and sign.
   *
   * @throws InvalidArgumentError for more than Python's days, and for fractions
   */
  constructor(days: number, seconds = 0, microseconds = 0) {
    const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number
    checkInteger('days', days, MIN_SAFE_INTEGER, MAX_SAFE_INTEGER)
    checkInteger('seconds', seconds, MIN_SAFE_INTEGER, MAX_SAFE_INTEGER)
    checkInteger('microseconds', microseconds, MIN_SAFE_INTEGER, MAX_SAFE_INTEGER)
    this.microseconds = modulo(microseconds, SECOND_MICROSECONDS)
    const wholeSeconds = seconds + (microseconds - this.microseconds) / SECOND_MICROSECONDS
    this.seconds = modulo(wholeSeconds, DAY_SECONDS)
    this.days = days + (wholeSeconds - this.seconds) / DAY_SECONDS
    checkInteger('days', this.days, -MAX_DELTA_DAYS, MAX_DELTA_DAYS)
  }

  /** A number of milliseconds, rounded to microseconds. */
  static fromMilliseconds(ms: number): PyTimeDelta {
    const days = Math.floor(ms / DAY_MS)
    return new PyTimeDelta(days, 0, Math.round((ms - days * DAY_MS) * 1000))
  }

  /** All of it in milliseconds. */
  get milliseconds(): number {
    return this.days * DAY_MS + this.seconds * 1000 + this.microseconds / 1000
  }
}

/** A Python `datetime.date`. */
export class PyDate {
  /** 1 to 9999. */
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number

  /** @throws InvalidArgumentError for a date that there is not */
  constructor(year: number, month: number, day: number) {
    checkDate(year, month, day)
    this.year = year
    this.month = month
    this.day = day
  }

  /** Its midnight in UTC. */
  toDate(): Date {
    return new Date(dateMs(this.year, this.month, this.day))
  }

  /** As in `2024-02-29`. */
  toString(): string {
    return `${digits(this.year, 4)}-${digits(this.month, 2)}-${digits(this.day, 2)}`
  }

  /** The same, as JSON. */
  toJSON(): string {
    return this.toString()
  }
}

/** A Python `datetime.time`. */
export class PyTime {
  /** 0 to 23. */
  readonly hour: number
  /** 0 to 59. */
  readonly minute: number
  /** 0 to 59. */
  readonly second: number
  /** 0 to 999,999. */
  readonly microsecond: number
  /** The time zone; `undefined` for a naive time. */
  readonly zone: PyTimeZone | undefined
  /** 1 for the second of two equal times. */
  readonly fold: 0 | 1

  /** @throws InvalidArgumentError for a time that there is not */
  constructor(fields: PyTimeFields) {
    const { hour, minute, second, microsecond, zone, fold } = checkTime(fields)
    this.hour = hour
    this.minute = minute
    this.second = second
    this.microsecond = microsecond
    this.zone = zone
    this.fold = fold
  }

  /** As in `12:30:00.000001`; without the time zone. */
  toString(): string {
    const { hour, minute, second, microsecond } = this
    const text = [hour, minute, second].map((field) => digits(field, 2)).join(':')
    return microsecond === 0 ? text : `${text}.${digits(microsecond, 6)}`
  }
}

/**
 * A Python `datetime.datetime`: a `Date` that keeps the microseconds and the time zone, so that it goes back as it
 * came. A naive one, without a time zone, is taken for UTC.
 */
export class PyDateTime extends Date {
  /** The time zone; `undefined` for a naive one. */
  readonly zone: PyTimeZone | undefined
  /** 1 for the second of two equal times, when clocks are set back. */
  readonly fold: 0 | 1
  /** 0 to 999: what a `Date` leaves out. */
  readonly #microseconds: number
  /** The offset from UTC when it was made, and its `getTime()` then. Not every time can be told from an instant. */
  readonly #made: { readonly offset: number; readonly ms: number }

  /** @throws InvalidArgumentError for a time that there is not */
  constructor(fields: PyDateTimeFields) {
    const { year, month, day } = fields
    checkDate(year, month, day)
    const { hour, minute, second, microsecond, zone, fold } = checkTime(fields)
    const wallMs =
      dateMs(year, month, day) +
      ((hour * 60 + minute) * 60 + second) * 1000 +
      Math.floor(microsecond / 1000)
    const offset = zone?.offsetAtWall(wallMs, fold) ?? 0
    const microseconds = modulo((microsecond % 1000) - offset, 1000)
    const offsetMs = (offset - (microsecond % 1000) + microseconds) / 1000
    super(wallMs - offsetMs)
    this.zone = zone
    this.fold = fold
    this.#microseconds = microseconds
    this.#made = { offset, ms: this.getTime() }
  }

  /** Microseconds of the instant since 1970, beyond the milliseconds of `getTime()`: 0 to 999. */
  get submilliseconds(): number {
    return this.#microseconds
  }

  /** What the clock shows in its time zone, also after the `Date` was set to another time. */
  get fields(): PyWallClock {
    const ms = this.getTime()
    const offset = ms === this.#made.ms ? this.#made.offset : (this.zone?.offsetAt(ms) ?? 0)
    const microseconds = modulo(this.#microseconds + offset, 1000)
    const offsetMs = (offset + this.#microseconds - microseconds) / 1000
    return { ...wallFields(ms + offsetMs, microseconds), zone: this.zone, fold: this.fold }
  }
}

/** What a clock in UTC shows at an instant. */
export function utcFields(date: Date): PyWallClock {
  return { ...wallFields(date.getTime(), 0), zone: PyTimeZone.utc, fold: 0 }
}

function wallFields(ms: number, microseconds: number): Omit<PyWallClock, 'zone' | 'fold'> {
  const wall = new Date(ms)
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
    microsecond: wall.getUTCMilliseconds() * 1000 + microseconds,
  }
}

function dateMs(year: number, month: number, day: number): number {
  // Date.UTC takes the years up to 99 for those of the 20th century.
  return new Date(0).setUTCFullYear(year, month - 1, day)
}

function checkDate(year: number, month: number, day: number): void {
  checkInteger('year', year, MIN_YEAR, MAX_YEAR)
  checkInteger('month', month, 1, 12)
  checkInteger('day', day, 1, new Date(dateMs(year, month + 1, 0)).getUTCDate())
}

function checkTime(fields: PyTimeFields): Omit<PyWallClock, 'year' | 'month' | 'day'> {
  const { hour = 0, minute = 0, second = 0, microsecond = 0, zone, fold = 0 } = fields
  checkInteger('hour', hour, 0, 23)
  checkInteger('minute', minute, 0, 59)
  checkInteger('second', second, 0, 59)
  checkInteger('microsecond', microsecond, 0, SECOND_MICROSECONDS - 1)
  checkInteger('fold', fold, 0, 1)
  if (zone !== undefined && !(zone instanceof PyTimeZone)) {
    throw new InvalidArgumentError('zone', 'must be a PyTimeZone')
  }
  return { hour, minute, second, microsecond, zone, fold }
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
