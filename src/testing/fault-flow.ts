import { createDeferred, type Deferred } from '../core/deferred.ts'

/** Which way bytes go through a {@link FaultProxy}. */
export type FaultDirection = 'to-server' | 'to-client'

/** What a proxy does to all that goes one way; its connections look at it again and again. */
export class FaultFlow {
  /** Milliseconds that everything is on its way longer. */
  delayMs = 0
  /** Writes of at most this many bytes, each in a turn of its own. */
  splitBytes: number = Number.POSITIVE_INFINITY
  /** What comes is thrown away. */
  isDropping = false
  /** Bytes that were passed on. */
  passedBytes = 0
  /** Bytes that were thrown away. */
  droppedBytes = 0
  #frozen: Deferred<void> | undefined

  /** Resolves when bytes may pass; `undefined` when they may now. */
  get untilThawed(): Promise<void> | undefined {
    return this.#frozen?.promise
  }

  /** Holds back what comes from now on. */
  freeze(): void {
    this.#frozen ??= createDeferred()
  }

  /** Back to normal: passes on what was held back. Delay and pieces stay. */
  resume(): void {
    this.isDropping = false
    this.#frozen?.resolve()
    this.#frozen = undefined
  }
}
