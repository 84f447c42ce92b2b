import type { Socket } from 'node:net'
import { createLog } from '../core/log.ts'
import { PatientTimer } from '../core/patient-timer.ts'
import type { GearmanError } from '../errors.ts'
import { dial } from '../transport/dial.ts'
import { ReadBlock } from '../transport/read-block.ts'
import { reconnect } from '../transport/reconnect.ts'
import { type ClientTlsOptions, readClientTls } from './client-tls.ts'
import { connectionError, connectionFailure } from './connection-failure.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import {
  assertTransition,
  type ConnectionRoleName,
  type ConnectionSnapshot,
  type ConnectionState,
  type ConnectionStateEvent,
} from './connection-state.ts'
import { Conversation } from './conversation.ts'
import { Easing } from './easing.ts'
import { Pause } from './pause.ts'
import type { ResolvedAddress } from './server-address.ts'
import type { ServerCandidate } from './server-selection.ts'
import type { Session, SessionLink } from './session.ts'

const log = createLog('connection')

/** A role: its name, and the protocol state that each new connection of it begins with. */
export interface ConnectionRole<S extends Session> {
  readonly name: ConnectionRoleName
  /** Makes the session of one connect. */
  createSession(link: SessionLink, connection: GearmanConnection<S>): S
}

/** Told of each change, after it. */
export interface ConnectionObserver<S extends Session> {
  /** The state of a connection has changed. */
  onState(connection: GearmanConnection<S>, event: ConnectionStateEvent): void
}

/**
 * One server in one role. It is dialled at its first use and, from then on, again and again until it is
 * closed; each connect begins with a new session.
 */
export class GearmanConnection<S extends Session = Session> implements ServerCandidate {
  /** See {@link ServerCandidate.weight}. */
  readonly weight: number
  readonly #address: ResolvedAddress
  #tls: ClientTlsOptions | undefined
  readonly #role: ConnectionRole<S>
  readonly #settings: ConnectionSettings
  readonly #observer: ConnectionObserver<S>
  readonly #closing = new AbortController()
  readonly #pause = new Pause()
  #state: ConnectionState = 'idle'
  #since = Date.now()
  /** While the state is `failed`: when the next attempt begins, on the clock of `performance.now()`. */
  #retryAtMs = Number.POSITIVE_INFINITY
  /** The same in milliseconds since 1970. */
  #retryAt: number | undefined
  #roundTripMs: number | undefined
  readonly #easing: Easing
  #attempt: AbortController | undefined
  #conversation: Conversation<S> | undefined
  #readySinceMs = 0
  #connectCount = 0
  #lastError: GearmanError | undefined
  /** Before this time nobody can have the server dialled. */
  #dialableAtMs = Number.NEGATIVE_INFINITY
  /** Whether the last failure was an attempt in vain, not the loss of a connection. */
  #isTried = false
  #flaps = 0
  #isHeld = false
  #closed: Promise<void> | undefined

  /** @internal Connections are made by their manager. */
  constructor(
    address: ResolvedAddress,
    role: ConnectionRole<S>,
    settings: ConnectionSettings,
    observer: ConnectionObserver<S>,
  ) {
    this.#address = address
    this.#tls = address.tls
    this.#role = role
    this.#settings = settings
    this.#observer = observer
    this.#easing = new Easing(settings.easeInTimeMs)
    this.weight = address.weight ?? settings.weights.get(address.name) ?? 1
  }

  /** The server as `host:port`. */
  get server(): string {
    return this.#address.name
  }

  /** The host of the server. */
  get host(): string {
    return this.#address.host
  }

  /** The port of the server. */
  get port(): number {
    return this.#address.port
  }

  /** What the connection is for. */
  get role(): ConnectionRoleName {
    return this.#role.name
  }

  /** The state now. */
  get state(): ConnectionState {
    return this.#state
  }

  /** Why the server could not be reached, or was lost, last. */
  get lastError(): GearmanError | undefined {
    return this.#lastError
  }

  /** Whether the server has answered on this connection, which is still open. */
  get connected(): boolean {
    return this.#state === 'ready'
  }

  /**
   * Jobs with this server. Of a client: submitted and not answered, or in the foreground and not ended. Of a worker:
   * taken and not ended.
   */
  get outstandingJobs(): number {
    return this.#conversation?.session.outstandingJobs ?? 0
  }

  /** See {@link ServerCandidate.acceptLatency}. */
  get acceptLatency(): number | undefined {
    return this.#conversation?.session.acceptLatency
  }

  /** See {@link ServerCandidate.easing}. */
  get easing(): number {
    return this.#easing.part
  }

  /** See {@link ServerCandidate.reportedJobs}. */
  reportedJobs(task: string): number | undefined {
    return this.#conversation?.session.reportedJobs(task)
  }

  /** How it is now. */
  get snapshot(): ConnectionSnapshot {
    const { server, role, state, lastError, outstandingJobs } = this
    return {
      ...{ server, role, state, lastError, outstandingJobs },
      since: this.#since,
      retryAt: state === 'failed' ? this.#retryAt : undefined,
      roundTripTime: this.#roundTripMs,
    }
  }

  /** @internal How often the server was reached: tells whether handles of then still mean the same. */
  get connectCount(): number {
    return this.#connectCount
  }

  /** @internal The protocol state, while {@link connected}. */
  get session(): S | undefined {
    return this.#state === 'ready' ? this.#conversation?.session : undefined
  }

  /** @internal Bytes that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#conversation?.unsentBytes ?? 0
  }

  /**
   * @internal Dials, if nobody does: at the first use, or sooner than the back-off has it. An attempt in vain that is
   * younger than the shortest delay stands: a storm of calls must not become a storm of connects.
   *
   * @returns whether an attempt is under way or about to begin, or the connection is ready
   */
  dial(): boolean {
    if (this.#state === 'idle') {
      void this.#run()
      return true
    }
    if (this.#state !== 'failed') return !this.isOver
    if (this.#isTried && performance.now() < this.#dialableAtMs) return false
    const soonestMs = Math.max(this.#dialableAtMs, performance.now())
    if (soonestMs < this.#retryAtMs) this.#retryFrom(soonestMs)
    this.#pause.endBy(this.#dialableAtMs)
    return true
  }

  /** @internal TLS from the next connect on. */
  reloadTls(tls: ClientTlsOptions): void {
    this.#tls = tls
  }

  /** @internal Whether this connection may keep the process alive. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#pause.hold(isHeld)
    this.#conversation?.hold(isHeld)
  }

  /** @internal Gives up what is open; the server is dialled again, at once when {@link dial} is called. */
  drop(error: GearmanError): void {
    this.#conversation?.drop(error)
    this.#dialableAtMs = Number.NEGATIVE_INFINITY // Our choice: it says nothing of the server.
  }

  /** @internal Whether nothing new is taken, for good. */
  get isOver(): boolean {
    return this.#state === 'draining' || this.#state === 'closed'
  }

  /** @internal Takes nothing new; what is under way may end until {@link close}. */
  drain(): void {
    if (this.#state === 'ready') this.#setState('draining')
    else if (!this.isOver) this.close()
  }

  /** @internal Closes for good, after what is queued is written. */
  close(): void {
    if (this.#closing.signal.aborted) return
    const error = connectionError(this.server, 'closed')
    const conversation = this.#conversation
    this.#conversation = undefined
    this.#closing.abort(error)
    if (this.#state === 'ready') this.#setState('draining')
    if (this.#state === 'draining') this.#closed = this.#end(conversation, error)
    else {
      this.#setState('closed')
      this.#attempt?.abort(error)
      this.#closed = conversation?.end(error)
    }
  }

  /** @internal Resolves when nothing is left of a connection after {@link close}. */
  async whenClosed(): Promise<void> {
    await this.#closed
  }

  async #end(conversation: Conversation<S> | undefined, error: GearmanError): Promise<void> {
    await conversation?.end(error)
    this.#setState('closed')
  }

  /** The one loop that dials this server: until it is ready, and again whenever it is lost. */
  async #run(): Promise<void> {
    const { signal } = this.#closing
    try {
      if (this.#state === 'failed') {
        await this.#pause.wait(Math.max(0, this.#retryAtMs - performance.now()), signal)
      }
      await reconnect(() => this.#connect(), {
        minDelayMs: this.#settings.reconnectMinDelayMs,
        maxDelayMs: this.#settings.reconnectMaxDelayMs,
        failuresBefore: this.#flaps,
        signal,
        onFailure: (error, delayMs) => this.#onConnectFailed(error, delayMs),
        wait: (delayMs) => this.#pause.wait(delayMs, signal),
      })
    } catch (error) {
      // Only close() ends the loop without success.
      if (!signal.aborted) throw error
    }
  }

  #delayBoundMs(): number {
    const { reconnectMinDelayMs, reconnectMaxDelayMs } = this.#settings
    return Math.min(reconnectMaxDelayMs, reconnectMinDelayMs * 2 ** this.#flaps)
  }

  /** One attempt: resolves at the first reply. */
  async #connect(): Promise<void> {
    this.#setState('connecting')
    this.#closing.signal.throwIfAborted() // A listener may have closed it.
    const attempt = new AbortController()
    this.#attempt = attempt
    const { connectTimeoutMs } = this.#settings
    const onTimeout = (): void => {
      attempt.abort(connectionError(this.server, `no answer within ${connectTimeoutMs} ms`))
    }
    const timer = Number.isFinite(connectTimeoutMs)
      ? new PatientTimer(connectTimeoutMs, onTimeout)
      : undefined
    try {
      const { host, port } = this.#address
      const tls = this.#tls && (await readClientTls(this.server, this.#tls))
      const { lookup } = this.#settings
      const reads = new ReadBlock()
      const socket = await dial({ host, port, tls, lookup, reads, signal: attempt.signal })
      await this.#awaitFirstReply(socket, reads, attempt.signal)
    } finally {
      timer?.stop()
    }
  }

  #awaitFirstReply(socket: Socket, reads: ReadBlock, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => conversation.drop(signal.reason)
      const conversation = new Conversation<S>(
        socket,
        reads,
        this.server,
        this.#settings,
        (link) => this.#role.createSession(link, this),
        {
          onFirstReply: () => {
            signal.removeEventListener('abort', onAbort)
            this.#onReady()
            resolve()
          },
          onRoundTrip: (roundTripMs) => {
            this.#roundTripMs = roundTripMs
          },
          onEnd: (error, wasMidPacket) => {
            signal.removeEventListener('abort', onAbort)
            const failure = this.#onEnd(conversation, error, wasMidPacket)
            reject(failure)
            return failure
          },
        },
      )
      signal.addEventListener('abort', onAbort, { once: true })
      this.#conversation = conversation
      conversation.hold(this.#isHeld)
      conversation.start()
      if (signal.aborted) onAbort()
    })
  }

  #onReady(): void {
    this.#connectCount += 1
    this.#readySinceMs = performance.now()
    if (this.#lastError !== undefined) this.#easing.begin()
    this.#setState('ready')
  }

  #onEnd(
    conversation: Conversation<S>,
    error: Error | undefined,
    wasMidPacket: boolean,
  ): GearmanError {
    const where = wasMidPacket ? ' in the middle of a packet' : ''
    const problem = `the server closed the connection${where}`
    const failure = connectionFailure(this.server, error, problem)
    if (this.#conversation !== conversation) return failure
    this.#conversation = undefined
    if (this.#state === 'draining') this.#onLostWhileDraining(failure)
    if (this.#state !== 'ready') return failure
    const nowMs = performance.now()
    const wasStable = nowMs - this.#readySinceMs > this.#delayBoundMs()
    this.#flaps = wasStable ? 0 : this.#flaps + 1
    this.#lastError = failure
    this.#isTried = false
    this.#dialableAtMs = wasStable ? nowMs : nowMs + this.#settings.reconnectMinDelayMs
    this.#retryFrom(nowMs + Math.round(Math.random() * this.#delayBoundMs()))
    this.#setState('failed', failure)
    void this.#run()
    return failure
  }

  #onLostWhileDraining(failure: GearmanError): void {
    this.#lastError = failure
    this.#closing.abort(failure)
    this.#setState('closed')
  }

  #onConnectFailed(error: Error, delayMs: number): void {
    if (this.#state !== 'connecting') return
    const failure = connectionFailure(this.server, error, 'the connection failed')
    this.#lastError = failure
    this.#isTried = true
    const nowMs = performance.now()
    this.#dialableAtMs = nowMs + this.#settings.reconnectMinDelayMs
    this.#retryFrom(nowMs + delayMs)
    this.#setState('failed', failure)
  }

  #retryFrom(timeMs: number): void {
    this.#retryAtMs = timeMs
    this.#retryAt = Math.round(Date.now() + timeMs - performance.now())
  }

  /** The only writer of the state. */
  #setState(to: ConnectionState, error?: GearmanError): void {
    const from = this.#state
    assertTransition(from, to)
    this.#state = to
    this.#since = Date.now()
    log('%s (%s): %s -> %s %s', this.server, this.role, from, to, error?.message ?? '')
    const { server, role } = this
    const retryAt = to === 'failed' ? this.#retryAt : undefined
    this.#observer.onState(this, { server, role, from, to, error, retryAt })
  }
}
