import { describe, expect, test } from 'vitest'
import { GearmanJobRequest } from '../../../src/client/job-request.ts'
import { outcomeError, requestResult } from '../../../src/client/request-outcome.ts'
import {
  JobExceptionError,
  JobFailedError,
  JobLostError,
  JobTimeoutError,
} from '../../../src/errors.ts'
import type { JobState } from '../../../src/jobs/constants.ts'
import { GearmanJob } from '../../../src/jobs/gearman-job.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'

function makeRequest(background = false): GearmanJobRequest<unknown> {
  const job = new GearmanJob<unknown>(undefined, 'H:1', 't', 'u', 'data')
  return new GearmanJobRequest<unknown>(job, null, background, 3)
}

describe('a job request', () => {
  test('begins as Python’s does', () => {
    const request = makeRequest()
    expect(request).toMatchObject({
      priority: null,
      background: false,
      connectionAttempts: 0,
      maxConnectionAttempts: 3,
      result: undefined,
      exception: undefined,
      dataUpdates: [],
      warningUpdates: [],
      status: {},
      state: 'UNKNOWN',
      timedOut: false,
      complete: false,
      delivery: 'not-sent',
      unique: 'u',
      handle: 'H:1',
    })
    expect(request.job.toDict()).toEqual({
      task: 't',
      job_handle: 'H:1',
      unique: 'u',
      data: 'data',
    })
  })

  test.each<readonly [JobState, boolean, boolean]>([
    ['UNKNOWN', false, false],
    ['PENDING', false, false],
    ['CREATED', false, true],
    ['FAILED', true, false],
    ['COMPLETE', true, false],
  ])(
    'in state %s is complete: %s in the foreground, %s in the background',
    (state, foreground, background) => {
      const requests = [makeRequest(), makeRequest(true)]
      for (const request of requests) request.state = state
      expect(requests.map(({ complete }) => complete)).toEqual([foreground, background])
    },
  )

  function finish(request: GearmanJobRequest<unknown>): void {
    request.state = 'COMPLETE'
    request.result = 'result'
    request.exception = 'exception'
    request.error = new Error('error')
    request.status = { known: true }
    request.timedOut = true
    request.delivery = 'accepted'
    request.connectionAttempts = 2
    request.dataUpdates.push('data')
    request.warningUpdates.push('warning')
  }

  const clean = {
    state: 'UNKNOWN',
    result: undefined,
    exception: undefined,
    error: undefined,
    status: {},
    timedOut: false,
    delivery: 'not-sent',
    dataUpdates: [],
    warningUpdates: [],
  }

  test('is initialised without losing its handle and its attempts', () => {
    const request = makeRequest()
    finish(request)
    request.initializeRequest()
    expect(request).toMatchObject({ ...clean, handle: 'H:1', connectionAttempts: 2 })
  })

  test('is reset as if it had never been submitted', () => {
    const request = makeRequest()
    finish(request)
    request.reset()
    expect(request).toMatchObject({ ...clean, handle: undefined, connectionAttempts: 0 })
    expect(request.job.connection).toBeUndefined()
    expect(request.job.data).toBe('data')
  })

  test('that is reset ends the loop that iterates it', async () => {
    const request = makeRequest()
    request.state = 'CREATED'
    const step = rejectionOf(request[Symbol.asyncIterator]().next())
    await Promise.resolve()
    request.reset()
    expect(await step).toBeInstanceOf(JobLostError)
  })
})

describe('the outcome of a request', () => {
  test('is its result when it is complete, be it undefined', () => {
    const request = makeRequest()
    request.state = 'COMPLETE'
    expect(requestResult(request)).toBeUndefined()
    request.result = 7
    expect(requestResult(request)).toBe(7)
  })

  test('is its error, if there is one', () => {
    const request = makeRequest()
    request.error = new Error('mine')
    expect(outcomeError(request)).toBe(request.error)
    expect(() => requestResult(request)).toThrow(request.error)
  })

  test('is JobFailedError, JobTimeoutError or JobLostError', () => {
    const request = makeRequest()
    expect(outcomeError(request)).toBeInstanceOf(JobLostError)
    expect(outcomeError(request)).toMatchObject({ delivery: 'not-sent', task: 't', handle: 'H:1' })
    request.timedOut = true
    expect(outcomeError(request)).toBeInstanceOf(JobTimeoutError)
    request.state = 'FAILED'
    expect(outcomeError(request)).toBeInstanceOf(JobFailedError)
  })

  test.each([
    ['text', 'too bad'],
    ['an object with a message', { message: 'too bad' }],
    ['an error', new Error('too bad')],
  ])('is JobExceptionError, with the words of %s', (_kind, exception) => {
    const request = makeRequest()
    request.state = 'FAILED'
    request.exception = exception
    const error = outcomeError(request)
    expect(error).toBeInstanceOf(JobExceptionError)
    expect(error.message).toContain('too bad')
    expect(error).toMatchObject({ exception })
    // What is no error yet becomes one again.
    expect(error.cause).toBeInstanceOf(Error)
    expect(error.cause).toHaveProperty('message', 'too bad')
    if (exception instanceof Error) expect(error.cause).toBe(exception)
  })

  test('never quotes the bytes of an exception', () => {
    const request = makeRequest()
    request.state = 'FAILED'
    for (const exception of [Buffer.from('secret'), 7, null]) {
      request.exception = exception
      expect(outcomeError(request).message).not.toContain('secret')
    }
  })
})
