import { createDeferred, type Deferred } from '../core/deferred.ts'
import { createLog } from '../core/log.ts'
import { type GearmanError, InvalidWorkerState } from '../errors.ts'

const log = createLog('worker')

/** Node's timers run at once when a delay is larger. */
const MAX_TIMER_MS = 2_147_483_647

/** What a loop drives. */
export interface LoopOptions {
  /** Milliseconds of quiet after which {@link afterPoll} is called. */
  readonly pollTimeoutMs: number
  readonly afterPoll: (anyActivity: boolean) => boolean | Promise<boolean>
  readonly afterJob: () => boolean | Promise<boolean>
  /** Takes no job any more; resolves when all have ended and all is closed. */
  readonly retire: () => Promise<void>
  /** Closes everything now; resolves when all is closed. */
  readonly close: (reason: GearmanError) => Promise<void>
  /** Called when all is over, before {@link WorkLoop.ended} settles. */
  readonly onEnd: () => void
}

/** One call of `work()`, from its begin to its end. */
export class WorkLoop {
  readonly #options: LoopOptions
  readonly #ended: Deferred<void> = createDeferred()
  #state: 'working' | 'stopping' | 'ended' = 'working'
  #failure: { readonly error: unknown } | undefined
  #pollTimer: NodeJS.Timeout | undefined
  #stopTimer: NodeJS.Timeout | undefined
  #stopAtMs: number = Number.POSITIVE_INFINITY
  #lastReadMs = 0
  #afterRead: NodeJS.Immediate | undefined
  #isPolling = false
  readonly #onAfterRead: () => void = () => {
    this.#afterRead = undefined
    this.#poll(true)
  }

  constructor(options: LoopOptions) {
    this.#options = options
    this.#ended.promise.catch(() => undefined)
    this.#lastReadMs = performance.now()
    this.#armPollTimer(options.pollTimeoutMs)
  }

  /** Settles when all is over; rejects with what a hook has thrown. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Takes no job any more; jobs that run have so much time to end. The shortest time of several calls holds. */
  stop(timeoutMs: number): void {
    if (this.#state === 'ended') return
    if (this.#state === 'working') {
      log('stopping')
      this.#state = 'stopping'
      this.#stopPolling()
      this.#options.retire().then(
        () => this.#end(),
        (error: unknown) => this.#endWith(error),
      )
    }
    this.#limitStop(timeoutMs)
  }

  /** Ends at once. */
  close(reason: GearmanError): void {
    if (this.#state === 'ended') return
    this.#state = 'stopping'
    this.#stopPolling()
    this.#options.close(reason).then(
      () => this.#end(),
      (error: unknown) => this.#endWith(error),
    )
  }

  /** A socket read has brought something. */
  onRead(): void {
    this.#lastReadMs = performance.now()
    if (this.#state !== 'working' || this.#afterRead !== undefined) return
    // Several sockets are read in one turn.
    this.#afterRead = setImmediate(this.#onAfterRead)
  }

  /** A job has left its slot. */
  onJobEnd(): void {
    if (this.#state !== 'ended') this.#ask(this.#options.afterJob)
  }

  #poll(anyActivity: boolean): void {
    // One at a time: a hook that takes its time is not called again meanwhile.
    if (this.#isPolling || this.#state !== 'working') return
    this.#isPolling = true
    this.#ask(
      () => this.#options.afterPoll(anyActivity),
      () => {
        this.#isPolling = false
      },
    )
  }

  /** Calls a hook; `false` stops the worker, an error stops it and is what `work()` rejects with. */
  #ask(hook: () => boolean | Promise<boolean>, onAnswered?: () => void): void {
    try {
      const answer = hook()
      if (typeof answer === 'object') {
        answer.then(
          (goOn) => this.#onAnswer(goOn, onAnswered),
          (error: unknown) => this.#onHookFailed(error),
        )
      } else {
        this.#onAnswer(answer, onAnswered)
      }
    } catch (error) {
      this.#onHookFailed(error)
    }
  }

  #onAnswer(goOn: boolean, onAnswered: (() => void) | undefined): void {
    onAnswered?.()
    if (goOn === false) this.stop(Number.POSITIVE_INFINITY)
  }

  #onHookFailed(error: unknown): void {
    log('a hook failed: %O', error)
    this.#failure ??= { error }
    this.stop(Number.POSITIVE_INFINITY)
  }

  #armPollTimer(delayMs: number): void {
    if (delayMs > MAX_TIMER_MS) return
    this.#pollTimer = setTimeout(() => this.#onPollTimer(), Math.max(1, Math.ceil(delayMs)))
    this.#pollTimer.unref()
  }

  #onPollTimer(): void {
    const { pollTimeoutMs } = this.#options
    const quietMs = performance.now() - this.#lastReadMs
    if (quietMs < pollTimeoutMs) {
      this.#armPollTimer(pollTimeoutMs - quietMs)
      return
    }
    this.#armPollTimer(pollTimeoutMs)
    this.#poll(false)
  }

  #limitStop(timeoutMs: number): void {
    const atMs = performance.now() + timeoutMs
    if (timeoutMs > MAX_TIMER_MS || atMs >= this.#stopAtMs) return
    clearTimeout(this.#stopTimer)
    this.#stopAtMs = atMs
    this.#stopTimer = setTimeout(() => {
      this.close(new InvalidWorkerState(`the worker stops, ${timeoutMs} ms are over`))
    }, timeoutMs)
  }

  #stopPolling(): void {
    clearTimeout(this.#pollTimer)
    clearImmediate(this.#afterRead)
  }

  #endWith(error: unknown): void {
    this.#failure ??= { error }
    this.#end()
  }

  #end(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#stopPolling()
    clearTimeout(this.#stopTimer)
    this.#options.onEnd()
    if (this.#failure === undefined) this.#ended.resolve()
    else this.#ended.reject(this.#failure.error)
  }
}
