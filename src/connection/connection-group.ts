import { createDeferred, type Deferred } from '../core/deferred.ts'
import { ConnectionError, ServerUnavailable } from '../errors.ts'
import { type ConnectionObserver, type ConnectionRole, GearmanConnection } from './connection.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { ConnectionStateEvent } from './connection-state.ts'
import type { ResolvedAddress } from './server-address.ts'
import type { Session } from './session.ts'

/** The connections of one role, one to each server. */
export class ConnectionGroup<S extends Session = Session> {
  readonly #role: ConnectionRole<S>
  readonly #settings: ConnectionSettings
  readonly #onState: (event: ConnectionStateEvent) => void
  readonly #connections: GearmanConnection<S>[] = []
  #ready: readonly GearmanConnection<S>[] = []
  #isOpen = false
  #isClosed = false
  #holds = 0
  /** Those who give up when every server was tried, and those who wait for one to come back. */
  #hasty: { readonly done: Deferred<void>; readonly untried: Set<GearmanConnection<S>> } | undefined
  #patient: Deferred<void> | undefined
  readonly #watchers = new Set<ConnectionObserver<S>>()
  readonly #settling = new Map<GearmanConnection<S>, Deferred<void>>()

  constructor(
    role: ConnectionRole<S>,
    settings: ConnectionSettings,
    onState: (event: ConnectionStateEvent) => void,
  ) {
    this.#role = role
    this.#settings = settings
    this.#onState = onState
  }

  /** All connections, in the order of the host list. */
  get connections(): readonly GearmanConnection<S>[] {
    return this.#connections
  }

  /** Those whose server has answered, and which are still open. */
  get ready(): readonly GearmanConnection<S>[] {
    return this.#ready
  }

  /** Whether {@link close} was called. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Adds a server; it is dialled at once when the others are in use. */
  add(address: ResolvedAddress): GearmanConnection<S> {
    const observer: ConnectionObserver<S> = {
      onState: (changed, event) => this.#onChange(changed, event),
    }
    const connection = new GearmanConnection(address, this.#role, this.#settings, observer)
    this.#connections.push(connection)
    connection.hold(this.#holds > 0)
    if (this.#isClosed) connection.close()
    else if (this.#isOpen) connection.dial()
    return connection
  }

  /** Dials every server that nobody dials yet. */
  open(): void {
    this.#isOpen = true
    for (const connection of this.#connections) connection.dial()
  }

  /** Keeps the process alive until as many calls of {@link release}. */
  hold(): void {
    this.#holds += 1
    if (this.#holds === 1) for (const connection of this.#connections) connection.hold(true)
  }

  /** Takes one {@link hold} back. */
  release(): void {
    this.#holds -= 1
    if (this.#holds === 0) for (const connection of this.#connections) connection.hold(false)
  }

  /**
   * Resolves when a server is ready.
   *
   * @param isPatient - waits for as long as it takes; otherwise rejects when every server was tried
   * @throws ServerUnavailable when every server was tried in vain, naming each with its cause
   * @throws ConnectionError when the group is closed
   */
  whenReady(isPatient: boolean): Promise<void> {
    if (this.#isClosed) return Promise.reject(closedError())
    if (this.#ready.length > 0) return Promise.resolve()
    this.#isOpen = true
    const untried = this.#connections.filter((connection) => connection.dial())
    if (isPatient) {
      this.#patient ??= guarded(createDeferred<void>())
      return this.#patient.promise
    }
    if (this.#hasty === undefined) {
      if (untried.length === 0) return Promise.reject(this.unavailable())
      this.#hasty = { done: guarded(createDeferred<void>()), untried: new Set(untried) }
    }
    return this.#hasty.done.promise
  }

  /**
   * Resolves when the attempt that is under way on a connection, or that this call begins, has ended, either
   * way. At once when the connection is ready, or has failed a moment ago.
   */
  whenSettled(connection: GearmanConnection<S>): Promise<void> {
    if (this.#isClosed) return Promise.reject(closedError())
    this.#isOpen = true
    if (!connection.dial() || connection.connected) return Promise.resolve()
    const known = this.#settling.get(connection)
    if (known !== undefined) return known.promise
    const settling = guarded(createDeferred<void>())
    this.#settling.set(connection, settling)
    return settling.promise
  }

  /** The error that names each server and why it cannot be used. */
  unavailable(): ServerUnavailable {
    return unavailableError(this.#connections)
  }

  /** Tells `watcher` of each change until it is taken away. */
  watch(watcher: ConnectionObserver<S>): void {
    this.#watchers.add(watcher)
  }

  /** Takes a watcher away. */
  unwatch(watcher: ConnectionObserver<S>): void {
    this.#watchers.delete(watcher)
  }

  /** Closes every connection for good. */
  close(): void {
    this.#isClosed = true
    this.#ready = []
    for (const connection of this.#connections) connection.close()
    const error = closedError()
    this.#hasty?.done.reject(error)
    this.#hasty = undefined
    this.#patient?.reject(error)
    this.#patient = undefined
  }

  /** Resolves when nothing is left of the connections after {@link close}. */
  async whenClosed(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.whenClosed()))
  }

  #onChange(connection: GearmanConnection<S>, event: ConnectionStateEvent): void {
    // What is being closed takes no more jobs, although the last of its servers are still there.
    if (!this.#isClosed) this.#ready = this.#connections.filter(({ connected }) => connected)
    if (event.to !== 'connecting') {
      this.#settling.get(connection)?.resolve()
      this.#settling.delete(connection)
    }
    if (event.to === 'ready') this.#wakeWaiters()
    if (event.to === 'failed') this.#giveUpHasty(connection)
    for (const watcher of [...this.#watchers]) watcher.onState(connection, event)
    this.#onState(event)
  }

  #wakeWaiters(): void {
    this.#hasty?.done.resolve()
    this.#patient?.resolve()
    this.#hasty = undefined
    this.#patient = undefined
  }

  #giveUpHasty(connection: GearmanConnection<S>): void {
    const hasty = this.#hasty
    if (hasty === undefined) return
    hasty.untried.delete(connection)
    if (hasty.untried.size > 0) return
    this.#hasty = undefined
    hasty.done.reject(this.unavailable())
  }
}

/** Its waiters may all have left by the time that it is rejected. */
function guarded(deferred: Deferred<void>): Deferred<void> {
  deferred.promise.catch(() => undefined)
  return deferred
}

/** The error that names servers that cannot be used, and why. */
export function unavailableError(connections: readonly GearmanConnection[]): ServerUnavailable {
  return new ServerUnavailable(
    connections.map(({ server, lastError }) => ({ server, cause: lastError })),
  )
}

/** The error of those who come too late. */
export function closedError(): ConnectionError {
  return new ConnectionError('the connections are closed')
}
