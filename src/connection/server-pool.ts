import { TypedEmitter } from '../core/typed-emitter.ts'
import { InvalidArgumentError } from '../errors.ts'
import { type ClientTlsOptions, checkClientTls } from './client-tls.ts'
import type { ConnectionRole } from './connection.ts'
import type { ConnectionEvents } from './connection-events.ts'
import { ConnectionGroup } from './connection-group.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import {
  type HostList,
  type ResolvedAddress,
  refuseDuplicates,
  resolveAddress,
  resolveHostList,
  type ServerAddress,
} from './server-address.ts'
import type { Session } from './session.ts'

/** The servers that a client, a worker and an admin client can share, and their connections. */
export class ServerPool {
  /** How to connect. */
  readonly settings: ConnectionSettings
  /** The changes of all connections. */
  readonly events: TypedEmitter<ConnectionEvents> = new TypedEmitter<ConnectionEvents>()
  #addresses: ResolvedAddress[]
  readonly #groups = new Set<ConnectionGroup>()
  readonly #shared = new Map<object, ConnectionGroup>()
  #isClosed = false

  constructor(hostList: HostList | undefined, settings: ConnectionSettings) {
    this.settings = settings
    this.#addresses = resolveHostList(hostList, settings.tls)
    for (const { name, tls } of this.#addresses) if (tls !== undefined) checkClientTls(name, tls)
    this.#refuseUnknownWeights()
  }

  /** Whether {@link close} was called. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** All groups that are in use. */
  get groups(): readonly ConnectionGroup[] {
    return [...this.#groups]
  }

  /** The connections of a role that everybody with this pool shares. */
  group<S extends Session>(role: ConnectionRole<S>): ConnectionGroup<S> {
    // The map holds for each role only what createGroup made of that very role.
    const known = this.#shared.get(role) as ConnectionGroup<S> | undefined
    if (known !== undefined) return known
    const group = this.createGroup(role)
    this.#shared.set(role, group)
    return group
  }

  /** Connections of one's own to all servers: a worker's registrations belong to its connections. */
  createGroup<S extends Session>(role: ConnectionRole<S>): ConnectionGroup<S> {
    const group = new ConnectionGroup(role, this.settings, (event) => {
      this.events.emit('state', event)
    })
    for (const address of this.#addresses) group.add(address)
    this.#groups.add(group)
    if (this.#isClosed) group.close()
    return group
  }

  /** Closes a group of one's own and forgets it. */
  removeGroup(group: ConnectionGroup): void {
    group.close()
    this.#groups.delete(group)
  }

  /** Adds a server to every group, now and later. */
  add(address: ServerAddress): void {
    const resolved = resolveAddress(address, this.settings.tls)
    refuseDuplicates('server address', [...this.#addresses, resolved])
    if (resolved.tls !== undefined) checkClientTls(resolved.name, resolved.tls)
    this.#addresses.push(resolved)
    for (const group of this.#groups) group.add(resolved)
  }

  /**
   * Other TLS options, in addition to those that hold, for connects from now on.
   *
   * @param server - which one; left out: all that have TLS
   * @throws InvalidArgumentError when they cannot be used, or no server has TLS; the old ones stay
   */
  reloadTls(options: ClientTlsOptions, server: ServerAddress | undefined): void {
    const name = server === undefined ? undefined : resolveAddress(server, undefined).name
    const isMeant = (address: ResolvedAddress): boolean =>
      address.tls !== undefined && (name === undefined || name === address.name)
    if (!this.#addresses.some(isMeant)) {
      const problem = name === undefined ? 'no server has TLS' : `${name} has no TLS`
      throw new InvalidArgumentError('tls', `cannot be changed: ${problem}`)
    }
    const renewed = this.#addresses.map((address) =>
      isMeant(address) ? { ...address, tls: { ...address.tls, ...options } } : address,
    )
    for (const address of renewed)
      if (isMeant(address)) checkClientTls(address.name, address.tls ?? {})
    this.#addresses = renewed
    for (const group of this.#groups) {
      for (const connection of group.connections) {
        const address = renewed.find((other) => other.name === connection.server)
        if (address?.tls !== undefined) connection.reloadTls(address.tls)
      }
    }
  }

  /** Closes every connection for good. */
  close(): void {
    this.#isClosed = true
    for (const group of this.#groups) group.close()
  }

  /** One that is misspelt would do nothing, unnoticed. */
  #refuseUnknownWeights(): void {
    const names = this.#addresses.map(({ name }) => name)
    for (const name of this.settings.weights.keys()) {
      if (names.includes(name)) continue
      const problem = `has ${name}, which is not in the list: ${names.join(', ')}`
      throw new InvalidArgumentError('weights', problem)
    }
  }

  /** Resolves when nothing is left of the connections after {@link close}. */
  async whenClosed(): Promise<void> {
    await Promise.all(Array.from(this.#groups, (group) => group.whenClosed()))
  }
}
