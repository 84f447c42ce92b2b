import { checkBoolean, checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'

/** The option `http` of {@link ServerOptions}: jobs over HTTP, as with gearmand's `-r http`. */
export interface ServerHttpOptions {
  /**
   * The TCP port; 0 for any free one, which `server.httpAddress` tells.
   * @defaultValue 8080, as in gearmand
   */
  readonly port?: number | undefined
  /**
   * The address to listen on.
   * @defaultValue the server's `host`
   */
  readonly host?: string | undefined
  /**
   * Answers with gearmand's status codes: 200 also for a job that failed or was refused; the header
   * `X-Gearman-Command` tells. `false`: codes that say what happened.
   * @defaultValue true
   */
  readonly compat?: boolean | undefined
}

/** {@link ServerHttpOptions}, checked and complete. */
export interface ResolvedHttpOptions {
  readonly port: number
  readonly host: string
  readonly isCompatible: boolean
}

const DEFAULT_PORT = 8080
const MAX_PORT = 65_535

/**
 * Checks the option `http`; `undefined` stays what it is: no HTTP.
 *
 * @param host - where the server itself listens
 * @throws InvalidArgumentError naming what is wrong
 */
export function resolveHttpOptions(value: unknown, host: string): ResolvedHttpOptions | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    throw new InvalidArgumentError('http', `must be an object, not ${show(value)}`)
  }
  const options: ServerHttpOptions = value
  return {
    port: checkInteger('http.port', options.port ?? DEFAULT_PORT, 0, MAX_PORT),
    host: checkHost(options.host ?? host),
    isCompatible: checkBoolean('http.compat', options.compat ?? true),
  }
}

function checkHost(value: unknown): string {
  if (typeof value !== 'string' || value === '' || /\s/.test(value)) {
    throw new InvalidArgumentError(
      'http.host',
      `must be a host name or address, not ${show(value)}`,
    )
  }
  return value
}
