/** A timer that a {@link Clock} has set. */
export type Timer = object

/** Time, and waiting for it: injected, so that scheduling is tested without either. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number
  /** Calls back once, after so many milliseconds. */
  setTimer(callback: () => void, delayMs: number): Timer
  /** Forgets a timer that has not fired. */
  clearTimer(timer: Timer): void
}

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
