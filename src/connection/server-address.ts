import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { ClientTlsOptions } from './client-tls.ts'

/** The port of a server when none is given. */
export const DEFAULT_GEARMAN_PORT = 4730

/**
 * One job server: `'host'`, `'host:port'`, `'[::1]:4730'`, `['host', port]` or an object.
 * A port that is left out is 4730.
 */
export type ServerAddress =
  | string
  | readonly [host: string, port: number]
  | {
      /** Host name or address. */
      readonly host: string
      /** TCP port, 1 to 65535. Default 4730. */
      readonly port?: number | undefined
      /** `true` or options: TLS to this server. `false`: none, whatever the manager's `tls` says. */
      readonly tls?: boolean | ClientTlsOptions | undefined
      /** Its share beside the other servers, above 0; goes before the manager's `weights`. Default 1. */
      readonly weight?: number | undefined
    }

/**
 * The job servers: a comma list or an array. Left out: the environment variable `GEARMAN_SERVERS`,
 * else `localhost:4730`. An explicit empty list is an error.
 */
export type HostList = string | readonly ServerAddress[]

/** A checked address. */
export interface ResolvedAddress {
  /** Host name or address, without brackets. */
  readonly host: string
  /** TCP port. */
  readonly port: number
  /** `host:port`, with brackets around an IPv6 address: how errors and events name the server. */
  readonly name: string
  /** TLS options, or `undefined` for plain TCP. */
  readonly tls: ClientTlsOptions | undefined
  /** The weight that it came with. */
  readonly weight: number | undefined
}

/**
 * Checks a host list.
 *
 * @param hostList - as the user gave it
 * @param tls - what holds for addresses that say nothing of TLS themselves
 * @throws InvalidArgumentError for an unknown form, a port out of range, an empty list, a server that is there twice
 */
export function resolveHostList(
  hostList: HostList | undefined,
  tls: ClientTlsOptions | undefined,
): ResolvedAddress[] {
  const addresses = splitHostList(hostList)
  if (addresses.length === 0) {
    throw new InvalidArgumentError('hostList', 'must name at least one server')
  }
  const resolved = addresses.map((address) => resolveAddress(address, tls))
  refuseDuplicates('hostList', resolved)
  return resolved
}

/**
 * Checks one address.
 *
 * @throws InvalidArgumentError for an unknown form or a port out of range
 */
export function resolveAddress(
  address: ServerAddress,
  tls: ClientTlsOptions | undefined,
): ResolvedAddress {
  const { host, port, ownTls, weight } = readForm(address)
  if (host === '' || /[\s\0,[\]/\\@?#]/.test(host)) {
    throw new InvalidArgumentError('server address', `has no usable host: ${show(address)}`)
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('server address', `has a port outside 1 to 65535: ${show(port)}`)
  }
  const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  if (weight !== undefined) checkWeight(`weight of ${name}`, weight)
  return { host, port, name, tls: chooseTls(ownTls, tls), weight }
}

/**
 * Checks the weight of a server.
 *
 * @throws InvalidArgumentError for anything but a number above 0
 */
export function checkWeight(name: string, weight: unknown): number {
  if (typeof weight === 'number' && weight > 0 && Number.isFinite(weight)) return weight
  throw new InvalidArgumentError(name, `must be a number above 0, not ${show(weight)}`)
}

/**
 * Servers that may stand in one list.
 *
 * @throws InvalidArgumentError naming the address that is there twice
 */
export function refuseDuplicates(argument: string, addresses: readonly ResolvedAddress[]): void {
  const names = new Set<string>()
  for (const { name } of addresses) {
    const key = name.toLowerCase()
    if (names.has(key)) throw new InvalidArgumentError(argument, `has ${name} twice`)
    names.add(key)
  }
}

interface AddressForm {
  readonly host: string
  readonly port: number
  readonly ownTls: boolean | ClientTlsOptions | undefined
  readonly weight: number | undefined
}

function readForm(address: ServerAddress): AddressForm {
  const bare = { ownTls: undefined, weight: undefined }
  if (typeof address === 'string') return { ...readText(address), ...bare }
  if (isPair(address)) {
    const [host, port] = address
    if (typeof host !== 'string' || address.length !== 2) throw unknownForm(address)
    return { host: stripBrackets(host), port, ...bare }
  }
  if (typeof address !== 'object' || address === null || typeof address.host !== 'string') {
    throw unknownForm(address)
  }
  const { host, port = DEFAULT_GEARMAN_PORT, tls, weight } = address
  return { host: stripBrackets(host), port, ownTls: checkTls(tls), weight }
}

/** Array.isArray does not narrow a readonly tuple out of a union. */
function isPair(address: ServerAddress): address is readonly [string, number] {
  return Array.isArray(address)
}

function readText(text: string): { readonly host: string; readonly port: number } {
  const trimmed = text.trim()
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(trimmed)
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: readPort(bracketed[2], text) }
  const colon = trimmed.indexOf(':')
  if (colon === -1) return { host: trimmed, port: DEFAULT_GEARMAN_PORT }
  if (trimmed.indexOf(':', colon + 1) !== -1) {
    throw new InvalidArgumentError(
      'server address',
      `must have an IPv6 address in brackets, such as [::1]:4730: ${show(text)}`,
    )
  }
  return { host: trimmed.slice(0, colon), port: readPort(trimmed.slice(colon + 1), text) }
}

function readPort(digits: string | undefined, text: string): number {
  if (digits === undefined) return DEFAULT_GEARMAN_PORT
  if (!/^\d+$/.test(digits)) {
    throw new InvalidArgumentError('server address', `has a port that is no number: ${show(text)}`)
  }
  return Number(digits)
}

function stripBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/**
 * Checks what stands for TLS.
 *
 * @throws InvalidArgumentError for anything but a boolean or an object
 */
export function checkTls(
  tls: boolean | ClientTlsOptions | undefined,
): boolean | ClientTlsOptions | undefined {
  if (tls === undefined || typeof tls === 'boolean') return tls
  if (typeof tls === 'object' && tls !== null) return tls
  throw new InvalidArgumentError('tls', `must be true, false or options, not ${show(tls)}`)
}

/** The TLS options that hold for one address. */
export function chooseTls(
  own: boolean | ClientTlsOptions | undefined,
  shared: ClientTlsOptions | undefined,
): ClientTlsOptions | undefined {
  if (own === undefined) return shared
  if (own === false) return undefined
  return own === true ? (shared ?? {}) : own
}

function splitHostList(hostList: HostList | undefined): readonly ServerAddress[] {
  const list = hostList ?? (process.env['GEARMAN_SERVERS']?.trim() || 'localhost')
  if (typeof list === 'string') return list.trim() === '' ? [] : list.split(',')
  if (Array.isArray(list)) return list
  throw new InvalidArgumentError(
    'hostList',
    `must be text such as 'host:4730,other' or an array of addresses, not ${show(list)}`,
  )
}

function unknownForm(address: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'server address',
    `must be 'host:port', [host, port] or { host, port }, not ${show(address)}`,
  )
}
