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
  readonly #requests: readonly GearmanJobRequest[]
  readonly #isDone: (request: GearmanJobRequest) => boolean
  readonly #onEnd: (wait: RequestWait) => void
  /** How many requests the condition does not hold for yet; one that was given twice counts twice. */
  #openCount = 0
  #resolve: ((isDone: boolean) => void) | undefined
  #reject: ((reason: unknown) => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #signal: AbortSignal | undefined
  #onAbort: (() => void) | undefined

  /** @param onEnd - called once, when a wait that was started ends in whatever way */
  constructor(
    requests: readonly GearmanJobRequest[],
    isDone: (request: GearmanJobRequest) => boolean,
    onEnd: (wait: RequestWait) => void,
  ) {
    this.#requests = requests
    this.#isDone = isDone
    this.#onEnd = onEnd
    for (const request of requests) if (!isDone(request)) this.#openCount += 1
  }

  /** Whether there is nothing to wait for. */
  get isDone(): boolean {
    return this.#openCount === 0
  }

  /** The requests for which the condition does not hold yet. */
  pending(): readonly GearmanJobRequest[] {
    return this.#requests.filter((request) => !this.#isDone(request))
  }

  /**
   * Begins to wait.
   *
   * @returns whether the condition came to hold for all; `false`: the time ran out
   */
  start(limits: WaitLimits): Promise<boolean> {
    for (const request of this.#requests) if (!this.#isDone(request)) request.progress.watch(this)
    if (limits.signal !== undefined) this.#listen(limits.signal)
    if (limits.deadlineMs !== Number.POSITIVE_INFINITY) this.#arm(limits.deadlineMs)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** One of the requests has changed. */
  onRequestChanged(request: GearmanJobRequest): void {
    if (!this.#isDone(request)) return
    this.#openCount -= 1
    request.progress.unwatch(this)
    if (this.#openCount > 0) return
    this.#stop()
    this.#resolve?.(true)
  }

  #listen(signal: AbortSignal): void {
    this.#signal = signal
    this.#onAbort = (): void => {
      this.#leave()
      this.#reject?.(signal.reason)
    }
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  #arm(deadlineMs: number): void {
    const delayMs = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(deadlineMs - performance.now())))
    this.#timer = setTimeout(() => {
      if (performance.now() < deadlineMs) {
        this.#arm(deadlineMs)
        return
      }
      this.#leave()
      this.#resolve?.(false)
    }, delayMs)
  }

  /** Ends before the condition holds for all. */
  #leave(): void {
    this.#stop()
    for (const request of this.#requests) request.progress.unwatch(this)
  }

  #stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#onEnd(this)
  }
}
