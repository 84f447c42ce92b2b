import { checkInteger } from '../core/checks.ts'
import { DEFAULT_MAX_PACKET_BYTES, MAX_BODY_BYTES } from '../protocol/limits.ts'
import { type ClientTlsOptions, checkTls, chooseTls } from './server-address.ts'
import {
  resolveStrategy,
  type ServerStrategy,
  type ServerStrategyName,
} from './server-selection.ts'

/** How a connection manager connects. All durations are milliseconds; `Infinity` is no limit where there can be none. */
export interface ConnectionManagerOptions {
  /** Within this time a server must be connected and have answered once. Default 5000; `Infinity`: no limit. */
  readonly connectTimeout?: number | undefined
  /** After this time without a byte the server is asked for a sign of life (ECHO). Default 15000; `Infinity`: never. */
  readonly heartbeatInterval?: number | undefined
  /** Within this time it must answer, else the connection is given up. Default 10000; `Infinity`: never. */
  readonly heartbeatTimeout?: number | undefined
  /** The bound of the first delay before a lost server is dialled again; doubles at each failure. Default 100. */
  readonly reconnectMinDelay?: number | undefined
  /** The largest bound of such a delay. Default 30000. */
  readonly reconnectMaxDelay?: number | undefined
  /** The largest packet body in bytes that is taken, 1024 or more; larger ones fail their job. Default 1 GiB. */
  readonly maxPacketBytes?: number | undefined
  /** TLS for all servers that say nothing else: `true`, or Node's options for `tls.connect`. Default none. */
  readonly tls?: boolean | ClientTlsOptions | undefined
  /** Which server gets a job. Default `'least-load'`. */
  readonly strategy?: ServerStrategyName | ServerStrategy | undefined
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
  readonly strategy: ServerStrategy
}

const DEFAULTS = {
  connectTimeout: 5000,
  heartbeatInterval: 15_000,
  heartbeatTimeout: 10_000,
  reconnectMinDelay: 100,
  reconnectMaxDelay: 30_000,
  maxPacketBytes: DEFAULT_MAX_PACKET_BYTES,
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
    strategy: resolveStrategy(options.strategy),
  }
}
