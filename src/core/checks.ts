import { InvalidArgumentError } from '../errors.ts'

/**
 * A duration option: milliseconds, zero or more. `undefined` and `Infinity` both mean no limit.
 *
 * @returns the milliseconds, `Infinity` for no limit
 * @throws InvalidArgumentError for anything else
 */
export function checkDuration(name: string, value: number | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY
  if (typeof value !== 'number' || Number.isNaN(value) || value < 0) {
    throw new InvalidArgumentError(
      name,
      `must be a number of milliseconds, zero or more, not ${show(value)}`,
    )
  }
  return value
}

/**
 * A whole number within bounds, both included.
 *
 * @throws InvalidArgumentError for anything else
 */
export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidArgumentError(
      name,
      `must be a whole number from ${min} to ${max}, not ${show(value)}`,
    )
  }
  return value
}

/** A whole number within bounds, or `Infinity`. */
export function checkLimit(name: string, value: unknown, min: number): number {
  if (value === Number.POSITIVE_INFINITY) return value
  return checkInteger(name, value, min, Number.MAX_SAFE_INTEGER)
}

/** One of the two. */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') {
    throw new InvalidArgumentError(name, `must be true or false, not ${show(value)}`)
  }
  return value
}

/** A callable value. */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw new InvalidArgumentError(name, `must be a function, not ${show(value)}`)
  }
}

/** A value for an error message: short, and never the content of something large. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
  if (typeof value === 'function' || (typeof value === 'object' && value !== null))
    return kindOf(value)
  const text = String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** What kind of value it is, for an error message that must not hold the value itself. Never throws. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return withArticle(className(value))
  return withArticle(typeof value)
}

function className(value: object): string {
  try {
    if (Array.isArray(value)) return `array of ${value.length}`
    const name: unknown = value.constructor?.name
    return typeof name === 'string' && name !== '' ? name : 'object without a class'
  } catch {
    return 'object' // A getter or a proxy that throws.
  }
}

function withArticle(word: string): string {
  return `${/^[aeio]/i.test(word) ? 'an' : 'a'} ${word}`
}
