import { InvalidArgumentError } from '../../errors.ts'

/** The parts of a URL of a database; those that it does not have are left out. */
export interface MysqlUrlParts {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly database?: string | undefined
}

const PROTOCOLS: readonly string[] = ['mysql:', 'mariadb:']

/**
 * Reads `mysql://user:password@host:port/database`. It may hold a password: no error shows it.
 *
 * @throws InvalidArgumentError naming the option `url`
 */
export function readMysqlUrl(text: unknown): MysqlUrlParts {
  if (typeof text !== 'string' || !URL.canParse(text)) throw invalid('is not a URL')
  const url = new URL(text)
  if (!PROTOCOLS.includes(url.protocol)) {
    throw invalid(`must begin with mysql:// or mariadb://, not ${url.protocol}`)
  }
  const [parameter] = url.searchParams.keys()
  if (parameter !== undefined) {
    throw invalid(`has the parameter ${parameter}; use the options of the store instead`)
  }
  if (url.hash !== '') throw invalid('has a #, which must be written as %23')
  const part = (value: string): string | undefined => (value === '' ? undefined : decoded(value))
  return {
    host: part(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port === '' ? undefined : Number(url.port),
    user: part(url.username),
    password: part(url.password),
    database: part(url.pathname.slice(1)),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw invalid('has a % that begins no character', cause)
  }
}

function invalid(problem: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError('url', problem, { cause })
}
