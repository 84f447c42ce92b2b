import { expect } from 'vitest'
import { PicklingError, UnpicklingError } from '../../../../src/errors.ts'

/** The error of an encode that must fail. */
export function picklingError(action: () => unknown): PicklingError {
  const error = thrownBy(action)
  expect(error).toBeInstanceOf(PicklingError)
  return error as PicklingError
}

/** The error of a decode that must fail. */
export function unpicklingError(action: () => unknown): UnpicklingError {
  const error = thrownBy(action)
  expect(error).toBeInstanceOf(UnpicklingError)
  return error as UnpicklingError
}

function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
