import { BlockList, isIP } from 'node:net'
import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'

type Family = 'ipv4' | 'ipv6'

/** From where the commands come that stop the server or keep work from being done. */
export class AdminAccess {
  readonly #allowed = new BlockList()

  /**
   * @param adminFrom - addresses and CIDRs, beside loopback
   * @throws InvalidArgumentError naming the entry that is neither
   */
  constructor(adminFrom: readonly string[]) {
    this.#allowed.addSubnet('127.0.0.0', 8, 'ipv4')
    this.#allowed.addAddress('::1', 'ipv6')
    for (const entry of adminFrom) this.#allow(entry)
  }

  /** Whether a peer may give those commands. An IPv4 peer of a socket that serves both families is IPv4. */
  allows(address: string): boolean {
    const plain = plainAddress(address)
    const family = familyOf(plain)
    return family !== undefined && this.#allowed.check(plain, family)
  }

  #allow(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = familyOf(address)
    if (family === undefined || rest.length > 0) throw badEntry(entry)
    if (prefix === undefined) {
      this.#allowed.addAddress(address, family)
      return
    }
    const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
    if (!(bits <= (family === 'ipv4' ? 32 : 128))) throw badEntry(entry)
    this.#allowed.addSubnet(address, bits, family)
  }
}

/**
 * Checks the option `adminFrom`.
 *
 * @throws InvalidArgumentError naming what is wrong
 */
export function resolveAdminFrom(value: unknown): AdminAccess {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
  return new AdminAccess(
    entries.flatMap((entry) => {
      if (typeof entry !== 'string') throw badEntry(entry)
      return entry.split(',').map((part) => part.trim())
    }),
  )
}

/** Without what names the interface of a link-local address, and without the front of a mapped one. */
function plainAddress(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
}

function familyOf(address: string): Family | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}

function badEntry(entry: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'adminFrom',
    `must be addresses or CIDRs such as "10.0.0.0/8" or "2001:db8::/32", not ${show(entry)}`,
  )
}
