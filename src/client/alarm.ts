/** Node's timers run at once when a delay is larger. */
const MAX_TIMER_MS = 2_147_483_647

/** Who is told that a time has come. */
export interface AlarmListener {
  /** It has come. */
  onAlarm(): void
}

/**
 * A time on the clock of `performance.now()` that is waited for, however far away it is.
 */
export class Alarm {
  readonly #deadlineMs: number
  readonly #listener: AlarmListener
  #timer: NodeJS.Timeout | undefined

  constructor(deadlineMs: number, listener: AlarmListener) {
    this.#deadlineMs = deadlineMs
    this.#listener = listener
    this.#arm()
  }

  /** Nobody is told any more. */
  clear(): void {
    clearTimeout(this.#timer)
  }

  #arm(): void {
    const delayMs = Math.max(0, Math.ceil(this.#deadlineMs - performance.now()))
    this.#timer = setTimeout(
      () => {
        if (performance.now() < this.#deadlineMs) this.#arm()
        else this.#listener.onAlarm()
      },
      Math.min(MAX_TIMER_MS, delayMs),
    )
  }
}

/** An {@link Alarm}, unless the time is `Infinity`. */
export function setAlarm(deadlineMs: number, listener: AlarmListener): Alarm | undefined {
  return deadlineMs === Number.POSITIVE_INFINITY ? undefined : new Alarm(deadlineMs, listener)
}
