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

/** What the waits of a client have in common: they watch requests, and end early at a time or a signal. */
export abstract class Wait implements RequestWatcher {
  /** @internal Links of the {@link WaitList} that it is in. */
  previous: Wait | undefined = undefined
  /** @internal */
  next: Wait | undefined = undefined
  /** Most waits have no limits: they have no more than this field for them. */
  #limit: Limit | undefined = undefined

  /** The waits that this one is among while it lasts. */
  protected abstract get list(): WaitList

  /** The requests that are still waited for. */
  abstract pending(): readonly GearmanJobRequest[]

  /** One of the requests has changed. */
  abstract onRequestChanged(request: GearmanJobRequest): void

  /** The time has run out. */
  abstract onAlarm(): void

  /** The signal has aborted. */
  abstract onAbort(signal: AbortSignal): void

  /** Begins. */
  protected begin(limits: WaitLimits): void {
    this.list.add(this)
    const isLimited = limits.signal !== undefined || Number.isFinite(limits.deadlineMs)
    if (isLimited) this.#limit = new Limit(this, limits)
  }

  /** Ends: nobody tells it anything any more, but for requests that it still watches. */
  protected end(): void {
    this.#limit?.clear()
    this.list.remove(this)
  }
}

/** The time and the signal of one wait. */
class Limit implements AlarmListener, AbortWatcher {
  readonly #wait: Wait
  readonly #signal: AbortSignal | undefined
  readonly #alarm: Alarm | undefined

  constructor(wait: Wait, { signal, deadlineMs }: WaitLimits) {
    this.#wait = wait
    this.#signal = signal
    if (signal !== undefined) watchAbort(signal, this)
    this.#alarm = setAlarm(deadlineMs, this)
  }

  onAlarm(): void {
    this.#wait.onAlarm()
  }

  onAbort(signal: AbortSignal): void {
    this.#wait.onAbort(signal)
  }

  clear(): void {
    this.#alarm?.clear()
    if (this.#signal !== undefined) unwatchAbort(this.#signal, this)
  }
}

/** The waits that are under way, linked through themselves: a set would allocate at each change. */
export class WaitList {
  #first: Wait | undefined
  readonly #onAdd: () => void
  readonly #onRemove: () => void

  /** @param onAdd - called behind each wait that begins; `onRemove` behind each that ends */
  constructor(onAdd: () => void, onRemove: () => void) {
    this.#onAdd = onAdd
    this.#onRemove = onRemove
  }

  /** Appends one that is in no list. */
  add(wait: Wait): void {
    const next = this.#first
    wait.next = next
    if (next !== undefined) next.previous = wait
    this.#first = wait
    this.#onAdd()
  }

  /** Takes one of this list out. */
  remove(wait: Wait): void {
    const { previous, next } = wait
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next !== undefined) next.previous = previous
    wait.previous = undefined
    wait.next = undefined
    this.#onRemove()
  }

  /** The requests that are waited for. */
  pending(): GearmanJobRequest[] {
    const requests: GearmanJobRequest[] = []
    for (let wait = this.#first; wait !== undefined; wait = wait.next) {
      requests.push(...wait.pending())
    }
    return requests
  }
}
