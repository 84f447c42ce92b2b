import { kindOf } from '../../core/checks.ts'
import { EncodingError } from '../../errors.ts'

/**
 * How a field is written:
 * - `text`: as it is, on one line;
 * - `lines`: text whose line breaks are written as the two characters `\n`;
 * - `time`: milliseconds since 1970 here, seconds with six decimals there;
 * - `seconds`: milliseconds here, seconds with six decimals there;
 * - `whole seconds`: milliseconds here, whole seconds there, rounded up;
 * - `integer`; `flag`: true and false, written as 1 and 0.
 */
export type FieldKind = 'text' | 'lines' | 'time' | 'seconds' | 'whole seconds' | 'integer' | 'flag'

/** The fields of a text, in the order in which they are written: its name there, our name, and its form. */
export type FieldTable = readonly (readonly [name: string, property: string, kind: FieldKind])[]

/** What a text says. */
export interface FieldValues {
  /** Fields that are not in the table, by their names there. */
  readonly other?: Readonly<Record<string, string>> | undefined
}

const END = '\n\n'
const NAME = /^[a-z_][a-z0-9_]*$/

/**
 * The text for some values: a line `name=value` for each that is there, and an end.
 *
 * @throws EncodingError for a value that does not fit its line
 */
export function writeFields(table: FieldTable, values: object): string {
  const given = values as Readonly<Record<string, unknown>> & FieldValues
  const other = Object.entries(given.other ?? {})
  // mod_gearman stops reading at an empty value, so one that is left out must not be there, and lines come last.
  const lines = [
    ...table.filter(([, , kind]) => kind !== 'lines').map((field) => writeField(field, given)),
    ...other.map(([name, value]) => writeOther(table, name, value)),
    ...table.filter(([, , kind]) => kind === 'lines').map((field) => writeField(field, given)),
  ]
  return lines.join('') + END
}

function writeField(
  [name, property, kind]: FieldTable[number],
  values: Readonly<Record<string, unknown>>,
): string {
  const value = values[property]
  if (value === undefined) return ''
  const text = fieldText(property, kind, value)
  return text === '' && kind === 'text' ? '' : `${name}=${text}\n`
}

function writeOther(table: FieldTable, name: string, value: unknown): string {
  if (!NAME.test(name) || table.some(([known]) => known === name)) {
    throw new EncodingError(`other must hold names that mod_gearman has beside those with a place`)
  }
  const text = fieldText(`other.${name}`, 'text', value)
  return text === '' ? '' : `${name}=${text}\n`
}

function fieldText(property: string, kind: FieldKind, value: unknown): string {
  if (kind === 'text' || kind === 'lines') return lineOf(property, kind, value)
  if (kind === 'flag') {
    if (typeof value === 'boolean') return value ? '1' : '0'
    throw wrong(property, 'true or false', value)
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(property, 'a number', value)
  if (kind === 'whole seconds') return String(Math.ceil(value / 1000))
  if (kind !== 'integer') return (value / 1000).toFixed(6)
  if (Number.isSafeInteger(value)) return String(value)
  throw wrong(property, 'a whole number', value)
}

function lineOf(property: string, kind: FieldKind, value: unknown): string {
  if (typeof value !== 'string') throw wrong(property, 'text', value)
  const line = kind === 'lines' ? value.replaceAll(/\r?\n/g, '\\n') : value
  if (!/[\n\0]/.test(line)) return line
  throw new EncodingError(`${property} must have no line break and no zero byte for mod_gearman`)
}

function wrong(property: string, wanted: string, value: unknown): EncodingError {
  return new EncodingError(`${property} must be ${wanted} for mod_gearman, not ${kindOf(value)}`)
}

/**
 * What a text says: it ends at the first empty line. Of two lines for one field the last counts.
 *
 * @throws EncodingError for a value that is not of its kind
 */
export function readFields(table: FieldTable, text: string): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  const other = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line === '') break
    const at = line.indexOf('=')
    const name = line.slice(0, Math.max(at, 0))
    const field = table.find(([known]) => known === name)
    if (field !== undefined) values[field[1]] = readValue(field, line.slice(at + 1))
    else if (at > 0) other.set(name, line.slice(at + 1))
  }
  if (other.size > 0) values['other'] = Object.fromEntries(other)
  return values
}

function readValue([name, , kind]: FieldTable[number], text: string): unknown {
  if (kind === 'text') return text
  if (kind === 'lines') return text.replaceAll('\\n', '\n')
  if (kind === 'flag') return text.trim() !== '0'
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(number)) {
    throw new EncodingError(`the field ${name} of a text of mod_gearman must be a number`)
  }
  // Microseconds are what there is; more digits would be noise of the multiplication.
  return kind === 'integer' ? number : Math.round(number * 1e6) / 1e3
}
