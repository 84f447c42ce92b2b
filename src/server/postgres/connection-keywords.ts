import { InvalidArgumentError } from '../../errors.ts'

/** The connection keywords of libpq that are understood (PostgreSQL manual, "Database Connection Control Functions"). */
const KEYWORDS = [
  'host',
  'hostaddr',
  'port',
  'dbname',
  'user',
  'password',
  'application_name',
  'options',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
] as const

/** One of them. */
export type ConnectionKeyword = (typeof KEYWORDS)[number]

/** What a connection string says. */
export type ConnectionKeywords = Partial<Record<ConnectionKeyword, string>>

/** Of no use here: the driver does the same by itself, or has no such thing. */
const IGNORED = new Set([
  'client_encoding',
  'connect_timeout',
  'fallback_application_name',
  'gssencmode',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'sslcompression',
  'target_session_attrs',
  'tcp_user_timeout',
])

/**
 * Understands a connection string of libpq: `host=db dbname=jobs`, or `postgres://user@db/jobs`.
 *
 * @throws InvalidArgumentError that names what is wrong, and holds no password
 */
export function parseConnection(option: string, text: string): ConnectionKeywords {
  const pairs = /^postgres(ql)?:\/\//.test(text) ? pairsOfUrl(option, text) : pairsOf(option, text)
  const keywords: ConnectionKeywords = {}
  for (const [key, value] of pairs) {
    if (isKeyword(key)) keywords[key] = value
    else if (!IGNORED.has(key)) {
      throw new InvalidArgumentError(option, `has the keyword ${key}, which is not supported`)
    }
  }
  for (const key of ['host', 'hostaddr', 'port'] as const) {
    if (keywords[key]?.includes(',') === true) {
      throw new InvalidArgumentError(option, `must name one ${key}, not several`)
    }
  }
  return keywords
}

function isKeyword(key: string): key is ConnectionKeyword {
  return (KEYWORDS as readonly string[]).includes(key)
}

/** `key = value`; values with spaces stand in single quotes, and a backslash takes the next one as it is. */
const PAIR = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/suy

function pairsOf(option: string, text: string): [string, string][] {
  const pairs: [string, string][] = []
  const pair = new RegExp(PAIR)
  const end = text.trimEnd().length
  while (pair.lastIndex < end) {
    const from = pair.lastIndex
    const match = pair.exec(text)
    if (match === null) {
      throw new InvalidArgumentError(
        option,
        `is no connection string: there is no keyword=value at character ${from + 1}`,
      )
    }
    const [, key = '', quoted, plain = ''] = match
    pairs.push([key, (quoted ?? plain).replaceAll(/\\(.)/gsu, '$1')])
  }
  return pairs
}

function pairsOfUrl(option: string, text: string): [string, string][] {
  const url = parseUrl(option, text)
  const part = (value: string): string => decodePart(option, value)
  const parts: [string, string][] = [
    ['user', part(url.username)],
    ['password', part(url.password)],
    ['host', url.hostname === NO_HOST ? '' : part(url.hostname).replace(/^\[(.*)\]$/, '$1')],
    ['port', url.port],
    ['dbname', part(url.pathname.slice(1))],
  ]
  return [...parts.filter(([, value]) => value !== ''), ...url.searchParams]
}

/** Not a name: URL of JavaScript wants a host behind `user@`, libpq does not. */
const NO_HOST = 'no-host.invalid'

function parseUrl(option: string, text: string): URL {
  for (const url of [text, text.replace('@/', `@${NO_HOST}/`)]) {
    if (URL.canParse(url)) return new URL(url)
  }
  throw new InvalidArgumentError(option, 'is no URL like postgres://user:password@host:5432/name')
}

function decodePart(option: string, text: string): string {
  const decoded = decode(text)
  if (decoded !== undefined) return decoded
  throw new InvalidArgumentError(option, 'has a % that begins no byte: it is written %25')
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // What is wrong is said by the caller, without the text.
  }
}
