import { inspect } from 'node:util'

/** An error as plain data: what {@link JSONDataEncoder} sends for an exception. */
export interface ErrorReport {
  /** The name of the error, such as `TypeError`; `Error` for a thrown value that has none. */
  readonly name: string
  /** The message; for a thrown value that is no error, its text. */
  readonly message: string
  /** The error's own `code`, when it is a string or a number. */
  readonly code?: string | number
  /** What the error was caused by, when it says so. */
  readonly cause?: ErrorReport
}

/** How many causes are followed. */
const MAX_CAUSES = 8
const INSPECT_OPTIONS = { depth: 2, maxArrayLength: 20, maxStringLength: 1000 } as const

/** Whatever was thrown, as one line of text: `Name: message`. Never throws. */
export function errorText(error: unknown): string {
  if (!isErrorLike(error)) return valueText(error)
  const { name, message } = errorReport(error)
  return message === '' ? name : `${name}: ${message}`
}

/** Whatever was thrown, as plain data. Never throws; a chain of causes ends at a cycle and at a depth. */
export function errorReport(error: unknown): ErrorReport {
  return report(error, [])
}

function report(error: unknown, above: readonly unknown[]): ErrorReport {
  if (!isErrorLike(error)) return { name: 'Error', message: valueText(error) }
  const name = read(error, 'name')
  const message = read(error, 'message')
  const code = read(error, 'code')
  const cause = read(error, 'cause')
  const path = [...above, error]
  const isFollowed = cause !== undefined && !path.includes(cause) && path.length <= MAX_CAUSES
  return {
    name: typeof name === 'string' && name !== '' ? name : 'Error',
    message: typeof message === 'string' ? message : valueText(message),
    ...(isCode(code) && { code }),
    ...(isFollowed && { cause: report(cause, path) }),
  }
}

/** Errors, also of another realm or a hand-made kind: an object with a message. */
function isErrorLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof read(value, 'message') === 'string'
}

function isCode(value: unknown): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}

/** A property, or `undefined` when reading it throws: a getter, or a proxy. */
function read(object: object, key: 'name' | 'message' | 'code' | 'cause'): unknown {
  try {
    return (object as Partial<Record<typeof key, unknown>>)[key]
  } catch {
    return undefined // An error that cannot be read must still be reported.
  }
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return inspect(value, INSPECT_OPTIONS)
  } catch {
    return `a value of type ${typeof value} that cannot be shown`
  }
}
