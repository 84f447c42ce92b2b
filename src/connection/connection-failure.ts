import { failureReason } from '../core/failure-reason.ts'
import { ConnectionError, GearmanError, TlsError } from '../errors.ts'

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
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(server, error)
  if (TLS_CODES.test(code))
    return new TlsError(`${server}: ${failureReason(error)}`, { server, cause: error })
  return connectionError(server, failureReason(error), error)
}

/** Node's own, OpenSSL's, and those of certificates (`tls.TLSSocket.authorizationError`), which have no common front. */
const TLS_CODES = /^ERR_(SSL|TLS)_|CERT|_CRL|_ISSUER|INVALID_CA|INVALID_PURPOSE/

/** Node says which name was expected in the middle of a long sentence. */
function wrongName(server: string, error: Error & NameMismatch): TlsError {
  const expectedName = error.host
  const names = error.cert?.subjectaltname ?? 'no name at all'
  const message = `${server}: the certificate is not for ${expectedName}, which was expected, but for ${names}`
  return new TlsError(message, { server, expectedName, cause: error })
}

/** What Node adds to `ERR_TLS_CERT_ALTNAME_INVALID`. */
interface NameMismatch {
  readonly host?: string
  readonly cert?: { readonly subjectaltname?: string }
}
