import type { LookupFunction } from 'node:net'
import { checkFunction, checkInteger, show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { DEFAULT_MAX_PACKET_BYTES, MAX_BODY_BYTES } from '../protocol/limits.ts'
import type { ClientTlsOptions } from './client-tls.ts'
import { checkTls, checkWeight, chooseTls, resolveAddress } from './server-address.ts'
import {
  resolveStrategy,
  type ServerStrategy,
  type ServerStrategyName,
} from './server-selection.ts'

/** How a connection manager connects. All durations are milliseconds; `Infinity` is no limit where there can be none. */
export interface ConnectionManagerOptions {
  /**
   * Within this time a server must be connected and have answered once; a time in which this process stood still is
   * given once more. Default 5000; `Infinity`: no limit.
   */
  readonly connectTimeout?: number | undefined
  /** After this time without a byte the server is asked for a sign of life (ECHO). Default 15000; `Infinity`: never. */
  readonly heartbeatInterval?: number | undefined
  /**
   * Within this time it must answer, else the connection is given up; a time in which this process stood still is
   * given once more. Default 10000; `Infinity`: never.
   */
  readonly heartbeatTimeout?: number | undefined
  /** The bound of the first delay before a lost server is dialled again; doubles at each failure. Default 100. */
  readonly reconnectMinDelay?: number | undefined
  /** The largest bound of such a delay. Default 30000. */
  readonly reconnectMaxDelay?: number | undefined
  /** The largest packet body in bytes that is taken, 1024 or more; larger ones fail their job. Default 1 GiB. */
  readonly maxPacketBytes?: number | undefined
  /**
   * TLS for all servers that say nothing else: `true`, or Node's options for `tls.connect` and files. Default none.
   * Certificates are checked.
   */
  readonly tls?: boolean | ClientTlsOptions | undefined
  /** Looks up host names, at each connect; all addresses are tried. Default Node's `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined
  /** Which server gets a job that has no unique id of yours. Default `'least-load'`. */
  readonly strategy?: ServerStrategyName | ServerStrategy | undefined
  /**
   * The shares of servers beside the others, by address: `{ 'big:4730': 3 }`. Above 0; default 1. They hold for all
   * strategies, and for jobs with a unique id of yours: there every client needs the same ones.
   */
  readonly weights?: { readonly [server: string]: number } | undefined
  /** A server that comes back gets a tenth of its share at first, all of it after this time. Default 10000; 0: at once. */
  readonly easeInTime?: number | undefined
  /**
   * So often each server is asked for the lengths of its queues (text command `status`), which least load counts as
   * well: jobs of other clients, and background jobs, then matter. Default `Infinity`: never.
   */
  readonly queueProbeInterval?: number | undefined
}

/** {@link ConnectionManagerOptions}, checked and complete. */
export interface ConnectionSettings {
  readonly connectTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly heartbeatTimeoutMs: number
  readonly reconnectMinDelayMs: number
  readonly reconnectMaxDelayMs: number
  readonly maxPacketBytes: number
  readonly tls: ClientTlsOptions | undefined
  readonly lookup: LookupFunction | undefined
  readonly strategy: ServerStrategy
  readonly weights: ReadonlyMap<string, number>
  readonly easeInTimeMs: number
  readonly queueProbeIntervalMs: number
}

const DEFAULTS = {
  connectTimeout: 5000,
  heartbeatInterval: 15_000,
  heartbeatTimeout: 10_000,
  reconnectMinDelay: 100,
  reconnectMaxDelay: 30_000,
  maxPacketBytes: DEFAULT_MAX_PACKET_BYTES,
  easeInTime: 10_000,
  queueProbeInterval: Number.POSITIVE_INFINITY,
}

/** What every answer that is no payload fits in. */
const MIN_PACKET_BYTES = 1024

/** Node's timers run at once when a delay is larger. */
const MAX_TIMER_MS = 2_147_483_647

/**
 * Checks the options.
 *
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function resolveConnectionSettings(options: ConnectionManagerOptions): ConnectionSettings {
  const given = (name: keyof typeof DEFAULTS): number => options[name] ?? DEFAULTS[name]
  const delay = (name: keyof typeof DEFAULTS): number =>
    checkInteger(name, given(name), 1, MAX_TIMER_MS)
  const limit = (name: keyof typeof DEFAULTS): number =>
    given(name) === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : delay(name)
  return {
    connectTimeoutMs: limit('connectTimeout'),
    heartbeatIntervalMs: limit('heartbeatInterval'),
    heartbeatTimeoutMs: limit('heartbeatTimeout'),
    reconnectMinDelayMs: delay('reconnectMinDelay'),
    reconnectMaxDelayMs: delay('reconnectMaxDelay'),
    maxPacketBytes: checkInteger(
      'maxPacketBytes',
      given('maxPacketBytes'),
      MIN_PACKET_BYTES,
      MAX_BODY_BYTES,
    ),
    tls: chooseTls(checkTls(options.tls), undefined),
    lookup: checkLookup(options.lookup),
    strategy: resolveStrategy(options.strategy),
    weights: resolveWeights(options.weights),
    easeInTimeMs: checkInteger('easeInTime', given('easeInTime'), 0, MAX_TIMER_MS),
    queueProbeIntervalMs: limit('queueProbeInterval'),
  }
}

function checkLookup(lookup: LookupFunction | undefined): LookupFunction | undefined {
  if (lookup !== undefined) checkFunction('lookup', lookup)
  return lookup
}

function resolveWeights(weights: ConnectionManagerOptions['weights']): Map<string, number> {
  if (weights === undefined) return new Map()
  if (typeof weights !== 'object' || weights === null || Array.isArray(weights)) {
    throw new InvalidArgumentError('weights', `must be an object, not ${show(weights)}`)
  }
  return new Map(
    Object.entries(weights).map(([address, weight]) => {
      const { name } = resolveAddress(address, undefined)
      return [name, checkWeight(`weights of ${name}`, weight)]
    }),
  )
}
