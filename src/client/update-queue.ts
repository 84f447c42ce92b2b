import { createDeferred, type Deferred } from '../core/deferred.ts'
import { Fifo } from '../core/fifo.ts'
import { EncodingError } from '../errors.ts'

/** What a job sends while it runs, and its result at the end. */
export type JobUpdate<Result = unknown, Update = Result> =
  | {
      /** Partial data: WORK_DATA. */
      readonly type: 'data'
      /** The decoded payload. */
      readonly data: Update
    }
  | {
      /** A warning: WORK_WARNING. */
      readonly type: 'warning'
      /** The decoded payload. */
      readonly data: Update
    }
  | {
      /** Progress: WORK_STATUS. */
      readonly type: 'status'
      /** How far. */
      readonly numerator: number
      /** Of how much. */
      readonly denominator: number
    }
  | {
      /** The end: WORK_COMPLETE. */
      readonly type: 'result'
      /** The decoded result. */
      readonly data: Result
    }

/** Unread updates beyond this fail their request: the socket is never paused for one reader (design 3.10). */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024
/** What an update costs beside its payload. */
const UPDATE_COST_BYTES = 64

interface Entry<Result, Update> {
  readonly update: JobUpdate<Result, Update>
  readonly cost: number
}

/** The updates of one request between the socket and the one who iterates. */
export class UpdateQueue<Result, Update> {
  readonly #entries = new Fifo<Entry<Result, Update>>()
  #unreadBytes = 0
  #waiting: Deferred<void> | undefined
  #end: { readonly error?: unknown } | undefined

  /**
   * Adds an update, unless the end was announced already.
   *
   * @param bytes - the length of its payload
   * @returns an error when too much is unread: the request has to fail
   */
  push(update: JobUpdate<Result, Update>, bytes: number): EncodingError | undefined {
    if (this.#end !== undefined) return undefined
    const cost = bytes + UPDATE_COST_BYTES
    this.#entries.push({ update, cost })
    this.#unreadBytes += cost
    this.#wake()
    if (this.#unreadBytes <= MAX_UNREAD_BYTES) return undefined
    return new EncodingError(`more than ${MAX_UNREAD_BYTES} bytes of updates were not read`)
  }

  /** Nothing follows; with an error, the reader gets it after what is queued. */
  finish(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error }
    this.#wake()
  }

  /** Ends at once with an error: what is queued is dropped. */
  abort(error: unknown): void {
    this.#entries.drain()
    this.#end = { error }
    this.#wake()
  }

  /** Takes the next update, waiting for it; `undefined` at the end. */
  async next(): Promise<JobUpdate<Result, Update> | undefined> {
    for (;;) {
      const entry = this.#entries.shift()
      if (entry !== undefined) {
        this.#unreadBytes -= entry.cost
        return entry.update
      }
      if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error
        return undefined
      }
      this.#waiting ??= createDeferred<void>()
      await this.#waiting.promise
    }
  }

  #wake(): void {
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}
