import type { IncomingHttpHeaders } from 'node:http'
import { ErrorReplies } from '../queue/error-replies.ts'
import { Priority } from '../queue/priority.ts'
import { MAX_UNIQUE_BYTES } from '../session/client-requests.ts'
import { RequestRefused } from '../session/request-refused.ts'
import { HttpRefused } from './http-refused.ts'

/** What is read of a request. */
export interface HttpRequestFront {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** How requests are read. */
export interface HttpCallOptions {
  /** As gearmand reads them; otherwise a query is no part of the name, and bad values are refused. */
  readonly isCompatible: boolean
  /** The longest function name. */
  readonly maxArgumentBytes: number
}

/** A job, as a request names it. */
export interface HttpCall {
  /** Each character is one byte, as everywhere in the server. Empty: none is named. */
  readonly functionName: string
  readonly unique: string
  readonly priority: Priority
  readonly isBackground: boolean
}

/** What gearmand takes (`libgearman-server/plugins/protocol/http/protocol.cc`), TRACE left out. */
export const ALLOWED_METHODS = 'GET, HEAD, POST, PUT'
const METHODS: ReadonlySet<string> = new Set(ALLOWED_METHODS.split(', '))

/** Without an id, equal requests become one job, as in gearmand. */
const DEFAULT_UNIQUE = '-'

const PRIORITIES: { readonly [name: string]: Priority } = {
  high: Priority.High,
  normal: Priority.Normal,
  low: Priority.Low,
}
const SWITCHES: { readonly [value: string]: boolean } = { true: true, false: false }

/**
 * Reads method, path and headers of a request.
 *
 * @throws HttpRefused for what is no request of ours
 * @throws RequestRefused for what a packet with the same content would get an ERROR
 */
export function readHttpCall(request: HttpRequestFront, options: HttpCallOptions): HttpCall {
  const { headers, method = '', url = '' } = request
  if (!METHODS.has(method)) throw new HttpRefused(405, `the methods are ${ALLOWED_METHODS}`)
  const { isCompatible } = options
  const functionName = readFunctionName(url, isCompatible)
  if (functionName.length > options.maxArgumentBytes) {
    throw new RequestRefused(ErrorReplies.argumentTooLarge)
  }
  const unique = headerOf(headers, 'x-gearman-unique') || DEFAULT_UNIQUE
  if (unique.length > MAX_UNIQUE_BYTES) throw new RequestRefused(ErrorReplies.uniqueTooLarge)
  return {
    functionName,
    unique,
    priority: readWord(headers, 'x-gearman-priority', PRIORITIES, isCompatible) ?? Priority.Normal,
    isBackground: readWord(headers, 'x-gearman-background', SWITCHES, isCompatible) ?? false,
  }
}

/** Everything behind the leading slashes, decoded. gearmand takes it as it stands, with its query. */
function readFunctionName(url: string, isCompatible: boolean): string {
  // A proxy sends `http://host/function` (RFC 9112, section 3.2.2).
  const target = url.replace(/^https?:\/\/[^/?]*/i, '')
  const query = target.indexOf('?')
  const path = isCompatible || query === -1 ? target : target.slice(0, query)
  if (!isCompatible && /%(?![0-9a-f]{2})/i.test(path)) {
    throw new HttpRefused(400, 'the path has a % without two hexadecimal digits behind it')
  }
  const name = path
    .replace(/^\/+/, '')
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
  if (name.includes('\0')) throw new HttpRefused(400, 'the path has a NUL')
  return name
}

function readWord<Value>(
  headers: IncomingHttpHeaders,
  name: string,
  words: { readonly [word: string]: Value },
  isCompatible: boolean,
): Value | undefined {
  const word = headerOf(headers, name).toLowerCase()
  if (word === '') return undefined
  if (Object.hasOwn(words, word)) return words[word]
  // To gearmand this is the same as no header.
  if (isCompatible) return undefined
  throw new HttpRefused(400, `${name} is one of ${Object.keys(words).join(', ')}`)
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  // Only Set-Cookie is ever an array.
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}
