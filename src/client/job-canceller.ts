import type { GearmanError } from '../errors.ts'
import { ConnectionError } from '../errors.ts'
import { JOB_CREATED, JOB_FAILED } from '../jobs/constants.ts'
import { NO_LIMITS } from './client-options.ts'
import { ClientSession } from './client-session.ts'
import type { JobDispatcher } from './job-dispatcher.ts'
import type { GearmanJobRequest } from './job-request.ts'
import type { RequestOwner } from './request-progress.ts'
import { isAccepted, type RequestWaiter } from './request-waiter.ts'
import { CancelSlot } from './status-slot.ts'

/** Takes jobs back (see `GearmanJobRequest.cancel`), and tells the dispatcher of those that were lost. */
export class JobCanceller implements RequestOwner<GearmanJobRequest> {
  readonly #dispatcher: JobDispatcher
  readonly #waiter: RequestWaiter

  constructor(dispatcher: JobDispatcher, waiter: RequestWaiter) {
    this.#dispatcher = dispatcher
    this.#waiter = waiter
  }

  onLost(request: GearmanJobRequest, error: GearmanError, wasSent: boolean): void {
    this.#dispatcher.onLost(request, error, wasSent)
  }

  async cancel(request: GearmanJobRequest): Promise<boolean> {
    if (this.#dispatcher.withdraw(request, undefined)) return true
    // Its handle comes with the acceptance.
    await this.#waiter.wait([request], isAccepted, NO_LIMITS)
    const { handle, connection } = request.gearmanJob
    if (request.state !== JOB_CREATED || handle === undefined) return false
    const session = connection?.session
    if (!(session instanceof ClientSession)) {
      throw new ConnectionError(`${connection?.server} has the job, and is not connected`, {
        server: connection?.server,
        cause: connection?.lastError,
      })
    }
    if (connection?.connectCount !== request.progress.connectCount)
      throw connectedAnew(session.server)
    const isKnown = await this.#waiter.within(askToCancel(session, handle), NO_LIMITS)
    // In the foreground WORK_FAIL says so as well; in the background nothing else does.
    if (isKnown && request.background) request.state = JOB_FAILED
    return isKnown
  }
}

/** gearmand numbers its jobs from 1 at each start: the handle may be that of another job by now. */
function connectedAnew(server: string): ConnectionError {
  const problem =
    'the connection was lost since it accepted the job, whose handle may mean another now'
  return new ConnectionError(`${server}: ${problem}`, { server })
}

function askToCancel(session: ClientSession, handle: string): Promise<boolean> {
  return new Promise((resolve, reject: (error: GearmanError) => void) => {
    session.askLine(new CancelSlot(resolve, reject), `cancel job ${handle}\r\n`)
  })
}
