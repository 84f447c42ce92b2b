import { GearmanConnection } from '../connection/connection.ts'
import { show } from '../core/checks.ts'
import { createLog } from '../core/log.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import {
  type Delivery,
  ExceededConnectionAttempts,
  type GearmanError,
  InvalidArgumentError,
  InvalidClientState,
  JobLostError,
  ServerUnavailable,
} from '../errors.ts'
import { JOB_CREATED, JOB_PENDING, JOB_UNKNOWN } from '../jobs/constants.ts'
import { ClientSession } from './client-session.ts'
import type { GearmanJobRequest } from './job-request.ts'
import type { AttachedSubmission } from './request-progress.ts'
import { Submission } from './submission.ts'
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
 * is sent again only when the caller called it idempotent. When its call is over by a time limit or an abort nothing is
 * sent: deadlines hold across retries.
 */
export class JobDispatcher {
  readonly #host: DispatcherHost
  readonly #isShutDown: () => boolean

  /**
   * @param host - the client
   * @param isShutDown - whether the client was shut down: nothing is sent again then
   */
  constructor(host: DispatcherHost, isShutDown: () => boolean) {
    this.#host = host
    this.#isShutDown = isShutDown
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
    try {
      const chosen = this.#host.establishRequestConnection(request)
      if (chosen instanceof GearmanConnection) this.#sendOn(request, chosen)
      else this.#submitLater(request, chosen)
    } catch (error) {
      this.#giveUp(request, asError(error))
    }
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
    request.progress.lostDelivery = request.delivery
    request.state = JOB_UNKNOWN
    this.#settle(request)
  }

  /** See {@link RequestOwner.onLost}. */
  onLost(request: GearmanJobRequest, error: GearmanError, wasSent: boolean): void {
    const { progress } = request
    const wasAccepted = request.state === JOB_CREATED
    log('%s lost: %s', request.gearmanJob.task, error.message)
    request.state = JOB_UNKNOWN
    progress.submission = undefined
    if (wasSent) progress.lostDelivery = wasAccepted ? 'accepted' : maybe(progress.lostDelivery)
    else request.connectionAttempts -= 1
    request.delivery = progress.lostDelivery
    if (this.#isShutDown() || progress.isLeft) {
      if (wasSent) this.#settle(request)
      else this.#giveUp(request, error)
    } else if (!wasSent) this.submit(request)
    else if (this.#mayResend(request, wasAccepted)) this.#resend(request)
    else this.#giveUpLost(request, error, wasAccepted)
  }

  #mayResend(request: GearmanJobRequest, wasAccepted: boolean): boolean {
    if (request.extras.idempotent === true) return true
    return !wasAccepted && request.connectionAttempts < request.maxConnectionAttempts
  }

  #resend(request: GearmanJobRequest): void {
    try {
      if (request.progress.payload === undefined) this.encode(request)
    } catch (error) {
      // The caller has changed the data since it was accepted.
      this.#giveUp(request, asError(error))
      return
    }
    this.submit(request)
  }

  #giveUpLost(request: GearmanJobRequest, cause: GearmanError, wasAccepted: boolean): void {
    if (!wasAccepted && request.maxConnectionAttempts > 1) {
      const attempts = request.connectionAttempts
      const message = `task ${request.gearmanJob.task} was sent ${attempts} times and lost each time`
      request.error = new ExceededConnectionAttempts(message, { attempts, cause })
    }
    this.#settle(request)
  }

  #submitLater(request: GearmanJobRequest, chosen: Promise<GearmanConnection>): void {
    const { progress } = request
    const search = new ServerSearch()
    progress.detach()
    progress.submission = search
    const isCurrent = (): boolean => progress.isSubmitting && progress.submission === search
    Promise.resolve(chosen).then(
      (connection) => {
        if (isCurrent()) this.#sendOn(request, connection)
      },
      (error: unknown) => {
        if (isCurrent()) this.#giveUp(request, asError(error))
      },
    )
  }

  #sendOn(request: GearmanJobRequest, connection: GearmanConnection): void {
    const { progress } = request
    try {
      const session = sessionOf(connection)
      const encoder = this.#host.encoderFor(request.gearmanJob.task)
      const submission = new Submission(request, session, encoder)
      const payload = progress.payload ?? NO_PAYLOAD
      session.submit(submission, submitType(request), submitArguments(request, payload))
      progress.detach()
      progress.submission = submission
    } catch (error) {
      this.#giveUp(request, asError(error))
      return
    }
    request.gearmanJob.connection = connection
    progress.connectCount = connection.connectCount
    request.connectionAttempts += 1
    request.state = JOB_PENDING
    request.delivery = maybe(progress.lostDelivery)
  }

  /** Nothing was sent this time: the request is as it was before, but for the reason. */
  #giveUp(request: GearmanJobRequest, error: Error | undefined): void {
    const { lostDelivery } = request.progress
    request.delivery = lostDelivery
    request.error =
      error === undefined || lostDelivery === 'not-sent' ? error : lostBefore(request, error)
    this.#settle(request)
  }

  #settle(request: GearmanJobRequest): void {
    request.progress.endSubmitting()
    request.finishUpdates()
    request.progress.notify(request)
  }
}

/** Stands for a sending while its server is still looked for; told by its identity. */
class ServerSearch implements AttachedSubmission {
  detach(): void {}
}

const NO_PAYLOAD: Uint8Array = Buffer.alloc(0)

/** What is known while one more sending is under way. */
function maybe(lostDelivery: Delivery): Delivery {
  return lostDelivery === 'accepted' ? lostDelivery : 'unknown'
}

/** An error about servers alone would say that nothing was sent. */
function lostBefore(request: GearmanJobRequest, cause: Error): JobLostError {
  const { task, unique = '', handle } = request.gearmanJob
  const { lostDelivery: delivery } = request.progress
  const message = `task ${task} was lost (${delivery}) and could not be sent again`
  return new JobLostError(message, { task, unique, handle, delivery, cause })
}

/** Only a client that overrides establishRequestConnection can hand out anything that is of no use. */
function sessionOf(connection: GearmanConnection): ClientSession {
  if (!(connection instanceof GearmanConnection)) {
    throw new InvalidArgumentError(
      'connection',
      `must be one of this client, not ${show(connection)}`,
    )
  }
  const { session } = connection
  if (session instanceof ClientSession) return session
  if (connection.connected)
    throw new InvalidArgumentError('connection', 'is not one of this client')
  throw new ServerUnavailable([{ server: connection.server, cause: connection.lastError }])
}

function asError(error: unknown): Error {
  if (error instanceof Error) return error
  return new InvalidClientState('the server of a request could not be chosen', { cause: error })
}
