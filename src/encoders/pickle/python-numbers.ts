import { show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'

/** A Python `complex`. */
export class PyComplex {
  /** The real part. */
  readonly real: number
  /** The imaginary part. */
  readonly imag: number

  constructor(real: number, imag: number) {
    this.real = real
    this.imag = imag
  }

  /** As Python's `str()` shows it, as in `(1+2j)`. */
  toString(): string {
    const sign = this.imag < 0 || Object.is(this.imag, -0) ? '-' : '+'
    return `(${this.real}${sign}${Math.abs(this.imag)}j)`
  }
}

/** A number to be written as a `float`, whole or not. Reading gives ordinary numbers. */
export class PyFloat {
  /** The number. */
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  /** The number, so that arithmetic works. */
  valueOf(): number {
    return this.value
  }
}

const DECIMAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|s?nan\d*)$/i
const UUID = /^[0-9a-f]{32}$/

/** A Python `decimal.Decimal`: the digits as they are. */
export class PyDecimal {
  /** The number as Python's `str()` writes it, as in `1.10`, `1E+3`, `NaN`. */
  readonly digits: string

  /** @throws InvalidArgumentError for what Python's Decimal does not take, either */
  constructor(digits: string) {
    if (typeof digits !== 'string' || !DECIMAL.test(digits)) {
      throw new InvalidArgumentError('digits', `must be a decimal number, not ${show(digits)}`)
    }
    this.digits = digits
  }

  /** The digits. */
  toString(): string {
    return this.digits
  }

  /** The digits, as JSON. */
  toJSON(): string {
    return this.digits
  }

  /** The nearest number. */
  toNumber(): number {
    const [, sign = '', special] = /^([+-]?)(inf|infinity)$/i.exec(this.digits) ?? []
    return special === undefined ? Number(this.digits) : Number(`${sign}Infinity`)
  }
}

/** A Python `uuid.UUID`. */
export class PyUUID {
  /** The 32 digits with hyphens, as in `00000000-0000-0000-0000-000000000005`. */
  text: string

  /**
   * @param text - 32 hexadecimal digits, with or without hyphens
   * @throws InvalidArgumentError for anything else
   */
  constructor(text: string) {
    const digits = String(text).replaceAll('-', '').toLowerCase()
    if (!UUID.test(digits)) {
      throw new InvalidArgumentError('text', `must be 32 hexadecimal digits, not ${show(text)}`)
    }
    this.text = digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }

  /** The 32 digits with hyphens. */
  toString(): string {
    return this.text
  }

  /** The 32 digits with hyphens, as JSON. */
  toJSON(): string {
    return this.text
  }
}
