import type { UnpickleState } from './unpickle-state.ts'

/** Longer integers would take the engine long: it is not linear in decimal digits. */
const MAX_DECIMAL_DIGITS = 100_000
/** The engine's own limit is higher; it takes memory a moment before it is known. */
const MAX_INTEGER_BYTES = 1 << 20
/** So many bytes make a number for certain. */
const SAFE_BYTES = 6

/** A whole number: a `number` within the safe integers, else a `bigint`. */
export function normalizeInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : value
}

/** Little-endian two's complement. */
export function readInteger(state: UnpickleState, from: number, to: number): number | bigint {
  const size = to - from
  const { bytes } = state
  if (size === 0) return 0
  if (size <= SAFE_BYTES) return bytes.readIntLE(from, size)
  if (size > MAX_INTEGER_BYTES) {
    throw state.fault(`an integer of ${size} bytes is larger than ${MAX_INTEGER_BYTES} bytes`)
  }
  state.charge(size >> 3)
  const hex = Buffer.from(bytes.subarray(from, to)).reverse().toString('hex')
  const unsigned = BigInt(`0x${hex}`)
  return normalizeInteger(BigInt.asIntN(size * 8, unsigned))
}

/** A decimal number, as protocol 0 and Python 2 write it: with an `L` behind it where Python 2 calls it long. */
export function parseInteger(state: UnpickleState, line: string): number | bigint {
  const digits = line.endsWith('L') ? line.slice(0, -1) : line
  if (digits.length <= 15) {
    const value = Number(digits)
    if (/^[+-]?\d+$/.test(digits)) return value + 0
  } else if (digits.length > MAX_DECIMAL_DIGITS) {
    throw state.fault(`an integer of more than ${MAX_DECIMAL_DIGITS} digits`)
  } else if (/^[+-]?\d+$/.test(digits)) {
    state.charge(digits.length >> 3)
    const isNegative = digits.startsWith('-')
    const magnitude = BigInt(digits.replace(/^[+-]/, ''))
    return normalizeInteger(isNegative ? -magnitude : magnitude)
  }
  throw state.fault('its line is no whole number')
}

/** A number as Python's `repr` writes it. */
export function parseFloat64(state: UnpickleState, line: string): number {
  const [, sign, special] = /^([+-]?)(inf|infinity|nan)$/i.exec(line) ?? []
  if (special !== undefined) {
    if (special.toLowerCase() === 'nan') return Number.NaN
    return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(line)) {
    throw state.fault('its line is no number')
  }
  return Number(line)
}
