import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { failureReason } from '../../../src/core/failure-reason.ts'

test('the reason of a failure is the message of the error', () => {
  expect(failureReason(new Error('no such host\n'))).toBe('no such host')
})

test('of an OpenSSL error it is what OpenSSL says, and not where', () => {
  let error: unknown
  try {
    createPrivateKey('no key')
  } catch (caught) {
    error = caught
  }
  expect((error as Error).message).toMatch(/routines/)
  expect(failureReason(error as Error)).toBe('unsupported')
})

test('of several failures it is theirs', () => {
  const failures = [new Error('refused'), 'unknown']
  expect(failureReason(new AggregateError(failures))).toBe('refused, unknown')
})
