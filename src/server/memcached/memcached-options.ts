import { checkInteger, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import type { MemcachedAddress } from './memcached-connection.ts'

/** Options of {@link MemcachedStore}. Durations are milliseconds. */
export interface MemcachedStoreOptions {
  /**
   * Where memcached is: `HOST:PORT`, several of them between commas. Jobs are spread over them by their
   * numbers, so the list must stay as it is, in its order.
   * @defaultValue `'127.0.0.1:11211'`
   */
  readonly servers?: string | undefined
  /**
   * Servers with different names keep different queues; two with the same name are refused. Up to 100
   * printable ASCII characters without blanks.
   * @defaultValue `'default'`
   */
  readonly queueName?: string | undefined
  /**
   * The prefix of a gearmand that used these servers before (its option `--libmemcached-prefix`). Its jobs are
   * moved whenever the store is opened.
   * @defaultValue `'gear_'`
   */
  readonly gearmandPrefix?: string | undefined
  /**
   * How long a commit may wait for a memcached that does not answer, or that is redialled.
   * @defaultValue `15_000`
   */
  readonly timeout?: number | undefined
  /**
   * How long the queue stays locked for a server that crashed, in whole seconds. From 1000.
   * @defaultValue `10_000`
   */
  readonly lockTimeout?: number | undefined
}

/** {@link MemcachedStoreOptions}, checked and complete. */
export interface ResolvedMemcachedOptions {
  readonly addresses: readonly MemcachedAddress[]
  readonly queueName: string
  readonly gearmandPrefix: string
  readonly timeoutMs: number
  readonly lockTimeoutMs: number
}

const DEFAULT_PORT = 11_211
const MAX_TIMER_MS = 2 ** 31 - 1
/** memcached takes more seconds for a date. */
const MAX_LOCK_MS = 30 * 24 * 3600 * 1000
const KEY_PART = /^[!-~]{1,100}$/

/** @throws InvalidArgumentError naming the option that is wrong */
export function resolveMemcachedOptions(options: MemcachedStoreOptions): ResolvedMemcachedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  const { servers = '127.0.0.1', queueName = 'default', gearmandPrefix = 'gear_' } = options
  const { timeout = 15_000, lockTimeout = 10_000 } = options
  return {
    addresses: readServers(servers),
    queueName: checkKeyPart('queueName', queueName),
    gearmandPrefix: checkKeyPart('gearmandPrefix', gearmandPrefix),
    timeoutMs: checkInteger('timeout', timeout, 1, MAX_TIMER_MS),
    lockTimeoutMs: checkInteger('lockTimeout', lockTimeout, 1000, MAX_LOCK_MS),
  }
}

function readServers(servers: unknown): MemcachedAddress[] {
  const places = typeof servers === 'string' ? servers.split(',') : []
  const addresses = places.map((place) => readServer(place.trim()))
  const found = addresses.filter((address) => address !== undefined)
  if (found.length === 0 || found.length < addresses.length) {
    throw new InvalidArgumentError('servers', `must be HOST:PORT,HOST:PORT, not ${show(servers)}`)
  }
  return found
}

function readServer(place: string): MemcachedAddress | undefined {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::([0-9]{1,5}))?$/i.exec(place)
  const host = parts?.[1] ?? parts?.[2]
  const port = Number(parts?.[3] ?? DEFAULT_PORT)
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}

function checkKeyPart(option: string, value: unknown): string {
  if (typeof value !== 'string' || !KEY_PART.test(value)) {
    throw new InvalidArgumentError(
      option,
      `must be up to 100 printable characters without blanks, not ${show(value)}`,
    )
  }
  return value
}
