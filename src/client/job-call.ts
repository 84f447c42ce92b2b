import type { GearmanJobRequest } from './job-request.ts'
import { Wait, type WaitLimits, type WaitList } from './wait.ts'

/** What calls for one job of a kind have in common: what they wait for, and what they give. */
export interface CallKind<T> {
  /** The waits of the client. */
  readonly waits: WaitList
  /** Whether the wait is over. */
  isDone(request: GearmanJobRequest): boolean
  /** The wait ends before it is: by its signal, or its time. */
  onLeft(request: GearmanJobRequest, isAborted: boolean): void
  /**
   * What the call gives in the end.
   *
   * @throws what it rejects with
   */
  outcomeOf(request: GearmanJobRequest): T
}

/**
 * The call for one job, from its submission to the promise that its caller holds: the one promise there is, and few objects
 * more. Most jobs of most clients are submitted in this way.
 */
export class JobCall<T> extends Wait {
  readonly #request: GearmanJobRequest
  readonly #kind: CallKind<T>
  #resolve: ((outcome: T | Promise<T>) => void) | undefined = undefined

  constructor(request: GearmanJobRequest, kind: CallKind<T>) {
    super()
    this.#request = request
    this.#kind = kind
  }

  pending(): readonly GearmanJobRequest[] {
    return [this.#request]
  }

  protected get list(): WaitList {
    return this.#kind.waits
  }

  /** Begins to wait, for a request that was submitted. */
  start(limits: WaitLimits): Promise<T> {
    if (this.#kind.isDone(this.#request)) return Promise.resolve(outcome(this.#kind, this.#request))
    this.#request.progress.watch(this)
    this.begin(limits)
    // The other function, which would take memory as long as the job does, is made up for by a rejected promise.
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  onRequestChanged(request: GearmanJobRequest): void {
    if (!this.#kind.isDone(request)) return
    this.end()
    this.#resolve?.(outcome(this.#kind, request))
  }

  onAlarm(): void {
    this.end()
    this.#kind.onLeft(this.#request, false)
    this.#resolve?.(outcome(this.#kind, this.#request))
  }

  onAbort(signal: AbortSignal): void {
    this.end()
    this.#kind.onLeft(this.#request, true)
    this.#resolve?.(Promise.reject(signal.reason))
  }

  protected override end(): void {
    this.#request.progress.unwatch(this)
    super.end()
  }
}

function outcome<T>(kind: CallKind<T>, request: GearmanJobRequest): T | Promise<T> {
  try {
    return kind.outcomeOf(request)
  } catch (error) {
    return Promise.reject(error)
  }
}
