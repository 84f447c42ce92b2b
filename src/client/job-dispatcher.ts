import type { GearmanConnection } from '../connection/connection.ts'
import { createLog } from '../core/log.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import {
  ExceededConnectionAttempts,
  type GearmanError,
  InvalidClientState,
  ServerUnavailable,
} from '../errors.ts'
import { JOB_CREATED, JOB_PENDING, JOB_UNKNOWN } from '../jobs/constants.ts'
import { ClientSession } from './client-session.ts'
import type { GearmanJobRequest } from './job-request.ts'
import { Submission, type SubmissionOwner } from './submission.ts'
import { submitArguments, submitType } from './submit-packet.ts'

const log = createLog('client')

/** What the dispatcher needs of its client. */
export interface DispatcherHost {
  /** The server for a request: a connection that is ready, or a promise of one. */
  establishRequestConnection(
    request: GearmanJobRequest,
  ): GearmanConnection | Promise<GearmanConnection>
  /** The encoder of a task. */
  encoderFor(task: string): AnyEncoder
}

/**
 * Brings requests to servers, and decides what becomes of those whose connection was lost (design 3.5):
 * what was never sent moves on; what may have been sent is sent again within `maxRetries`; what was accepted
 * is sent again only when the caller called it idempotent.
 */
export class JobDispatcher implements SubmissionOwner {
  readonly #host: DispatcherHost

  constructor(host: DispatcherHost) {
    this.#host = host
  }

  /** Encodes the data of a request, so that nothing is sent if one of a batch cannot be encoded. */
  encode(request: GearmanJobRequest): void {
    const { task, data } = request.gearmanJob
    // The data is of the type that this encoder takes: TypeScript has checked it, or the encoder will.
    request.progress.payload = this.#host.encoderFor(task).encode(data as never)
  }

  /** Begins to submit a request. What hinders it ends up in `request.error`. */
  submit(request: GearmanJobRequest): void {
    const { progress } = request
    progress.isSubmitting = true
    progress.ticket += 1
    let chosen: GearmanConnection | Promise<GearmanConnection>
    try {
      chosen = this.#host.establishRequestConnection(request)
    } catch (error) {
      this.#giveUp(request, asError(error))
      return
    }
    if (chosen instanceof Promise) this.#submitLater(request, chosen)
    else this.#sendOn(request, chosen)
  }

  /** Takes back a request that was not sent yet; one that was sent stays. */
  withdraw(request: GearmanJobRequest, error: Error | undefined): boolean {
    const { progress } = request
    if (!progress.isSubmitting || request.state === JOB_PENDING) return false
    this.#giveUp(request, error)
    return true
  }

  /** Lets go of a request: whatever still arrives for it is ignored. */
  abandon(request: GearmanJobRequest, error: Error): void {
    if (this.withdraw(request, error)) return
    if (request.state !== JOB_PENDING && request.state !== JOB_CREATED) return
    request.progress.detach()
    this.#settleLost(request)
  }

  onLost(request: GearmanJobRequest, error: GearmanError, wasSent: boolean): void {
    const wasAccepted = request.state === JOB_CREATED
    log('%s lost: %s', request.gearmanJob.task, error.message)
    request.state = JOB_UNKNOWN
    request.progress.submission = undefined
    if (!wasSent) {
      request.delivery = 'not-sent'
      request.connectionAttempts -= 1
      this.submit(request)
    } else if (this.#mayResend(request, wasAccepted)) {
      if (request.progress.payload === undefined) this.encode(request)
      this.submit(request)
    } else {
      this.#giveUpLost(request, error, wasAccepted)
    }
  }

  #mayResend(request: GearmanJobRequest, wasAccepted: boolean): boolean {
    if (request.extras.idempotent === true) return true
    return !wasAccepted && request.connectionAttempts < request.maxConnectionAttempts
  }

  #giveUpLost(request: GearmanJobRequest, cause: GearmanError, wasAccepted: boolean): void {
    if (!wasAccepted && request.maxConnectionAttempts > 1) {
      const attempts = request.connectionAttempts
      const message = `task ${request.gearmanJob.task} was sent ${attempts} times and lost each time`
      request.error = new ExceededConnectionAttempts(message, { attempts, cause })
    }
    this.#settleLost(request)
  }

  #submitLater(request: GearmanJobRequest, chosen: Promise<GearmanConnection>): void {
    const { ticket } = request.progress
    const isCurrent = (): boolean =>
      request.progress.isSubmitting && request.progress.ticket === ticket
    chosen.then(
      (connection) => {
        if (isCurrent()) this.#sendOn(request, connection)
      },
      (error: unknown) => {
        if (isCurrent()) this.#giveUp(request, asError(error))
      },
    )
  }

  #sendOn(request: GearmanJobRequest, connection: GearmanConnection): void {
    const { session } = connection
    if (!(session instanceof ClientSession)) {
      // Only a client that overrides establishRequestConnection can hand out such a connection.
      const { server, lastError: cause } = connection
      this.#giveUp(request, new ServerUnavailable([{ server, cause }]))
      return
    }
    const { task } = request.gearmanJob
    const { progress } = request
    const submission = new Submission(request, session, this.#host.encoderFor(task), this)
    try {
      const payload = progress.payload ?? Buffer.alloc(0)
      session.submit(submission, submitType(request), submitArguments(request, payload))
    } catch (error) {
      this.#giveUp(request, asError(error))
      return
    }
    progress.submission = submission
    request.gearmanJob.connection = connection
    request.connectionAttempts += 1
    request.state = JOB_PENDING
    request.delivery = 'unknown'
  }

  /** Nothing was sent: the request is as it was before, but for the reason. */
  #giveUp(request: GearmanJobRequest, error: Error | undefined): void {
    request.error = error
    request.delivery = 'not-sent'
    this.#settle(request)
  }

  #settleLost(request: GearmanJobRequest): void {
    request.state = JOB_UNKNOWN
    this.#settle(request)
  }

  #settle(request: GearmanJobRequest): void {
    const { progress } = request
    progress.isSubmitting = false
    progress.ticket += 1
    progress.payload = undefined
    request.finishUpdates()
    progress.notify(request)
  }
}

function asError(error: unknown): Error {
  if (error instanceof Error) return error
  return new InvalidClientState('the server of a request could not be chosen', { cause: error })
}
