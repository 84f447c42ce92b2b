import type { ConnectionGroup } from '../connection/connection-group.ts'
import { checkBoolean } from '../core/checks.ts'
import { ConnectionError, InvalidClientState } from '../errors.ts'
import { JOB_CREATED, JOB_PENDING } from '../jobs/constants.ts'
import type { SubmitMultipleRequestsOptions } from './client-options.ts'
import type { ClientSession } from './client-session.ts'
import { type CallKind, JobCall } from './job-call.ts'
import { JobCanceller } from './job-canceller.ts'
import { type DispatcherHost, JobDispatcher } from './job-dispatcher.ts'
import type { GearmanJobRequest } from './job-request.ts'
import type { RequestFactory } from './request-factory.ts'
import type { WaitListener } from './request-wait.ts'
import { isAccepted, isDone, type RequestWaiter } from './request-waiter.ts'
import { needsSubmission } from './submit-packet.ts'
import type { WaitLimits } from './wait.ts'

/** What a submitter works with. */
export interface SubmitterParts {
  readonly host: DispatcherHost
  readonly group: ConnectionGroup<ClientSession>
  readonly factory: RequestFactory
  readonly waiter: RequestWaiter
}

type Scope = Pick<SubmitMultipleRequestsOptions, 'waitUntilComplete'>

/** Gives what becomes of a request, as {@link CallKind.outcomeOf}. */
export type OutcomeOf<T> = (request: GearmanJobRequest) => T

/** What all submitting calls of a client have in common. */
export class RequestSubmitter {
  readonly #group: ConnectionGroup<ClientSession>
  readonly #factory: RequestFactory
  readonly #waiter: RequestWaiter
  readonly #dispatcher: JobDispatcher
  readonly #canceller: JobCanceller
  readonly #acceptance: WaitListener = {
    onWaitEnd: (requests, { signal }) =>
      this.#conclude(requests, signal?.aborted === true, isPending),
  }
  readonly #completion: WaitListener = {
    onWaitEnd: (requests, { signal }) =>
      this.#conclude(requests, signal?.aborted === true, isOverdue),
  }
  #isShutDown = false

  constructor({ host, group, factory, waiter }: SubmitterParts) {
    this.#group = group
    this.#factory = factory
    this.#waiter = waiter
    this.#dispatcher = new JobDispatcher(host, () => this.#isShutDown)
    this.#canceller = new JobCanceller(this.#dispatcher, waiter)
  }

  /**
   * Sends, and gives the promise that the call waits for: one, however many requests there are. All are checked and
   * encoded before any is sent.
   *
   * @returns whether they are done, or accepted if that is all that is waited for; `false`: the time ran out
   */
  submit(
    requests: readonly GearmanJobRequest[],
    scope: Scope,
    limits: WaitLimits,
  ): Promise<boolean> {
    this.checkOpen()
    checkBoolean('waitUntilComplete', scope.waitUntilComplete ?? true)
    limits.signal?.throwIfAborted()
    for (const { progress } of requests) progress.isLeft = false
    const unsent = requests.filter(needsSubmission)
    for (const request of unsent) {
      this.#factory.complete(request)
      this.#dispatcher.encode(request)
    }
    for (const request of unsent) {
      // One that is named twice is sent once.
      if (needsSubmission(request)) this.#begin(request, limits)
    }
    return scope.waitUntilComplete === false
      ? this.#waiter.wait(requests, isAccepted, limits, this.#acceptance)
      : this.#waiter.wait(requests, isDone, limits, this.#completion)
  }

  /**
   * Sends a new request, and gives the promise of the call.
   *
   * @throws what {@link submit} throws; nothing was sent then
   */
  call<T>(request: GearmanJobRequest, kind: CallKind<T>, limits: WaitLimits): Promise<T> {
    this.checkOpen()
    limits.signal?.throwIfAborted()
    this.#factory.complete(request)
    this.#dispatcher.encode(request)
    this.#begin(request, limits)
    return new JobCall(request, kind).start(limits)
  }

  /** Calls that end when their job has; `outcomeOf` gives what they give. */
  untilDone<T>(outcomeOf: OutcomeOf<T>): CallKind<T> {
    const onLeft = (request: GearmanJobRequest, isAborted: boolean): void =>
      this.#conclude([request], isAborted, isOverdue)
    return { waits: this.#waiter.waits, isDone, onLeft, outcomeOf }
  }

  /** Calls that end when a server has accepted their job. */
  untilAccepted<T>(outcomeOf: OutcomeOf<T>): CallKind<T> {
    const onLeft = (request: GearmanJobRequest, isAborted: boolean): void =>
      this.#conclude([request], isAborted, isPending)
    return { waits: this.#waiter.waits, isDone: isAccepted, onLeft, outcomeOf }
  }

  /** @throws InvalidClientState when the client was shut down */
  checkOpen(): void {
    if (this.#isShutDown) throw new InvalidClientState('the client was shut down')
  }

  /** From now on nothing is sent. */
  shutDown(): void {
    this.#isShutDown = true
  }

  /** Settles everything that somebody still waits for after {@link shutDown}. */
  abandonAll(): void {
    const error = new ConnectionError('the client was shut down')
    for (const request of this.#waiter.pending()) this.#dispatcher.abandon(request, error)
  }

  /**
   * The call is over: what has not left by now must not leave later. An aborted call is told the reason of its signal; no
   * clock ran out then, and no server is to blame.
   */
  #conclude(
    requests: readonly GearmanJobRequest[],
    isAborted: boolean,
    isLate: (request: GearmanJobRequest) => boolean,
  ): void {
    if (!requests.every(isAccepted)) {
      const error = isAborted ? undefined : this.#group.unavailable()
      for (const request of requests) this.#dispatcher.withdraw(request, error)
    }
    for (const request of requests) {
      const isUnderWay = isLate(request)
      if (isUnderWay) request.progress.isLeft = true
      if (!isAborted) request.timedOut = isUnderWay
    }
  }

  #begin(request: GearmanJobRequest, limits: WaitLimits): void {
    request.owner = this.#canceller
    request.progress.isPatient = limits.isGiven
    request.connectionAttempts = 0
    request.error = undefined
    request.timedOut = false
    this.#dispatcher.submit(request)
  }
}

/** Design 3.5: the clock ran out on a job that was sent; nothing else. */
export function isOverdue(request: GearmanJobRequest): boolean {
  const isUnderWay = request.state === JOB_PENDING || request.state === JOB_CREATED
  return isUnderWay && !request.complete
}

/** The same, when only the acceptance was waited for. */
function isPending(request: GearmanJobRequest): boolean {
  return request.state === JOB_PENDING
}
