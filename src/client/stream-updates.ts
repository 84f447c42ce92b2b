import type { GearmanJobRequest } from './job-request.ts'
import { requestResult } from './request-outcome.ts'
import type { RequestSubmitter } from './request-submitter.ts'
import type { WaitLimits } from './request-wait.ts'
import type { JobUpdate } from './update-queue.ts'

/**
 * Submits a request. Gives its updates as they come, and its result as the value that the generator returns.
 */
export async function* streamUpdates<Result, Update>(
  request: GearmanJobRequest<unknown, Result, Update>,
  submitter: RequestSubmitter,
  limits: WaitLimits,
): AsyncGenerator<JobUpdate<Result, Update>, Result, undefined> {
  const updates = request.progress.openUpdates()
  const left = new AbortController()
  const signal =
    limits.signal === undefined ? left.signal : AbortSignal.any([limits.signal, left.signal])
  const requests = [request]
  try {
    submitter.submit(requests, {}, { ...limits, signal }).then(
      (isInTime) => {
        submitter.conclude(requests, {}, limits)
        if (!isInTime) request.finishUpdates()
      },
      (reason: unknown) => {
        submitter.conclude(requests, {}, limits)
        updates.abort(reason)
      },
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
