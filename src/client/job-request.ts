import type { Delivery } from '../errors.ts'
import { InvalidClientState } from '../errors.ts'
import {
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_FAILED,
  JOB_UNKNOWN,
  type JobPriority,
  type JobState,
  PRIORITY_NONE,
} from '../jobs/constants.ts'
import type { GearmanJob } from '../jobs/gearman-job.ts'
import type { JobStatus } from './job-status.ts'
import { outcomeError } from './request-outcome.ts'
import { type RequestOwner, RequestProgress } from './request-progress.ts'
import type { JobUpdate } from './update-queue.ts'

/** What a request can be told beside Python's arguments. */
export interface JobRequestExtras {
  /** When the server may hand the job to a worker, in whole seconds since 1970. Makes it a background job. */
  readonly runAtEpochSeconds?: number | undefined
  /** The task that reduces the results of this one; the server only carries it to the worker. */
  readonly reducer?: string | undefined
  /** Running twice does no harm: the request is sent again whenever its connection is lost. */
  readonly idempotent?: boolean | undefined
}

const NO_EXTRAS: JobRequestExtras = {}
const NO_STATUS: Partial<JobStatus> = {}

/**
 * One job as the client sees it: what was asked for, and what has become of it. Its fields change as packets
 * arrive, also between two lines of yours.
 */
export class GearmanJobRequest<Data = unknown, Result = unknown, Update = Result> {
  /** The job. */
  readonly gearmanJob: GearmanJob<Data>
  /** The priority it is submitted with. */
  readonly priority: JobPriority
  /** Whether it is a background job: the server keeps it when this client goes, and sends no result. */
  readonly background: boolean
  /** What Python's arguments do not cover. */
  readonly extras: JobRequestExtras
  /** How often it was written to a server. */
  connectionAttempts = 0
  /** How often it may be: `maxRetries` + 1. */
  maxConnectionAttempts: number
  /** See the `JOB_*` constants. */
  state: JobState = JOB_UNKNOWN
  /** The decoded result, once the state is COMPLETE. */
  result: Result | undefined = undefined
  /** What the worker threw, decoded by the task's encoder; a `Buffer` when it could not be decoded. */
  exception: unknown = undefined
  /** What kept the request from being taken, or its result from being read. */
  error: Error | undefined = undefined
  /** The last progress or status report; empty before the first one. */
  status: Partial<JobStatus> = NO_STATUS
  /** Whether the clock ran out on the last wait although the job had been sent. */
  timedOut = false
  /** How much is known of the submission. */
  delivery: Delivery = 'not-sent'
  /** @internal What happens between the lines. */
  readonly progress: RequestProgress<Result, Update>
  /** @internal The unique id that was made up here; `undefined` when the caller has given one. */
  randomUnique: string | undefined = undefined
  /** @internal Who submitted it last. */
  owner: RequestOwner<GearmanJobRequest> | undefined = undefined

  /**
   * @param gearmanJob - the job
   * @param initialPriority - default: normal
   * @param background - default: foreground
   * @param maxAttempts - how often it may be written to a server; default 1
   * @param extras - what Python's arguments do not cover
   */
  constructor(
    gearmanJob: GearmanJob<Data>,
    initialPriority: JobPriority = PRIORITY_NONE,
    background = false,
    maxAttempts = 1,
    extras: JobRequestExtras = NO_EXTRAS,
  ) {
    this.gearmanJob = gearmanJob
    this.priority = initialPriority
    this.background = background
    this.maxConnectionAttempts = maxAttempts
    this.extras = extras
    this.progress = new RequestProgress()
  }

  /** The job. */
  get job(): GearmanJob<Data> {
    return this.gearmanJob
  }

  /** The unique id of the job. */
  get unique(): string | undefined {
    return this.gearmanJob.unique
  }

  /** The handle that the server gave the job; `undefined` before it is accepted. */
  get handle(): string | undefined {
    return this.gearmanJob.handle
  }

  /** Whether there is nothing more to wait for: ended in the foreground, or accepted in the background. */
  get complete(): boolean {
    if (this.background) return this.state === JOB_CREATED
    return this.state === JOB_COMPLETE || this.state === JOB_FAILED
  }

  /** Decoded WORK_DATA payloads in order of arrival: `shift()` them. Stays empty while the request is iterated. */
  get dataUpdates(): Update[] {
    return this.progress.dataUpdates
  }

  /** Decoded WORK_WARNING payloads in order of arrival. Stays empty while the request is iterated. */
  get warningUpdates(): Update[] {
    return this.progress.warningUpdates
  }

  /**
   * Forgets all that came back: result, exception, updates, status, state. The job keeps its handle, and the
   * server keeps the job; whatever still arrives for it is ignored, and calls that wait for it resolve.
   */
  initializeRequest(): void {
    const { progress } = this
    progress.detach()
    progress.endSubmitting()
    progress.lostDelivery = 'not-sent'
    this.finishUpdates()
    this.state = JOB_UNKNOWN
    this.result = undefined
    this.exception = undefined
    this.error = undefined
    this.status = NO_STATUS
    this.timedOut = false
    this.delivery = 'not-sent'
    progress.clearUpdates()
    progress.notify(this)
  }

  /** {@link initializeRequest}, and forgets handle, server and attempts: as if it had never been submitted. */
  reset(): void {
    this.gearmanJob.handle = undefined
    this.gearmanJob.connection = undefined
    this.connectionAttempts = 0
    this.initializeRequest()
  }

  /**
   * Takes the job back. Not sent yet: it never is. Queued: the server drops it, and everybody who waits for it gets a
   * failure. Running: the same, but the worker is not told and works on.
   *
   * @returns whether there was something to take back
   * @throws ConnectionError when the server cannot be asked, or was lost since it accepted the job: it may have
   * restarted, and mean another job by the handle
   */
  async cancel(): Promise<boolean> {
    if (this.owner === undefined) {
      throw new InvalidClientState('a request that was never submitted cannot be cancelled')
    }
    return await this.owner.cancel(this)
  }

  /**
   * The updates as they come, and the result last. Ends the loop at the result.
   *
   * @throws JobFailedError, JobExceptionError, JobLostError or {@link error} when it ends in another way
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<JobUpdate<Result, Update>, void, undefined> {
    const updates = this.progress.openUpdates()
    try {
      if (!this.progress.isSubmitting && this.isSettled) this.finishUpdates()
      for (;;) {
        const update = await updates.next()
        if (update === undefined) return
        yield update
      }
    } finally {
      this.progress.closeUpdates(updates)
    }
  }

  /** @internal Whether no packet can change the request any more. */
  get isSettled(): boolean {
    return this.progress.isSubmitting ? false : this.state !== JOB_CREATED || this.background
  }

  /** @internal Ends the iteration under way: with the result, or with the reason why there is none. */
  finishUpdates(): void {
    const { updates } = this.progress
    if (updates === undefined) return
    if (this.state === JOB_COMPLETE) {
      // A complete job has a result, be it an undefined one.
      updates.push({ type: 'result', data: this.result as Result }, 0)
      updates.finish()
    } else if (this.complete && this.background) {
      updates.finish()
    } else {
      updates.finish(outcomeError(this))
    }
  }
}
