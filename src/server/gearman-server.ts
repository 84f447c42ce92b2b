import { checkDuration } from '../core/checks.ts'
import { createLog } from '../core/log.ts'
import { TypedEmitter } from '../core/typed-emitter.ts'
import { ConnectionError } from '../errors.ts'
import { Drain, type Remaining } from './drain.ts'
import { createHttpFront } from './http/create-http-front.ts'
import type { HttpConnection } from './http/http-connection.ts'
import type { HttpFront } from './http/http-front.ts'
import { SystemClock } from './queue/clock.ts'
import { JobTable } from './queue/job-table.ts'
import { Submissions } from './queue/submissions.ts'
import { WorkerDesk } from './queue/worker-desk.ts'
import { type ResolvedServerOptions, resolveServerOptions } from './resolved-server-options.ts'
import type { ServerConnection } from './server-connection.ts'
import { ServerConnections } from './server-connections.ts'
import type { ServerEvents } from './server-events.ts'
import { type ServerEndpoint, ServerListener } from './server-listener.ts'
import type { ServerOptions, ServerTlsOptions } from './server-options.ts'
import type { ServerStats } from './server-stats.ts'
import type { SessionContext } from './session/server-session.ts'
import { describePeer, ServerReports } from './stats/server-reports.ts'
import { takeStats } from './stats/take-stats.ts'
import { StoreKeeper } from './stores/store-keeper.ts'
import { createStoreReports } from './stores/store-reports.ts'

const log = createLog('server')

/** How {@link GearmanServer.close} stops. */
export interface ServerCloseOptions {
  /**
   * Refuses new submissions, lets running jobs end, and hands out what is queued as long as connected
   * workers take it; then closes. While no job runs it waits for a worker to take the next one as long as the
   * server's option `drainTimeout` says.
   * @defaultValue false: closes at once
   */
  readonly graceful?: boolean | undefined
  /**
   * With `graceful`: after so many milliseconds it closes all the same.
   * @defaultValue no limit
   */
  readonly timeout?: number | undefined
}

/**
 * - `idle`: not started, or the last `listen()` failed
 * - `starting`: the port is being opened
 * - `listening`: accepts connections
 * - `draining`: accepts none and no jobs, waits for what runs
 * - `closed`: for good
 */
type ServerState = 'idle' | 'starting' | 'listening' | 'draining' | 'closed'

/**
 * A Gearman job server inside this process. On the wire it behaves as gearmand 1.1.20.
 *
 * Jobs live in memory: they are gone when the server closes, but for background jobs with the option
 * `store`. Several servers in one process are independent of each other.
 */
export class GearmanServer {
  readonly #events = new TypedEmitter<ServerEvents>()
  readonly #options: ResolvedServerOptions
  readonly #listener: ServerListener
  readonly #connections: ServerConnections
  readonly #reports: ServerReports
  readonly #clock = new SystemClock()
  readonly #drain: Drain
  readonly #table: JobTable
  readonly #keeper: StoreKeeper | undefined
  readonly #submissions: Submissions
  readonly #context: SessionContext
  readonly #http: HttpFront | undefined
  #state: ServerState = 'idle'
  #address: ServerEndpoint | undefined
  #httpAddress: ServerEndpoint | undefined
  #starting: Promise<ServerEndpoint> | undefined
  #closing: Promise<void> | undefined

  /**
   * @throws InvalidArgumentError naming the option that is wrong
   */
  constructor(options: ServerOptions = {}) {
    this.#options = resolveServerOptions(options)
    this.#listener = new ServerListener(this.#options, {
      onSocket: (socket) => {
        if (this.#isClosed()) socket.destroy()
        else this.#connections.open(socket)
      },
      onError: (error) => this.#onError(error),
      onRefused: (event) => this.#events.emit('connectionRefused', event),
    })
    this.#reports = new ServerReports(
      this.#events,
      () => this.#table,
      () => this.#drain.check(),
    )
    this.#drain = new Drain(
      {
        remaining: () => this.#remaining(),
        progress: () => this.#reports.totals.assigned,
      },
      this.#options.drainTimeoutMs,
    )
    const { store } = this.#options
    this.#keeper =
      store === undefined
        ? undefined
        : new StoreKeeper(
            store,
            () => this.#table,
            createStoreReports(store.name, this.#events, () => this.#drain.check()),
          )
    this.#table = new JobTable(this.#options, {
      clock: this.#clock,
      observer: this.#reports,
      store,
      storeObserver: this.#keeper,
    })
    this.#submissions = new Submissions(this.#table)
    this.#context = {
      table: this.#table,
      submissions: this.#submissions,
      desk: new WorkerDesk(this.#table, this.#options),
      maxArgumentBytes: this.#options.maxArgumentBytes,
      observer: this.#reports,
      server: {
        peers: () => this.#allConnections().map(({ peer }) => peer),
        mayAdminister: ({ address }) => this.#options.adminAccess.allows(address),
        verbose: this.#options.verbose,
        shutdown: (isGraceful) => this.#shutdown(isGraceful),
      },
    }
    this.#connections = new ServerConnections(this.#options, {
      context: this.#context,
      others: () => this.#http?.connections ?? [],
      handler: {
        onOpen: ({ peer }) => this.#events.emit('connectionOpened', describePeer(peer)),
        onData: (byteCount) => this.#onData(byteCount),
        onClose: (connection, error) => this.#onConnectionClosed(connection, error),
      },
    })
    this.#http = this.#createHttp()
  }

  /** Where the server listens; `undefined` before `listen()` has resolved and after `close()`. */
  get address(): ServerEndpoint | undefined {
    return this.#address
  }

  /**
   * Where the server listens for HTTP; `undefined` without the option `http`, before `listen()` has resolved
   * and after `close()`.
   */
  get httpAddress(): ServerEndpoint | undefined {
    return this.#httpAddress
  }

  /**
   * Counts since the server was made, and where jobs are now. They are kept anyway; asking costs a little for
   * each function. Several calls are told apart by the caller: nothing is reset.
   */
  stats(): ServerStats {
    return takeStats(this.#table, this.#reports, {
      uptimeMs: this.#clock.elapsedMs(),
      connections: this.#allConnections(),
      connectionCount: this.#connections.totalCount,
    })
  }

  /** Calls `listener` at each event of that name. What it throws is logged and goes no further. */
  on<Name extends keyof ServerEvents>(name: Name, listener: ServerEvents[Name]): this {
    this.#events.on(name, listener)
    return this
  }

  /** Calls `listener` at the next event of that name only. */
  once<Name extends keyof ServerEvents>(name: Name, listener: ServerEvents[Name]): this {
    this.#events.once(name, listener)
    return this
  }

  /** Takes a listener away. */
  off<Name extends keyof ServerEvents>(name: Name, listener: ServerEvents[Name]): this {
    this.#events.off(name, listener)
    return this
  }

  /**
   * Opens the port, and that for HTTP if there is one, and serves. Connections are served before this resolves.
   *
   * Rejects with ConnectionError when a port cannot be opened (its `cause` is the system's error), when
   * the server listens already, and when it was closed. After a port that could not be opened it may be
   * called again: either both are open, or none.
   *
   * @returns the address and the port, which is of interest when the option `port` was 0
   */
  async listen(): Promise<ServerEndpoint> {
    if (this.#state !== 'idle') throw new ConnectionError(refusal(this.#state))
    this.#state = 'starting'
    this.#starting = this.#start()
    return await this.#starting
  }

  /**
   * Stops: closes the port, all connections and all timers. Answers that are on their way are sent.
   *
   * Calling it again is harmless; without `graceful` it cuts a graceful stop short.
   *
   * @throws InvalidArgumentError (as a rejection) about `timeout`
   */
  async close(options: ServerCloseOptions = {}): Promise<void> {
    const timeoutMs = checkDuration('timeout', options.timeout)
    if (options.graceful === true && this.#state === 'listening') {
      this.#closing = this.#closeGracefully(timeoutMs)
    } else if (options.graceful !== true || this.#closing === undefined) {
      this.#drain.end()
      if (this.#state !== 'draining') this.#closing ??= this.#closeNow()
    }
    await this.#closing
  }

  /**
   * Changes the key and the certificates: for connections from now on; open ones keep theirs. Taken are
   * `key`, `cert`, `pfx`, `passphrase`, `ca`, `crl`, ciphers and versions of TLS; whether clients need a
   * certificate stays as it was.
   *
   * @throws InvalidArgumentError about `tls` when the server was made without TLS, or they cannot be used;
   * then nothing has changed
   */
  reloadTls(options: ServerTlsOptions): void {
    this.#listener.reloadTls(options)
    log('the certificates were changed')
  }

  /** As `close()`: `await using server = new GearmanServer()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(): Promise<ServerEndpoint> {
    try {
      await this.#keeper?.open()
      if (this.#isClosed()) throw new ConnectionError('the server was closed while it started')
      const address = await this.#listener.open()
      const httpAddress = await this.#openHttp()
      if (this.#isClosed()) throw new ConnectionError('the server was closed while it started')
      this.#address = address
      this.#httpAddress = httpAddress
      this.#state = 'listening'
      log('listening on %s:%d', address.host, address.port)
      this.#events.emit('listening', address)
      return address
    } catch (error) {
      await this.#keeper?.end()
      this.#table.forgetAll()
      if (!this.#isClosed()) this.#state = 'idle'
      throw error
    }
  }

  /** Opens the second port; when that fails the first one is closed again. */
  async #openHttp(): Promise<ServerEndpoint | undefined> {
    if (this.#http === undefined || this.#isClosed()) return undefined
    try {
      return await this.#http.open()
    } catch (error) {
      if (!this.#isClosed()) {
        this.#listener.destroySockets()
        await this.#listener.close()
      }
      throw error
    }
  }

  #createHttp(): HttpFront | undefined {
    const parts = {
      table: this.#table,
      submissions: this.#submissions,
      observer: this.#reports,
      onHeld: (bytes: number) => this.#connections.onHeld(bytes),
    }
    return createHttpFront(this.#options, parts, {
      nextId: () => this.#connections.nextId(),
      onOpened: ({ peer }) => this.#events.emit('connectionOpened', describePeer(peer)),
      onClosed: ({ peer, sentBytes, receivedBytes }, error) => {
        this.#reports.receivedBytes += receivedBytes
        this.#reports.sentBytes += sentBytes
        this.#events.emit('connectionClosed', { ...describePeer(peer), error })
      },
      onRefused: (event) => this.#events.emit('connectionRefused', event),
      onError: (error) => this.#onError(error),
    })
  }

  #allConnections(): (ServerConnection | HttpConnection)[] {
    return [...this.#connections.all, ...(this.#http?.connections ?? [])]
  }

  async #closeGracefully(timeoutMs: number): Promise<void> {
    this.#state = 'draining'
    this.#events.emit('stopping', { graceful: true })
    this.#submissions.isClosed = true
    const portClosed = this.#listener.close()
    void this.#http?.drain()
    await this.#drain.wait(timeoutMs)
    await this.#closeNow(portClosed)
  }

  async #closeNow(portClosed?: Promise<void>): Promise<void> {
    const isFirst = this.#state !== 'draining'
    this.#state = 'closed'
    if (isFirst) this.#events.emit('stopping', { graceful: false })
    this.#address = undefined
    this.#httpAddress = undefined
    this.#table.stop()
    this.#connections.close()
    if (this.#connections.all.size === 0) this.#listener.destroySockets()
    // Whoever started the server learns why that failed; here it only has to be over.
    await this.#starting?.catch(() => undefined)
    await Promise.all([portClosed ?? this.#listener.close(), this.#http?.close()])
    await this.#keeper?.end()
    this.#events.emit('closed', {})
  }

  #remaining(): Remaining {
    // What was accepted is answered first.
    let remaining: Remaining = this.#table.commits?.isIdle === false ? 'waiting' : 'nothing'
    for (const { running, isReady, workers } of this.#table.functions.values()) {
      if (running > 0) return 'running'
      if (isReady && workers > 0) remaining = 'waiting'
    }
    return remaining
  }

  /** The answer to `shutdown` is queued before the connection closes. */
  #shutdown(isGraceful: boolean): void {
    process.nextTick(() => {
      this.close({ graceful: isGraceful }).catch((error: unknown) => log('shutdown: %O', error))
    })
  }

  /** Asked after an `await`, when the state may have changed. */
  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #onError(error: Error): void {
    log('the port, or a handshake: %s', error)
    this.#events.emit('error', { error })
  }

  #onData(byteCount: number): void {
    this.#reports.receivedBytes += byteCount
    this.#drain.check()
  }

  #onConnectionClosed(connection: ServerConnection, error: Error | undefined): void {
    this.#reports.sentBytes += connection.sentBytes
    this.#drain.check()
    if (this.#state === 'closed' && this.#connections.all.size === 0)
      this.#listener.destroySockets()
    this.#events.emit('connectionClosed', { ...describePeer(connection.peer), error })
  }
}

function refusal(state: ServerState): string {
  return state === 'closed' || state === 'draining'
    ? 'the server is closed; make a new one'
    : 'the server listens already'
}
