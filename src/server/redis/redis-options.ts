import { checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import type { RedisAddress } from './driver.ts'

/** Options of {@link RedisStore}. Durations are milliseconds. */
export interface RedisStoreOptions {
  /**
   * Where Redis is: `redis://USER:PASSWORD@HOST:PORT/DATABASE`, or `rediss:` for TLS. What is left out is
   * Redis' own default.
   * @defaultValue `'redis://127.0.0.1:6379/0'`
   */
  readonly url?: string | undefined
  /**
   * Servers with different names keep different queues in one database; two with the same name are refused.
   * @defaultValue `'default'`
   */
  readonly queueName?: string | undefined
  /**
   * The prefix of a gearmand that used this database before (its option `--redis-prefix`). Its jobs are moved
   * whenever the store is opened.
   * @defaultValue `'_gear_'`
   */
  readonly gearmandPrefix?: string | undefined
  /**
   * How long a commit may wait for a Redis that does not answer, or that is redialled.
   * @defaultValue `15_000`
   */
  readonly timeout?: number | undefined
  /**
   * How long the queue stays locked for a server that crashed. It is renewed while a server runs. The next
   * server waits for it at its start. From 300.
   * @defaultValue `10_000`
   */
  readonly lockTimeout?: number | undefined
}

/** {@link RedisStoreOptions}, checked and complete. */
export interface ResolvedRedisOptions {
  readonly address: RedisAddress
  readonly queueName: string
  readonly gearmandPrefix: string
  readonly timeoutMs: number
  readonly lockTimeoutMs: number
}

const MAX_TIMER_MS = 2 ** 31 - 1
const MIN_LOCK_MS = 300

/** @throws InvalidArgumentError naming the option that is wrong */
export function resolveRedisOptions(options: RedisStoreOptions): ResolvedRedisOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  const { url = 'redis://127.0.0.1:6379/0', queueName = 'default' } = options
  const { gearmandPrefix = '_gear_', timeout = 15_000, lockTimeout = 10_000 } = options
  return {
    address: readAddress(url),
    queueName: checkName('queueName', queueName),
    gearmandPrefix: checkName('gearmandPrefix', gearmandPrefix),
    timeoutMs: checkInteger('timeout', timeout, 1, MAX_TIMER_MS),
    lockTimeoutMs: checkInteger('lockTimeout', lockTimeout, MIN_LOCK_MS, MAX_TIMER_MS),
  }
}

/** An error shows no part of a URL: it may hold a password. */
function readAddress(text: unknown): RedisAddress {
  const url = parseUrl(text)
  const isTls = url?.protocol === 'rediss:'
  if (url === undefined || (url.protocol !== 'redis:' && !isTls)) {
    throw invalidUrl('must be like redis://HOST:PORT/DATABASE')
  }
  const db = /^\/?([0-9]{0,9})$/.exec(url.pathname)?.[1]
  if (db === undefined) {
    throw invalidUrl('must have the number of a database as its path')
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1'
  return {
    host,
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(db),
    ...(url.username !== '' && { username: decode(url.username) }),
    ...(url.password !== '' && { password: decode(url.password) }),
    ...(isTls && { tls: { servername: host } }),
  }
}

function parseUrl(text: unknown): URL | undefined {
  return typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw invalidUrl('has a % that begins no character', cause)
  }
}

function invalidUrl(problem: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError('url', problem, { cause })
}

function checkName(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new InvalidArgumentError(option, `must be a name, not ${show(value)}`)
  }
  return value
}
