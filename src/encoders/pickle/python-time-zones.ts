import { show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'

const MICROSECONDS_PER_MS = 1000
const DAY_MICROSECONDS = 86_400_000_000
/** In 1811 no clock had been changed yet, and `Intl` counts by the Julian calendar not much before that. */
const FIRST_CHANGES_MS = -5e12

/** Making one takes longer than using it a thousand times. There are some hundred names of zones. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** A Python time zone: a fixed offset (`datetime.timezone`), or one of the zones of the world (`zoneinfo.ZoneInfo`). */
export class PyTimeZone {
  /** The fixed offset from UTC in microseconds, east of it positive; `undefined` for a zone of the world. */
  readonly offsetMicroseconds: number | undefined
  /** The name of a zone of the world, as in `Europe/Paris`; or the name that a fixed offset was given. */
  readonly name: string | undefined

  private constructor(offsetMicroseconds: number | undefined, name: string | undefined) {
    this.offsetMicroseconds = offsetMicroseconds
    this.name = name
  }

  /** Python's `timezone.utc`. */
  static readonly utc: PyTimeZone = new PyTimeZone(0, undefined)

  /**
   * A fixed offset.
   *
   * @param offsetMicroseconds - less than a day either way
   * @throws InvalidArgumentError for anything else
   */
  static fixed(offsetMicroseconds: number, name?: string): PyTimeZone {
    if (
      !Number.isInteger(offsetMicroseconds) ||
      Math.abs(offsetMicroseconds) >= DAY_MICROSECONDS ||
      (name !== undefined && typeof name !== 'string')
    ) {
      throw new InvalidArgumentError(
        'offsetMicroseconds',
        `must be a whole number of microseconds, less than a day, not ${show(offsetMicroseconds)}`,
      )
    }
    return new PyTimeZone(offsetMicroseconds, name)
  }

  /**
   * A zone of the world, by its name in the tz database.
   *
   * @throws InvalidArgumentError for a name that Node.js does not know
   */
  static of(name: string): PyTimeZone {
    formatOf(name)
    return new PyTimeZone(undefined, name)
  }

  /**
   * The offset from UTC at a time of the wall clock, in microseconds.
   *
   * @param wallMs - what the clock shows there, as if it were UTC, in milliseconds
   * @param fold - 1 for the second of two equal times, when clocks are set back
   */
  offsetAtWall(wallMs: number, fold: 0 | 1): number {
    if (this.offsetMicroseconds !== undefined) return this.offsetMicroseconds
    const dayMs = DAY_MICROSECONDS / MICROSECONDS_PER_MS
    const before = this.offsetAt(wallMs - dayMs)
    const after = this.offsetAt(wallMs + dayMs)
    if (before === after) return before
    // Around a change one of the two holds; in a gap and in a fold both or none do, and Python goes by `fold`.
    const holds = (offset: number): boolean =>
      this.offsetAt(wallMs - offset / MICROSECONDS_PER_MS) === offset
    if (holds(before) !== holds(after)) return holds(before) ? before : after
    return fold === 1 ? after : before
  }

  /** The offset from UTC at an instant (milliseconds since 1970), in microseconds. */
  offsetAt(instantMs: number): number {
    if (this.offsetMicroseconds !== undefined) return this.offsetMicroseconds
    const seconds = Math.floor(Math.max(instantMs, FIRST_CHANGES_MS) / 1000) * 1000
    const fields = new Map<string, number>()
    for (const { type, value } of formatOf(this.name ?? 'UTC').formatToParts(seconds)) {
      fields.set(type, Number(value))
    }
    const part = (type: string): number => fields.get(type) ?? 0
    const wall = new Date(0)
    wall.setUTCFullYear(part('year'), part('month') - 1, part('day'))
    wall.setUTCHours(part('hour'), part('minute'), part('second'))
    return (wall.getTime() - seconds) * MICROSECONDS_PER_MS
  }
}

function formatOf(name: string): Intl.DateTimeFormat {
  const format = formats.get(name) ?? makeFormat(name)
  if (format === undefined) {
    throw new InvalidArgumentError('name', `must be the name of a time zone, not ${show(name)}`)
  }
  formats.set(name, format)
  return format
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  if (typeof timeZone !== 'string') return undefined
  try {
    return new Intl.DateTimeFormat('en-u-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined // It throws for a name that it does not know.
  }
}
