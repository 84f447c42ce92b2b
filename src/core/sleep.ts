/** The longest time that a timer takes; it fires at once for a longer one. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Waits. Aborting rejects with the signal's own reason (`node:timers/promises` wraps it).
 *
 * @param delayMs - milliseconds, as many as you like; `Infinity` waits for the signal only
 * @param options - `signal` ends the wait early; `unref` lets the process exit meanwhile
 */
export function sleep(
  delayMs: number,
  options: { readonly signal?: AbortSignal | undefined; readonly unref?: boolean } = {},
): Promise<void> {
  const { signal, unref = false } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const onTime = (): void => {
      if (leftMs > 0) {
        timer = startTimer()
        return
      }
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    const startTimer = (): NodeJS.Timeout => {
      const stepMs = Math.min(leftMs, MAX_TIMER_MS)
      leftMs -= stepMs
      const started = setTimeout(onTime, stepMs)
      return unref ? started.unref() : started
    }
    let leftMs = delayMs
    let timer = startTimer()
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
