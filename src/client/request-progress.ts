import { type Delivery, InvalidClientState } from '../errors.ts'
import type { GearmanJobRequest } from './job-request.ts'
import { type JobUpdate, UpdateQueue } from './update-queue.ts'

/** Told when a request changes: accepted, ended, lost, or a status arrived. */
export interface RequestWatcher {
  /** Something has changed. */
  onRequestChanged(request: GearmanJobRequest): void
}

/** Whoever submitted a request, as far as the request has to know it. */
export interface RequestOwner<Request> {
  /** See `GearmanJobRequest.cancel`. */
  cancel(request: Request): Promise<boolean>
}

/** One sending of a request, as far as the request has to know it. */
export interface AttachedSubmission {
  /** Whatever still arrives for it is ignored. */
  detach(): void
}

/**
 * The moving parts of one request that are not for its user to touch. They take memory only once they are
 * needed: 100,000 pending requests must stay small.
 */
export class RequestProgress<Result = unknown, Update = Result> {
  /** Whether the request is on its way: waiting for a connection, or for JOB_CREATED. */
  isSubmitting = false
  /** Whether it waits until a server comes back instead of giving up when each was tried. */
  isPatient = false
  /** Whether the call ended before the job did, by its time limit or signal: nothing is sent again then. */
  isLeft = false
  /** Counts what was begun and withdrawn, so that what comes back late is recognised. */
  ticket = 0
  /** Status questions that were not answered yet. */
  openQuestions = 0
  /** What is known of the sendings that were lost: a server may have the job from one of them. */
  lostDelivery: Delivery = 'not-sent'
  /** Which connect of its connection it was sent on. */
  connectCount = 0
  /** The encoded data, from the check of the arguments until a server has accepted it. */
  payload: Uint8Array | undefined
  /** The sending under way. */
  submission: AttachedSubmission | undefined
  #watchers: RequestWatcher[] | RequestWatcher | undefined
  #dataUpdates: Update[] | undefined
  #warningUpdates: Update[] | undefined
  #updates: UpdateQueue<Result, Update> | undefined

  /** Decoded WORK_DATA payloads that nobody iterates over. */
  get dataUpdates(): Update[] {
    this.#dataUpdates ??= []
    return this.#dataUpdates
  }

  /** Decoded WORK_WARNING payloads that nobody iterates over. */
  get warningUpdates(): Update[] {
    this.#warningUpdates ??= []
    return this.#warningUpdates
  }

  /** Forgets the updates. */
  clearUpdates(): void {
    this.#dataUpdates = undefined
    this.#warningUpdates = undefined
  }

  /** Cuts the tie to the sending under way: whatever still arrives for it is ignored. */
  detach(): void {
    this.submission?.detach()
    this.submission = undefined
  }

  /** Ends the submitting: what a chosen server or an encoder may still bring comes too late. */
  endSubmitting(): void {
    this.isSubmitting = false
    this.ticket += 1
    this.payload = undefined
  }

  /** Calls `watcher` at each change until it is taken away. */
  watch(watcher: RequestWatcher): void {
    if (this.#watchers === undefined) this.#watchers = watcher
    else if (Array.isArray(this.#watchers)) this.#watchers.push(watcher)
    else this.#watchers = [this.#watchers, watcher]
  }

  /** Takes a watcher away. */
  unwatch(watcher: RequestWatcher): void {
    if (this.#watchers === watcher) this.#watchers = undefined
    else if (Array.isArray(this.#watchers)) {
      this.#watchers = this.#watchers.filter((other) => other !== watcher)
    }
  }

  /** Tells the watchers of the request that this is the progress of. */
  notify(request: GearmanJobRequest): void {
    if (this.#watchers === undefined) return
    if (!Array.isArray(this.#watchers)) this.#watchers.onRequestChanged(request)
    else for (const watcher of [...this.#watchers]) watcher.onRequestChanged(request)
  }

  /** Hands an update to whoever iterates, else keeps it; an error when the reader is too far behind. */
  addUpdate(update: JobUpdate<Result, Update>, bytes: number): Error | undefined {
    if (this.#updates !== undefined) return this.#updates.push(update, bytes)
    if (update.type === 'data') this.dataUpdates.push(update.data)
    else if (update.type === 'warning') this.warningUpdates.push(update.data)
    return undefined
  }

  /** Begins an iteration with what has arrived already. */
  openUpdates(): UpdateQueue<Result, Update> {
    if (this.#updates !== undefined) {
      throw new InvalidClientState('a request can be iterated by one loop at a time')
    }
    const updates = new UpdateQueue<Result, Update>()
    for (const data of this.#dataUpdates ?? []) updates.push({ type: 'data', data }, 0)
    for (const data of this.#warningUpdates ?? []) updates.push({ type: 'warning', data }, 0)
    this.clearUpdates()
    this.#updates = updates
    return updates
  }

  /** Ends an iteration. */
  closeUpdates(updates: UpdateQueue<Result, Update>): void {
    if (this.#updates === updates) this.#updates = undefined
  }

  /** The iteration under way. */
  get updates(): UpdateQueue<Result, Update> | undefined {
    return this.#updates
  }
}
