import type { GearmanJobRequest } from './job-request.ts'
import { Wait, type WaitLimits, type WaitList } from './wait.ts'

/** Told when a wait is over: one object for all waits of a kind, no closure for each. */
export interface WaitListener {
  /** The wait for these requests is over, in whatever way. */
  onWaitEnd(requests: readonly GearmanJobRequest[], limits: WaitLimits): void
}

/**
 * Waits until a condition holds for each of some requests. One promise and at most one timer, however many
 * requests there are.
 */
export class RequestWait extends Wait {
  protected readonly list: WaitList
  readonly #limits: WaitLimits
  readonly #requests: readonly GearmanJobRequest[]
  readonly #isDone: (request: GearmanJobRequest) => boolean
  readonly #listener: WaitListener | undefined
  /** How many requests the condition does not hold for yet; one that was given twice counts twice. */
  #openCount = 0
  #resolve: ((isDone: boolean) => void) | undefined
  #reject: ((reason: unknown) => void) | undefined

  /** @param listener - told once when a wait that was started ends in whatever way, before the caller goes on */
  constructor(
    list: WaitList,
    requests: readonly GearmanJobRequest[],
    isDone: (request: GearmanJobRequest) => boolean,
    limits: WaitLimits,
    listener?: WaitListener,
  ) {
    super()
    this.list = list
    this.#limits = limits
    this.#requests = requests
    this.#isDone = isDone
    this.#listener = listener
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
  start(): Promise<boolean> {
    for (const request of this.#requests) if (!this.#isDone(request)) request.progress.watch(this)
    this.begin(this.#limits)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  onRequestChanged(request: GearmanJobRequest): void {
    if (!this.#isDone(request)) return
    this.#openCount -= 1
    request.progress.unwatch(this)
    if (this.#openCount > 0) return
    this.#stop()
    this.#resolve?.(true)
  }

  onAlarm(): void {
    this.#leave()
    this.#resolve?.(false)
  }

  onAbort(signal: AbortSignal): void {
    this.#leave()
    this.#reject?.(signal.reason)
  }

  /** Ends before the condition holds for all. */
  #leave(): void {
    for (const request of this.#requests) request.progress.unwatch(this)
    this.#stop()
  }

  #stop(): void {
    this.end()
    this.#listener?.onWaitEnd(this.#requests, this.#limits)
  }
}
