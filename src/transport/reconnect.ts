import pRetry from 'p-retry'
import { kindOf } from '../core/checks.ts'
import { sleep } from '../core/sleep.ts'

/** How a reconnect loop paces itself. */
export interface ReconnectOptions {
  /** The bound of the delay after the first failure, in milliseconds; it doubles with each failure. */
  readonly minDelayMs: number
  /** The largest bound of a delay, in milliseconds. */
  readonly maxDelayMs: number
  /** Failures before this loop began: a server that accepts and drops at once is not dialled faster. */
  readonly failuresBefore: number
  /** Ends the loop: its promise rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** Told of each failure, and how long the wait before the next attempt is. Must not throw. */
  readonly onFailure: (error: Error, delayMs: number) => void
  /** Waits before the next attempt, and may come back early: somebody needs the server now. */
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>
}

/**
 * Tries until it succeeds. Delays grow exponentially with full jitter: any time between nothing and the
 * bound, so that clients which lost a server together do not come back together.
 *
 * @param attempt - must free everything when `signal` aborts: p-retry drops a result that comes later
 */
export function reconnect<T>(attempt: () => Promise<T>, options: ReconnectOptions): Promise<T> {
  const { minDelayMs, maxDelayMs, failuresBefore, signal, onFailure, wait } = options
  return pRetry(() => withPlainErrors(attempt), {
    retries: Number.POSITIVE_INFINITY,
    signal,
    // p-retry's own delays lose their jitter at the cap: ours are waited for below.
    minTimeout: 0,
    onFailedAttempt: async ({ error, attemptNumber }) => {
      const bound = Math.min(maxDelayMs, minDelayMs * 2 ** (failuresBefore + attemptNumber - 1))
      const delayMs = Math.round(Math.random() * bound)
      onFailure(error, delayMs)
      await wait(delayMs, signal)
    },
  })
}

/** The default of {@link ReconnectOptions.wait}. */
export function waitQuietly(delayMs: number, signal: AbortSignal): Promise<void> {
  return sleep(delayMs, { signal })
}

/** p-retry gives up on a TypeError, which it takes for a bug of the caller, and on what is no error at all. */
async function withPlainErrors<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (error instanceof TypeError) throw new Error(error.message, { cause: error })
    if (error instanceof Error) throw error
    throw new Error(`the attempt ended with ${kindOf(error)}`, { cause: error })
  }
}
