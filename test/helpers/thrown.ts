import { expect } from 'vitest'
import { EncodingError } from '../../src/errors.ts'

/** The EncodingError that an action throws; fails when it does not. */
export function encodingErrorOf(action: () => unknown): EncodingError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(EncodingError)
    return error as EncodingError
  }
  throw new Error('nothing was thrown')
}
