import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import * as errors from '../../src/errors.ts'

const { GearmanError, GearmanErrorCode } = errors
const job = { task: 'reverse', unique: 'u-1', handle: 'H:1' }
const cause = new Error('the reason')

/** One of every class, and its code. */
const EVERY: readonly (readonly [errors.GearmanError, string])[] = [
  [new errors.ConnectionError('m', { server: 'a:1', cause }), 'CONNECTION'],
  [new errors.TlsError('m', { server: 'a:1', expectedName: 'a', cause }), 'TLS'],
  [new errors.ServerUnavailable([{ server: 'a:1', cause }], { cause }), 'SERVER_UNAVAILABLE'],
  [new errors.ProtocolError('m', { server: 'a:1', cause }), 'PROTOCOL'],
  [new errors.UnknownCommandError('m', { command: 'NOOP', cause }), 'UNKNOWN_COMMAND'],
  [
    new errors.ExceededConnectionAttempts('m', { attempts: 3, cause }),
    'EXCEEDED_CONNECTION_ATTEMPTS',
  ],
  [new errors.InvalidClientState('m', { cause }), 'INVALID_CLIENT_STATE'],
  [new errors.InvalidWorkerState('m', { cause }), 'INVALID_WORKER_STATE'],
  [new errors.InvalidAdminClientState('m', { cause }), 'INVALID_ADMIN_CLIENT_STATE'],
  [new errors.InvalidArgumentError('task', 'is empty', { cause }), 'INVALID_ARGUMENT'],
  [new errors.ServerError('QUEUE_ERROR', 'Job queue is full', { cause }), 'SERVER'],
  [new errors.JobFailedError('m', { ...job, cause }), 'JOB_FAILED'],
  [new errors.JobExceptionError('m', { ...job, exception: 'boom', cause }), 'JOB_EXCEPTION'],
  [new errors.JobTimeoutError('m', { ...job, cause }), 'JOB_TIMEOUT'],
  [new errors.JobLostError('m', { ...job, delivery: 'unknown', cause }), 'JOB_LOST'],
  [new errors.EncodingError('m', { cause }), 'ENCODING'],
  [new errors.StoreError('m', { store: 'sqlite x', cause }), 'STORE'],
]

describe('the errors', () => {
  it.each(EVERY.map(([error, code]) => [error.constructor.name, error, code] as const))(
    '%s has its name, its code and its cause',
    (className, error, code) => {
      expect(error).toBeInstanceOf(GearmanError)
      expect(error).toBeInstanceOf(Error)
      expect(error.name).toBe(className)
      expect(error.code).toBe(`ERR_GEARMAN_${code}`)
      expect(error.cause).toBe(cause)
      expect(GearmanError.is(error)).toBe(true)
      expect(inspect(error).startsWith(`${className}: ${error.message}`)).toBe(true)
    },
  )

  it('cover every code once', () => {
    expect(EVERY.map(([{ code }]) => code).sort()).toEqual(Object.values(GearmanErrorCode).sort())
  })

  it('have no cause of their own when none was given', () => {
    expect(new errors.EncodingError('m')).not.toHaveProperty('cause')
    expect(Object.hasOwn(new errors.ProtocolError('m', {}), 'cause')).toBe(false)
  })

  it('are known to another copy of the package, by a brand instead of a class', () => {
    const foreign = { [Symbol.for('gearman-sdk.GearmanError')]: true, code: 'ERR_GEARMAN_PROTOCOL' }
    expect(GearmanError.is(foreign)).toBe(true)
    for (const other of [new Error('m'), {}, null, undefined, 'ERR_GEARMAN_PROTOCOL']) {
      expect(GearmanError.is(other)).toBe(false)
    }
  })

  it('say in their message what the fields hold', () => {
    expect(new errors.InvalidArgumentError('task', 'is empty').message).toBe('task is empty')
    expect(new errors.ServerError('QUEUE_ERROR', 'Job queue is full').message).toBe(
      'the server answered QUEUE_ERROR: Job queue is full',
    )
    expect(new errors.ServerError('UNKNOWN_JOB', '').message).toBe(
      'the server answered UNKNOWN_JOB',
    )
    const unavailable = new errors.ServerUnavailable([
      { server: 'a:1', cause: undefined },
      { server: 'b:2', cause },
    ])
    expect(unavailable.message).toContain('a:1: no answer yet; b:2: the reason')
    expect(unavailable.cause).toBe(cause)
  })
})
