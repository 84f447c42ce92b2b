import { hostname } from 'node:os'
import type { TlsOptions } from 'node:tls'
import { checkBoolean, checkDuration, checkInteger, checkLimit, show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { type AdminAccess, resolveAdminFrom } from './admin-access.ts'
import { type ResolvedHttpOptions, resolveHttpOptions } from './http/http-options.ts'
import { resolveKeepFailed, resolveKeepResults } from './outcome-options.ts'
import type { KeptLimits } from './queue/kept-outcomes.ts'
import type {
  ServerCompat,
  ServerLogLevel,
  ServerOptions,
  ServerTlsOptions,
} from './server-options.ts'
import { checkStore } from './stores/check-store.ts'
import type { QueueStore } from './stores/queue-store.ts'

/** {@link ServerOptions}, checked and complete. */
export interface ResolvedServerOptions {
  readonly host: string
  readonly port: number
  readonly backlog: number
  readonly tls: ServerTlsOptions | undefined
  readonly http: ResolvedHttpOptions | undefined
  readonly roundRobin: boolean
  readonly compat: ServerCompat
  readonly adminAccess: AdminAccess
  readonly verbose: ServerLogLevel
  readonly workerWakeup: number
  readonly jobRetries: number
  readonly exceptions: boolean
  readonly jobHandlePrefix: string
  readonly maxPacketBytes: number
  readonly maxLineBytes: number
  readonly maxArgumentBytes: number
  readonly maxUnsentBytes: number
  readonly maxBufferedBytes: number
  /** `Infinity` for any number, as in the durations. */
  readonly maxConnections: number
  readonly handshakeTimeoutMs: number
  readonly stallTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly keepAlive: boolean
  /** 0 for the system's. */
  readonly keepAliveIdleMs: number
  readonly store: QueueStore | undefined
  readonly maxUncommittedJobs: number
  readonly maxUncommittedBytes: number
  readonly keepFailed: KeptLimits | undefined
  readonly keepResults: KeptLimits | undefined
}

const DEFAULTS = {
  host: '127.0.0.1',
  port: 4730,
  backlog: 511,
  roundRobin: false,
  compat: '1.1.20',
  adminFrom: [],
  verbose: 'ERROR',
  workerWakeup: 0,
  jobRetries: 0,
  exceptions: false,
  maxPacketBytes: 256 * 1024 * 1024,
  maxLineBytes: 8192,
  maxArgumentBytes: 8192,
  maxUnsentBytes: 512 * 1024 * 1024,
  maxBufferedBytes: 2 * 1024 * 1024 * 1024,
  maxConnections: Number.POSITIVE_INFINITY,
  handshakeTimeout: 10_000,
  stallTimeout: 60_000,
  drainTimeout: 10_000,
  keepAlive: true,
  maxUncommittedJobs: 100_000,
  maxUncommittedBytes: 256 * 1024 * 1024,
} as const

const COMPATS: readonly ServerCompat[] = ['1.1.20', '2.0']

const LOG_LEVELS: readonly ServerLogLevel[] = [
  'FATAL',
  'ALERT',
  'CRITICAL',
  'ERROR',
  'WARNING',
  'NOTICE',
  'INFO',
  'DEBUG',
]

/** A handle holds 63 bytes: colon and 15 digits behind the prefix. gearmand cuts longer ones off. */
const MAX_PREFIX_BYTES = 47
const MAX_PORT = 65_535
const MAX_BACKLOG = 65_535
/** What a header can announce. */
const MAX_PACKET_BYTES = 2 ** 32 - 1
const MAX_COUNT = 2 ** 31 - 1
/** Room for every text command of ours. */
const MIN_LINE_BYTES = 64
/** The longest task name that our own client and worker use. */
const MIN_ARGUMENT_BYTES = 512
const MIN_PACKET_BYTES = 1024
/** Every server has so much under way to a peer that merely was busy for a moment. */
const MIN_UNSENT_BYTES = 1024 * 1024

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidArgumentError naming the option
 */
export function resolveServerOptions(options: ServerOptions = {}): ResolvedServerOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const merged = { ...DEFAULTS, ...(Object.fromEntries(given) as ServerOptions) }
  const host = checkHost(merged.host)
  return {
    host,
    port: checkInteger('port', merged.port, 0, MAX_PORT),
    backlog: checkInteger('backlog', merged.backlog, 1, MAX_BACKLOG),
    tls: checkTls(merged.tls),
    http: resolveHttpOptions(merged.http, host),
    roundRobin: checkBoolean('roundRobin', merged.roundRobin),
    compat: checkChoice('compat', merged.compat, COMPATS),
    adminAccess: resolveAdminFrom(merged.adminFrom),
    verbose: checkChoice('verbose', merged.verbose, LOG_LEVELS),
    workerWakeup: checkInteger('workerWakeup', merged.workerWakeup, 0, MAX_COUNT),
    jobRetries: checkInteger('jobRetries', merged.jobRetries, 0, MAX_COUNT),
    exceptions: checkBoolean('exceptions', merged.exceptions),
    jobHandlePrefix: checkPrefix(merged.jobHandlePrefix ?? defaultPrefix()),
    store: checkStore(merged.store),
    keepFailed: resolveKeepFailed(merged.keepFailed),
    keepResults: resolveKeepResults(merged.keepResults),
    ...resolveLimits(merged),
    ...resolveConnections(merged),
  }
}

type Limit =
  | 'maxPacketBytes'
  | 'maxLineBytes'
  | 'maxArgumentBytes'
  | 'maxUnsentBytes'
  | 'maxBufferedBytes'
  | 'maxUncommittedJobs'
  | 'maxUncommittedBytes'

function resolveLimits(options: ServerOptions): Pick<ResolvedServerOptions, Limit> {
  const check = (name: Limit, min: number, max: number): number =>
    checkInteger(name, options[name], min, max)
  return {
    maxPacketBytes: check('maxPacketBytes', MIN_PACKET_BYTES, MAX_PACKET_BYTES),
    maxLineBytes: check('maxLineBytes', MIN_LINE_BYTES, MAX_COUNT),
    maxArgumentBytes: check('maxArgumentBytes', MIN_ARGUMENT_BYTES, MAX_COUNT),
    maxUnsentBytes: check('maxUnsentBytes', MIN_UNSENT_BYTES, Number.MAX_SAFE_INTEGER),
    maxBufferedBytes: check('maxBufferedBytes', MIN_UNSENT_BYTES, Number.MAX_SAFE_INTEGER),
    maxUncommittedJobs: check('maxUncommittedJobs', 1, MAX_COUNT),
    maxUncommittedBytes: check('maxUncommittedBytes', 1, Number.MAX_SAFE_INTEGER),
  }
}

type ConnectionLimit =
  | 'maxConnections'
  | 'handshakeTimeoutMs'
  | 'stallTimeoutMs'
  | 'idleTimeoutMs'
  | 'drainTimeoutMs'
  | 'keepAlive'
  | 'keepAliveIdleMs'

function resolveConnections(options: ServerOptions): Pick<ResolvedServerOptions, ConnectionLimit> {
  return {
    maxConnections: checkLimit('maxConnections', options.maxConnections, 1),
    handshakeTimeoutMs: checkTimeout('handshakeTimeout', options.handshakeTimeout),
    stallTimeoutMs: checkTimeout('stallTimeout', options.stallTimeout),
    idleTimeoutMs: checkTimeout('idleTimeout', options.idleTimeout),
    drainTimeoutMs: checkDuration('drainTimeout', options.drainTimeout),
    ...resolveKeepAlive(options.keepAlive),
  }
}

function resolveKeepAlive(value: unknown): { keepAlive: boolean; keepAliveIdleMs: number } {
  if (typeof value === 'boolean') return { keepAlive: value, keepAliveIdleMs: 0 }
  if (typeof value !== 'object' || value === null) {
    const problem = `must be true, false or an object with idle, not ${show(value)}`
    throw new InvalidArgumentError('keepAlive', problem)
  }
  const { idle } = value as { readonly idle?: unknown }
  const keepAliveIdleMs =
    idle === undefined ? 0 : checkInteger('keepAlive.idle', idle, 1000, MAX_COUNT)
  return { keepAlive: true, keepAliveIdleMs }
}

/** A time limit that is zero would let nobody in. */
function checkTimeout(name: string, value: number | undefined): number {
  if (value === 0)
    throw new InvalidArgumentError(name, 'must be more than 0; Infinity for no limit')
  return checkDuration(name, value)
}

function defaultPrefix(): string {
  // A long host name is cut, so that handles stay different from each other.
  return `H:${hostname()}`.slice(0, MAX_PREFIX_BYTES)
}

function checkHost(value: unknown): string {
  if (typeof value !== 'string' || value === '' || /\s/.test(value)) {
    throw new InvalidArgumentError('host', `must be a host name or address, not ${show(value)}`)
  }
  return value
}

function checkPrefix(value: unknown): string {
  if (typeof value !== 'string' || !/^[!-~]+$/.test(value) || value.length > MAX_PREFIX_BYTES) {
    throw new InvalidArgumentError(
      'jobHandlePrefix',
      `must be 1 to ${MAX_PREFIX_BYTES} characters of printable ASCII without spaces, not ${show(value)}`,
    )
  }
  return value
}

function checkChoice<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((known) => known === value)
  if (choice !== undefined) return choice
  throw new InvalidArgumentError(name, `must be one of ${choices.join(', ')}, not ${show(value)}`)
}

/** What a TLS server can show: without any of these every handshake fails. */
const TLS_IDENTITIES: readonly (keyof TlsOptions)[] = ['cert', 'pfx', 'SNICallback', 'pskCallback']

/**
 * Checks that TLS options could serve anybody.
 *
 * @throws InvalidArgumentError naming `tls`
 */
export function checkTls(value: unknown): TlsOptions | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    const problem = `must be an object of node:tls options, not ${show(value)}`
    throw new InvalidArgumentError('tls', problem)
  }
  const options: TlsOptions = value
  if (TLS_IDENTITIES.every((name) => options[name] === undefined)) {
    throw new InvalidArgumentError('tls', 'must have a cert and its key, or a pfx')
  }
  return options
}
