import { ConnectionError, GearmanError } from '../errors.ts'

/** An error about the connection to one server. */
export function connectionError(server: string, problem: string, cause?: Error): ConnectionError {
  const options = { server, ...(cause === undefined ? {} : { cause }) }
  return new ConnectionError(`${server}: ${problem}`, options)
}

/**
 * Why a connection failed, as one of this package's errors.
 *
 * @param error - what the socket or the session said, if anything
 * @param otherwise - what to say when they said nothing
 */
export function connectionFailure(
  server: string,
  error: Error | undefined,
  otherwise: string,
): GearmanError {
  if (error instanceof GearmanError) return error
  if (error === undefined) return connectionError(server, otherwise)
  return connectionError(server, describe(error), error)
}

/** An AggregateError (several addresses of one name were tried) has no message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError)
    return error.errors.map((part) => String(part?.message ?? part)).join(', ')
  return error.message
}
