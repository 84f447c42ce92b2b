import { type AbortWatcher, unwatchAbort, watchAbort } from './abort-watch.ts'
import { type Alarm, type AlarmListener, setAlarm } from './alarm.ts'
import type { GearmanJobRequest } from './job-request.ts'
import type { RequestWatcher } from './request-progress.ts'

/** When a wait ends early. */
export interface WaitLimits {
  /** The end of the time that the caller gave, on the clock of `performance.now()`; `Infinity`: none. */
  readonly deadlineMs: number
  /** Whether the caller gave a time at all, be it an endless one: then a server that is down is waited for. */
  readonly isGiven: boolean
  /** Ends the wait; its promise rejects with the signal's reason. */
  readonly signal: AbortSignal | undefined
}

/** Told when a wait is over: one object for all waits of a kind, no closure for each. */
export interface WaitListener {
  /** The wait for these requests is over, in whatever way. */
  onWaitEnd(requests: readonly GearmanJobRequest[], limits: WaitLimits): void
}

/**
 * Waits until a condition holds for each of some requests. One promise and at most one timer, however many
 * requests there are.
 */
export class RequestWait implements RequestWatcher, AlarmListener, AbortWatcher {
  readonly #requests: readonly GearmanJobRequest[]
  readonly #isDone: (request: GearmanJobRequest) => boolean
  readonly #onEnd: (wait: RequestWait) => void
  readonly #listener: WaitListener | undefined
  /** How many requests the condition does not hold for yet; one that was given twice counts twice. */
  #openCount = 0
  #resolve: ((isDone: boolean) => void) | undefined
  #reject: ((reason: unknown) => void) | undefined
  #alarm: Alarm | undefined
  #limits: WaitLimits | undefined

  /** @param onEnd - called once, when a wait that was started ends in whatever way; `listener` is told after it */
  constructor(
    requests: readonly GearmanJobRequest[],
    isDone: (request: GearmanJobRequest) => boolean,
    onEnd: (wait: RequestWait) => void,
    listener?: WaitListener,
  ) {
    this.#requests = requests
    this.#isDone = isDone
    this.#onEnd = onEnd
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
  start(limits: WaitLimits): Promise<boolean> {
    for (const request of this.#requests) if (!this.#isDone(request)) request.progress.watch(this)
    this.#limits = limits
    if (limits.signal !== undefined) watchAbort(limits.signal, this)
    this.#alarm = setAlarm(limits.deadlineMs, this)
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

  /** The time has run out. */
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
    this.#alarm?.clear()
    const limits = this.#limits
    if (limits?.signal !== undefined) unwatchAbort(limits.signal, this)
    this.#onEnd(this)
    if (limits !== undefined) this.#listener?.onWaitEnd(this.#requests, limits)
  }
}
