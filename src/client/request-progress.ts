import { type Delivery, type GearmanError, InvalidClientState } from '../errors.ts'
import type { GearmanJobRequest } from './job-request.ts'
import { type JobUpdate, UpdateQueue } from './update-queue.ts'

/** Told when a request changes: accepted, ended, lost, or a status arrived. */
export interface RequestWatcher {
  /** Something has changed. */
  onRequestChanged(request: GearmanJobRequest): void
}

/** Whoever submitted a request, as far as the request and its sendings have to know it. */
export interface RequestOwner<Request> {
  /** See `GearmanJobRequest.cancel`. */
  cancel(request: Request): Promise<boolean>
  /** Its connection was lost: decides what becomes of it. `wasSent`: its bytes may have reached the server. */
  onLost(request: Request, error: GearmanError, wasSent: boolean): void
}

/** One sending of a request, as far as the request has to know it. */
export interface AttachedSubmission {
  /** Whatever still arrives for it is ignored. */
  detach(): void
}

const SUBMITTING = 1
const PATIENT = 2
const LEFT = 4

/** What only few requests have: it is made with the first of it. */
class RareProgress<Result, Update> {
  openQuestions = 0
  lostDelivery: Delivery = 'not-sent'
  dataUpdates: Update[] = []
  warningUpdates: Update[] = []
  updates: UpdateQueue<Result, Update> | undefined = undefined
}

/**
 * The moving parts of one request that are not for its user to touch. Few fields, without private methods, which take one
 * more: 100,000 pending requests must stay small.
 */
export class RequestProgress<Result = unknown, Update = Result> {
  /** Which connect of its connection it was sent on. */
  connectCount = 0
  /** The encoded data, from the check of the arguments until a server has accepted it. */
  payload: Uint8Array | undefined = undefined
  /** The sending under way, or the search for a server. */
  submission: AttachedSubmission | undefined = undefined
  #flags = 0
  #watchers: RequestWatcher[] | RequestWatcher | undefined = undefined
  #rare: RareProgress<Result, Update> | undefined = undefined

  /** Whether the request is on its way: waiting for a connection, or for JOB_CREATED. */
  get isSubmitting(): boolean {
    return (this.#flags & SUBMITTING) !== 0
  }

  set isSubmitting(value: boolean) {
    this.#flags = value ? this.#flags | SUBMITTING : this.#flags & ~SUBMITTING
  }

  /** Whether it waits until a server comes back instead of giving up when each was tried. */
  get isPatient(): boolean {
    return (this.#flags & PATIENT) !== 0
  }

  set isPatient(value: boolean) {
    this.#flags = value ? this.#flags | PATIENT : this.#flags & ~PATIENT
  }

  /** Whether the call ended before the job did, by its time limit or signal: nothing is sent again then. */
  get isLeft(): boolean {
    return (this.#flags & LEFT) !== 0
  }

  set isLeft(value: boolean) {
    this.#flags = value ? this.#flags | LEFT : this.#flags & ~LEFT
  }

  /** Status questions that were not answered yet. */
  get openQuestions(): number {
    return this.#rare?.openQuestions ?? 0
  }

  set openQuestions(value: number) {
    this.#rare ??= new RareProgress()
    this.#rare.openQuestions = value
  }

  /** What is known of the sendings that were lost: a server may have the job from one of them. */
  get lostDelivery(): Delivery {
    return this.#rare?.lostDelivery ?? 'not-sent'
  }

  set lostDelivery(value: Delivery) {
    if (value === this.lostDelivery) return
    this.#rare ??= new RareProgress()
    this.#rare.lostDelivery = value
  }

  /** Decoded WORK_DATA payloads that nobody iterates over. */
  get dataUpdates(): Update[] {
    this.#rare ??= new RareProgress()
    return this.#rare.dataUpdates
  }

  /** Decoded WORK_WARNING payloads that nobody iterates over. */
  get warningUpdates(): Update[] {
    this.#rare ??= new RareProgress()
    return this.#rare.warningUpdates
  }

  /** Forgets the updates. */
  clearUpdates(): void {
    if (this.#rare === undefined) return
    this.#rare.dataUpdates = []
    this.#rare.warningUpdates = []
  }

  /** Cuts the tie to the sending under way: whatever still arrives for it is ignored. */
  detach(): void {
    this.submission?.detach()
    this.submission = undefined
  }

  /** Ends the submitting: what a chosen server or an encoder may still bring comes too late. */
  endSubmitting(): void {
    this.isSubmitting = false
    this.detach()
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
    const { updates } = this
    if (updates !== undefined) return updates.push(update, bytes)
    if (update.type === 'data') this.dataUpdates.push(update.data)
    else if (update.type === 'warning') this.warningUpdates.push(update.data)
    return undefined
  }

  /** Begins an iteration with what has arrived already. */
  openUpdates(): UpdateQueue<Result, Update> {
    if (this.updates !== undefined) {
      throw new InvalidClientState('a request can be iterated by one loop at a time')
    }
    const updates = new UpdateQueue<Result, Update>()
    for (const data of this.dataUpdates) updates.push({ type: 'data', data }, 0)
    for (const data of this.warningUpdates) updates.push({ type: 'warning', data }, 0)
    this.clearUpdates()
    this.#rare ??= new RareProgress()
    this.#rare.updates = updates
    return updates
  }

  /** Ends an iteration. */
  closeUpdates(updates: UpdateQueue<Result, Update>): void {
    if (this.#rare?.updates === updates) this.#rare.updates = undefined
  }

  /** The iteration under way. */
  get updates(): UpdateQueue<Result, Update> | undefined {
    return this.#rare?.updates
  }
}
