import { show } from '../core/checks.ts'
import { type EventMap, TypedEmitter } from '../core/typed-emitter.ts'
import { ConnectionError, InvalidArgumentError } from '../errors.ts'
import type { ClientTlsOptions } from './client-tls.ts'
import type { GearmanConnection } from './connection.ts'
import type { ConnectionEvents } from './connection-events.ts'
import type { ConnectionGroup } from './connection-group.ts'
import { type ConnectionManagerOptions, resolveConnectionSettings } from './connection-settings.ts'
import type { ConnectionSnapshot, ConnectionStateEvent } from './connection-state.ts'
import { ECHO_ROLE } from './echo-session.ts'
import {
  awaitReady,
  type ReadyOptions,
  type ReadyTarget,
  resolveReadyOptions,
  wholeGroup,
} from './readiness.ts'
import { checkTls, type HostList, type ServerAddress } from './server-address.ts'
import { ServerPool } from './server-pool.ts'
import type { Session } from './session.ts'

/**
 * Job servers and the connections to them: the base of client, worker and admin client. Made by itself
 * it can be handed to several of them, which then share addresses, settings and connections.
 *
 * Nothing is dialled before the first use. Connections do not keep the process alive; calls that wait do.
 */
export class GearmanConnectionManager<
  Events extends ConnectionEvents & EventMap<Events> = ConnectionEvents,
> {
  readonly #pool: ServerPool
  readonly #ownsPool: boolean
  readonly #events = new TypedEmitter<Events>()
  readonly #onState = (event: ConnectionStateEvent): void => {
    // The events of every facade include those of its connections.
    const own = this.#events as unknown as TypedEmitter<ConnectionEvents>
    own.emit('state', event)
  }

  /**
   * @param hostList - the servers, or a manager to share; left out: `GEARMAN_SERVERS`, else `localhost:4730`
   * @param options - how to connect; not allowed beside a manager, which has its own
   * @throws InvalidArgumentError for an unknown host form, a port out of range, an option out of range
   */
  constructor(
    hostList?: HostList | GearmanConnectionManager<never>,
    options?: ConnectionManagerOptions,
  ) {
    if (hostList instanceof GearmanConnectionManager) {
      this.#pool = hostList.pool
      this.#ownsPool = false
    } else {
      this.#pool = new ServerPool(hostList, resolveConnectionSettings(checkOptions(options)))
      this.#ownsPool = true
    }
    this.#pool.events.on('state', this.#onState)
  }

  /** The connections, in the order of the host list: index it to address one server. */
  get connectionList(): readonly GearmanConnection[] {
    return this.connectionGroup().connections
  }

  /**
   * How each connection is now: of a client, a worker or an admin client its own; of a manager those of all that share
   * it. To be told of changes, listen to the event `state`.
   */
  get connections(): readonly ConnectionSnapshot[] {
    return this.readyTargets()
      .flatMap(({ connections }) => connections())
      .map(({ snapshot }) => snapshot)
  }

  /**
   * Connects, if that has not happened yet, and resolves when a server has answered, or with `all` every server. Calls
   * that need a server wait for one by themselves: this is for those who want to know first.
   *
   * @throws ServerUnavailable naming each server that could not be reached, and why
   * @throws ConnectionError after {@link shutdown}
   */
  async ready(options?: ReadyOptions): Promise<void> {
    const resolved = resolveReadyOptions(options)
    const confirm = (): Promise<void> => this.confirmReady(resolved.needsAll)
    await awaitReady(this.readyTargets(), resolved, confirm)
  }

  /**
   * Adds a server.
   *
   * @returns its connection, not dialled yet unless the others are in use
   * @throws InvalidArgumentError for an unknown form or a port out of range
   */
  addConnection(address: ServerAddress): GearmanConnection {
    this.#pool.add(address)
    const added = this.connectionList.at(-1)
    if (added === undefined) throw new Error('every group has the server that was just added')
    return added
  }

  /**
   * Changes certificates without a restart: what is given here goes before the TLS options that hold, for connects from
   * now on; what is open stays open. Files (`caFile` and so on) need no call: they are read at each connect.
   *
   * @param tls - such as `{ ca, cert, key }`
   * @param server - the server that it is for; left out: all that have TLS
   * @throws InvalidArgumentError when it cannot be used, or no server has TLS; then nothing is changed
   */
  reloadTls(tls: ClientTlsOptions, server?: ServerAddress): void {
    const options = checkTls(tls)
    if (typeof options !== 'object') throw new InvalidArgumentError('tls', 'must be options')
    this.#pool.reloadTls(options, server)
  }

  /**
   * Connects, if that has not happened yet.
   *
   * @param connection - one of {@link connectionList}
   * @returns the connection, ready
   * @throws ConnectionError when the server cannot be reached (code `ERR_GEARMAN_CONNECTION`)
   * @throws InvalidArgumentError when the connection is not one of this manager
   */
  async establishConnection(connection: GearmanConnection): Promise<GearmanConnection> {
    const group = this.connectionGroup()
    if (!group.connections.includes(connection)) {
      throw new InvalidArgumentError('connection', 'is not one of this connection list')
    }
    group.hold()
    try {
      await group.whenSettled(connection)
    } finally {
      group.release()
    }
    if (connection.connected) return connection
    throw new ConnectionError(`${connection.server} could not be reached`, {
      server: connection.server,
      cause: connection.lastError,
    })
  }

  /** Calls `listener` at each event of that name. What it throws is logged and goes no further. */
  on<Name extends keyof Events & string>(name: Name, listener: Events[Name]): this {
    this.#events.on(name, listener)
    return this
  }

  /** Calls `listener` at the next event of that name only. */
  once<Name extends keyof Events & string>(name: Name, listener: Events[Name]): this {
    this.#events.once(name, listener)
    return this
  }

  /** Takes a listener away. */
  off<Name extends keyof Events & string>(name: Name, listener: Events[Name]): this {
    this.#events.off(name, listener)
    return this
  }

  /**
   * Closes all connections now, for good; whatever is pending is settled. A manager that was handed in stays open:
   * it belongs to whoever made it. May be called again.
   *
   * @returns a promise that resolves when the sockets are gone: at once, or after a second if a server does not read
   */
  async shutdown(): Promise<void> {
    if (this.#ownsPool) {
      this.#pool.close()
      await this.#pool.whenClosed()
    }
    this.#pool.events.off('state', this.#onState)
  }

  /** {@link shutdown}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  /** @internal What managers share. */
  protected get pool(): ServerPool {
    return this.#pool
  }

  /** @internal Whether {@link shutdown} closes the connections. */
  protected get ownsPool(): boolean {
    return this.#ownsPool
  }

  /** @internal Tells listeners. */
  protected get events(): TypedEmitter<Events> {
    return this.#events
  }

  /** @internal The connections of this facade's role. */
  protected connectionGroup(): ConnectionGroup {
    return this.#pool.group<Session>(ECHO_ROLE)
  }

  /** @internal All that {@link connections} and {@link ready} are about. */
  protected readyTargets(): readonly ReadyTarget[] {
    const { groups } = this.#pool
    return (groups.length > 0 ? groups : [this.connectionGroup()]).map(wholeGroup)
  }

  /** @internal What {@link ready} waits for when servers have answered; rejects when that was in vain. */
  protected async confirmReady(_needsAll: boolean): Promise<void> {}
}

function checkOptions(options: ConnectionManagerOptions | undefined): ConnectionManagerOptions {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  return options
}
