import type { GearmanJobRequest } from './job-request.ts'
import { requestResult } from './request-outcome.ts'
import type { RequestSubmitter } from './request-submitter.ts'
import type { JobUpdate } from './update-queue.ts'
import type { WaitLimits } from './wait.ts'

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
  // Listens first: taking back what was not sent must not look like the end of the job.
  signal.addEventListener('abort', () => updates.abort(signal.reason), { once: true })
  try {
    submitter.submit([request], {}, { ...limits, signal }).then(
      (isInTime) => {
        if (!isInTime) request.finishUpdates()
      },
      () => undefined, // Only an abort ends the wait in this way.
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
