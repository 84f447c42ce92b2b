import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { Fifo } from '../core/fifo.ts'
import { createLog } from '../core/log.ts'
import {
  ConnectionError,
  type GearmanError,
  InvalidAdminClientState,
  ServerUnavailable,
} from '../errors.ts'
import { type AdminCallOptions, resolveCallOptions } from './admin-options.ts'
import type { LossListener, PendingRequest } from './admin-request.ts'
import type { AdminSession } from './admin-session.ts'

const log = createLog('admin')

/** A request with the promise that it settles. */
export interface AnsweredRequest<Answer> extends PendingRequest {
  /** The answer. */
  readonly answer: Promise<Answer>
}

/** The calls of one admin client: brings each to the connection, in order, and watches its limits. */
export class AdminCalls {
  readonly #group: ConnectionGroup<AdminSession>
  readonly #connection: GearmanConnection<AdminSession>
  readonly #pollTimeoutMs: number | undefined
  readonly #pending = new Set<PendingRequest>()
  readonly #unsent = new Fifo<PendingRequest>()
  #isClosed = false

  /** @param pollTimeoutMs - how long a call waits that says nothing else; `undefined`: no limit */
  constructor(
    group: ConnectionGroup<AdminSession>,
    connection: GearmanConnection<AdminSession>,
    pollTimeoutMs: number | undefined,
  ) {
    this.#group = group
    this.#connection = connection
    this.#pollTimeoutMs = pollTimeoutMs
  }

  /** To be told by each request of the loss of its connection. */
  readonly onLoss: LossListener = (request, error, wasSent) => {
    // Another call was not answered in time and gave the connection up: this one starts again.
    const isGivenUp = error instanceof InvalidAdminClientState
    if (isGivenUp && (request.isRepeatable || !wasSent)) this.#send(request)
    else request.fail(this.#lossOf(request, error))
  }

  /**
   * Makes a call. Settles with its answer, or as soon as one of its limits is reached.
   *
   * @throws InvalidArgumentError for options out of range
   */
  async run<Answer>(
    request: AnsweredRequest<Answer>,
    options: AdminCallOptions | undefined,
  ): Promise<Answer> {
    const { pollTimeoutMs, signal } = resolveCallOptions(options, this.#pollTimeoutMs)
    if (this.#isClosed) throw closedState()
    signal?.throwIfAborted()
    const onAbort = (): void => request.fail(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = this.#startTimer(request, pollTimeoutMs)
    this.#group.hold()
    this.#pending.add(request)
    this.#send(request)
    try {
      return await request.answer
    } finally {
      this.#pending.delete(request)
      this.#group.release()
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Settles every call that waits, and refuses new ones. */
  close(): void {
    this.#isClosed = true
    for (const request of this.#pending) request.fail(closedState())
  }

  #startTimer(
    request: PendingRequest,
    pollTimeoutMs: number | undefined,
  ): NodeJS.Timeout | undefined {
    if (pollTimeoutMs === undefined) return undefined
    return setTimeout(() => this.#giveUp(request, pollTimeoutMs), pollTimeoutMs)
  }

  /** One that is sent and not answered blocks every other behind it: the connection has to go. */
  #giveUp(request: PendingRequest, pollTimeoutMs: number): void {
    const { server, lastError } = this.#connection
    const message = `${server} did not answer "${request.command}" within ${pollTimeoutMs} ms`
    const error = new InvalidAdminClientState(
      message,
      lastError === undefined || request.isAsked ? undefined : { cause: lastError },
    )
    request.fail(error)
    if (request.isAsked) this.#connection.drop(error)
  }

  /** Calls that are made while the server is dialled wait here, so that they keep their order. */
  #send(request: PendingRequest): void {
    this.#unsent.push(request)
    // Later: a connection that is just being lost ends its own bookkeeping first.
    if (this.#unsent.length === 1) queueMicrotask(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    try {
      await this.#group.whenSettled(this.#connection)
      const { session } = this.#connection
      if (session === undefined) throw this.#unreachable()
      for (const request of this.#unsent.drain()) {
        if (request.isSettled) continue
        log('%s: %s', this.#connection.server, request.command)
        session.ask(request)
      }
    } catch (error) {
      const reason = this.#isOver ? closedState(error) : error
      for (const request of this.#unsent.drain()) request.fail(reason)
    }
  }

  /** The manager that this client shares was closed. */
  get #isOver(): boolean {
    return this.#connection.isOver
  }

  #unreachable(): ServerUnavailable {
    const { server, lastError } = this.#connection
    return new ServerUnavailable([{ server, cause: lastError }])
  }

  #lossOf(request: PendingRequest, error: GearmanError): GearmanError {
    if (this.#isOver) return closedState(error)
    if (!(error instanceof InvalidAdminClientState)) return error
    const { server } = this.#connection
    const message = `${server}: the connection was given up before "${request.command}" was answered`
    return new ConnectionError(message, { server, cause: error })
  }
}

function closedState(cause?: unknown): InvalidAdminClientState {
  return new InvalidAdminClientState(
    'the admin client is closed',
    cause === undefined ? undefined : { cause },
  )
}
