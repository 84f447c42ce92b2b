import type { ConnectionGroup } from '../connection/connection-group.ts'
import { createDeferred } from '../core/deferred.ts'
import { InvalidClientState } from '../errors.ts'
import { JOB_CREATED } from '../jobs/constants.ts'
import { unwatchAbort, watchAbort } from './abort-watch.ts'
import { setAlarm } from './alarm.ts'
import type { ClientSession } from './client-session.ts'
import type { GearmanJobRequest } from './job-request.ts'
import { RequestWait, type WaitListener } from './request-wait.ts'
import { type WaitLimits, WaitList } from './wait.ts'

/** A server has accepted the request, or it is certain that none will. */
export function isAccepted(request: GearmanJobRequest): boolean {
  return !request.progress.isSubmitting
}

/** The request is complete, lost or refused. */
export function isDone(request: GearmanJobRequest): boolean {
  if (request.progress.isSubmitting) return false
  return request.background || request.state !== JOB_CREATED
}

/** No status question is open. */
export function isStatusKnown(request: GearmanJobRequest): boolean {
  return request.progress.openQuestions === 0
}

/** The waits of one client. While there is one, the process stays alive. */
export class RequestWaiter {
  readonly #group: ConnectionGroup<ClientSession>
  /** Those under way. */
  readonly waits: WaitList

  constructor(group: ConnectionGroup<ClientSession>) {
    this.#group = group
    this.waits = new WaitList(
      () => group.hold(),
      () => group.release(),
    )
  }

  /** The requests that somebody waits for. */
  pending(): GearmanJobRequest[] {
    return this.waits.pending()
  }

  /**
   * Waits until a condition holds for all requests.
   *
   * @param listener - told once when the wait is over in whatever way, before the caller goes on
   * @returns whether it came to hold; `false`: the time ran out
   */
  wait(
    requests: readonly GearmanJobRequest[],
    condition: (request: GearmanJobRequest) => boolean,
    limits: WaitLimits,
    listener?: WaitListener,
  ): Promise<boolean> {
    const { signal } = limits
    const wait = new RequestWait(this.waits, requests, condition, limits, listener)
    if (signal?.aborted || wait.isDone) {
      listener?.onWaitEnd(requests, limits)
      return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve(true)
    }
    return wait.start()
  }

  /**
   * Waits for an answer within limits.
   *
   * @throws InvalidClientState when the time runs out
   */
  async within<T>(answer: Promise<T>, limits: WaitLimits): Promise<T> {
    const { signal, deadlineMs } = limits
    const end = createDeferred<never>()
    const watcher = { onAbort: (): void => end.reject(signal?.reason) }
    const onAlarm = (): void => end.reject(new InvalidClientState('no answer within pollTimeout'))
    const alarm = setAlarm(deadlineMs, { onAlarm })
    if (signal !== undefined) watchAbort(signal, watcher)
    this.#group.hold()
    try {
      return await Promise.race([answer, end.promise])
    } finally {
      this.#group.release()
      alarm?.clear()
      if (signal !== undefined) unwatchAbort(signal, watcher)
    }
  }
}
