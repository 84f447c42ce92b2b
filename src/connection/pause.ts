/** A wait that can be ended early, and that keeps the process alive only while it is held. */
export class Pause {
  #timer: NodeJS.Timeout | undefined
  #end: (() => void) | undefined
  #isHeld = false

  /** Waits; rejects with the signal's reason when it aborts. */
  wait(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const finish = (settle: () => void): void => {
        clearTimeout(this.#timer)
        this.#timer = undefined
        this.#end = undefined
        signal.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = (): void => finish(() => reject(signal.reason))
      signal.addEventListener('abort', onAbort, { once: true })
      this.#end = (): void => finish(resolve)
      this.#timer = setTimeout(this.#end, delayMs)
      if (!this.#isHeld) this.#timer.unref()
    })
  }

  /** Ends the wait under way, if there is one. */
  end(): void {
    this.#end?.()
  }

  /** Whether a wait may keep the process alive. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (isHeld) this.#timer?.ref()
    else this.#timer?.unref()
  }
}
