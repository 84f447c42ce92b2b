/** A timer of Node that is set to more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * What a server that stops gracefully still has to do:
 *
 * - `running`: jobs are with workers
 * - `waiting`: workers could take queued jobs, or the store is not done
 * - `nothing`: it may close
 */
export type Remaining = 'running' | 'waiting' | 'nothing'

/** What a {@link Drain} asks. */
export interface DrainView {
  /** What is left to do. */
  remaining(): Remaining
  /** Any number that changes whenever a worker takes a job. */
  progress(): number
}

/**
 * The wait of a graceful stop. Running jobs may take their time. Queued ones are waited for only as long as
 * workers take them: one that is connected and never asks must not keep the server for ever.
 */
export class Drain {
  readonly #view: DrainView
  readonly #graceMs: number
  #onDone: (() => void) | undefined
  #limitTimer: NodeJS.Timeout | undefined
  #graceTimer: NodeJS.Timeout | undefined
  #lastProgress = 0

  /** @param graceMs - how long it waits for a worker to take the next job, while none runs */
  constructor(view: DrainView, graceMs: number) {
    this.#view = view
    this.#graceMs = graceMs
  }

  /** Resolves when nothing is left to wait for, or after `limitMs`. */
  wait(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onDone = resolve
      if (limitMs <= MAX_TIMER_MS) this.#limitTimer = setTimeout(() => this.end(), limitMs)
      this.check()
    })
  }

  /** Called whenever something changed; costs nothing while nobody waits. */
  check(): void {
    if (this.#onDone === undefined) return
    const remaining = this.#view.remaining()
    if (remaining === 'nothing') this.end()
    else if (remaining === 'waiting') this.#awaitProgress(this.#view.progress())
    else this.#stopGrace()
  }

  /** Ends the wait, if there is one. */
  end(): void {
    clearTimeout(this.#limitTimer)
    this.#stopGrace()
    this.#onDone?.()
    this.#onDone = undefined
  }

  #awaitProgress(progress: number): void {
    if (this.#graceMs > MAX_TIMER_MS) return
    if (this.#graceTimer === undefined) {
      this.#graceTimer = setTimeout(() => this.end(), this.#graceMs)
    } else if (progress !== this.#lastProgress) {
      this.#graceTimer.refresh()
    }
    this.#lastProgress = progress
  }

  #stopGrace(): void {
    clearTimeout(this.#graceTimer)
    this.#graceTimer = undefined
  }
}
