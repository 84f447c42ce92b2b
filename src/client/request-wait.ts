import { createDeferred, type Deferred } from '../core/deferred.ts'
import type { GearmanJobRequest } from './job-request.ts'
import type { RequestWatcher } from './request-progress.ts'

/** When a wait ends early. */
export interface WaitLimits {
  /** The end of the time that the caller gave, on the clock of `performance.now()`; `Infinity`: none. */
  readonly deadlineMs: number
  /** Ends the wait; its promise rejects with the signal's reason. */
  readonly signal: AbortSignal | undefined
}

/** Node's timers run at once when a delay is larger. */
const MAX_TIMER_MS = 2_147_483_647

/**
 * Waits until a condition holds for each of some requests. One promise and at most one timer, however many
 * requests there are.
 */
export class RequestWait implements RequestWatcher {
  readonly #isDone: (request: GearmanJobRequest) => boolean
  readonly #open: Set<GearmanJobRequest>
  readonly #outcome: Deferred<boolean> = createDeferred<boolean>()
  #timer: NodeJS.Timeout | undefined
  #signal: AbortSignal | undefined
  readonly #onAbort = (): void => {
    this.#stop()
    this.#outcome.reject(this.#signal?.reason)
  }

  constructor(
    requests: readonly GearmanJobRequest[],
    isDone: (request: GearmanJobRequest) => boolean,
  ) {
    this.#isDone = isDone
    this.#open = new Set(requests.filter((request) => !isDone(request)))
  }

  /** Whether there is nothing to wait for. */
  get isDone(): boolean {
    return this.#open.size === 0
  }

  /** The requests for which the condition does not hold yet. */
  pending(): readonly GearmanJobRequest[] {
    return [...this.#open]
  }

  /**
   * Begins to wait.
   *
   * @returns whether the condition came to hold for all; `false`: the time ran out
   */
  start(limits: WaitLimits): Promise<boolean> {
    for (const request of this.#open) request.progress.watch(this)
    this.#signal = limits.signal
    limits.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (limits.deadlineMs !== Number.POSITIVE_INFINITY) this.#arm(limits.deadlineMs)
    return this.#outcome.promise
  }

  /** One of the requests has changed. */
  onRequestChanged(request: GearmanJobRequest): void {
    if (!this.#isDone(request)) return
    this.#open.delete(request)
    request.progress.unwatch(this)
    if (this.#open.size === 0) this.#end(true)
  }

  #arm(deadlineMs: number): void {
    const delayMs = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(deadlineMs - performance.now())))
    this.#timer = setTimeout(() => {
      if (performance.now() < deadlineMs) this.#arm(deadlineMs)
      else this.#end(false)
    }, delayMs)
  }

  #end(isDone: boolean): void {
    this.#stop()
    this.#outcome.resolve(isDone)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    for (const request of this.#open) request.progress.unwatch(this)
  }
}
