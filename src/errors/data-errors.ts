import { GearmanError, GearmanErrorCode } from './gearman-error.ts'

/**
 * A value cannot be encoded, or bytes cannot be decoded, or they are larger than the limit.
 * Nothing was sent; the connection goes on. Code `ERR_GEARMAN_ENCODING`.
 */
export class EncodingError extends GearmanError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: GearmanErrorCode.Encoding })
  }

  static {
    EncodingError.prototype.name = 'EncodingError'
  }
}

/**
 * Bytes are no pickle, hold something that is not read, or more than the limits allow. Nothing of them was run.
 * Code `ERR_GEARMAN_ENCODING`.
 */
export class UnpicklingError extends EncodingError {
  /** The opcode that was refused, by its name in Python's pickletools, as in `REDUCE`. */
  readonly opcode: string
  /** Where it stands in the payload, counted from 0. */
  readonly offset: number
  /** What the pickle wants from a Python module, as in `os.system`, when that is what was refused. */
  readonly global: string | undefined

  constructor(
    problem: string,
    options: ErrorOptions & {
      readonly opcode: string
      readonly offset: number
      readonly global?: string | undefined
    },
  ) {
    super(`${options.opcode} at offset ${options.offset} of a pickle: ${problem}`, options)
    this.opcode = options.opcode
    this.offset = options.offset
    this.global = options.global
  }

  static {
    UnpicklingError.prototype.name = 'UnpicklingError'
  }
}

/** A value has no form in a pickle. Nothing was sent. Code `ERR_GEARMAN_ENCODING`. */
export class PicklingError extends EncodingError {
  /** Where it was found, from the value `$` that was to be written, as in `$.users[3].picture`. */
  readonly path: string

  constructor(problem: string, options: ErrorOptions & { readonly path: string }) {
    super(`${options.path}: ${problem}`, options)
    this.path = options.path
  }

  static {
    PicklingError.prototype.name = 'PicklingError'
  }
}
