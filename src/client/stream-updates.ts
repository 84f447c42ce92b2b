import type { GearmanJobRequest } from './job-request.ts'
import { requestResult } from './request-outcome.ts'
import type { WaitLimits } from './request-wait.ts'
import { isDone, type RequestWaiter } from './request-waiter.ts'
import type { JobUpdate } from './update-queue.ts'

/**
 * The updates of a request as they come, and its result as the value that the generator returns.
 *
 * @param begin - submits the request; called once the updates are being listened for
 */
export async function* streamUpdates<Result, Update>(
  request: GearmanJobRequest<unknown, Result, Update>,
  waiter: RequestWaiter,
  limits: WaitLimits,
  begin: () => void,
): AsyncGenerator<JobUpdate<Result, Update>, Result, undefined> {
  const updates = request.progress.openUpdates()
  const left = new AbortController()
  const signal =
    limits.signal === undefined ? left.signal : AbortSignal.any([limits.signal, left.signal])
  try {
    begin()
    const ended = waiter.wait([request], isDone, { ...limits, signal })
    ended.then(
      (isInTime) => {
        if (isInTime) return
        request.timedOut = true
        request.finishUpdates()
      },
      (reason: unknown) => updates.finish(reason),
    )
    for (;;) {
      const update = await updates.next()
      if (update === undefined) return requestResult(request)
      yield update
    }
  } finally {
    request.progress.closeUpdates(updates)
    left.abort()
  }
}
