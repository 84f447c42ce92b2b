import { rebuildError } from '../encoders/remote-error.ts'
import {
  type GearmanError,
  type JobErrorOptions,
  JobExceptionError,
  JobFailedError,
  JobLostError,
  JobTimeoutError,
} from '../errors.ts'
import { JOB_COMPLETE, JOB_FAILED } from '../jobs/constants.ts'
import type { GearmanJobRequest } from './job-request.ts'

/**
 * The result of a request that ended well.
 *
 * @throws what {@link outcomeError} says otherwise
 */
export function requestResult<Result>(
  request: GearmanJobRequest<unknown, Result, unknown>,
): Result {
  // A complete job has a result, be it an undefined one.
  if (request.state === JOB_COMPLETE) return request.result as Result
  throw outcomeError(request)
}

/**
 * A request that was submitted.
 *
 * @throws what kept it from being taken
 */
export function takenRequest(request: GearmanJobRequest): GearmanJobRequest {
  if (request.error !== undefined) throw request.error
  return request
}

/** Why a request has no result. */
export function outcomeError(request: GearmanJobRequest): Error {
  if (request.error !== undefined) return request.error
  const { task, unique = '', handle } = request.job
  const about: JobErrorOptions = { task, unique, handle }
  if (request.state === JOB_FAILED) return failure(request, about)
  if (request.timedOut) return new JobTimeoutError(`task ${task} was not done in time`, about)
  return new JobLostError(`task ${task} was lost (${request.delivery})`, {
    ...about,
    delivery: request.delivery,
  })
}

function failure(request: GearmanJobRequest, about: JobErrorOptions): GearmanError {
  const { exception } = request
  if (exception === undefined) return new JobFailedError(`task ${about.task} failed`, about)
  const cause = rebuildError(exception)
  return new JobExceptionError(`task ${about.task} failed: ${textOf(exception)}`, {
    ...about,
    exception,
    ...(cause !== undefined && { cause }),
  })
}

/** What an exception says, whatever the encoder made of it. */
function textOf(exception: unknown): string {
  if (typeof exception === 'string') return exception
  if (Buffer.isBuffer(exception)) return `an exception of ${exception.length} bytes`
  if (typeof exception === 'object' && exception !== null && 'message' in exception) {
    return String(exception.message)
  }
  return 'an exception'
}
