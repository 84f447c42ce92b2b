import { GearmanJob } from '../jobs/gearman-job.ts'
import type { JobAssignment } from './job-assignment.ts'

/**
 * A job as a task's callback gets it.
 *
 * `Data` is what the task's encoder made of the payload; `Update` is what may be sent while the job runs.
 */
export class GearmanWorkerJob<Data = unknown, Update = unknown> extends GearmanJob<Data> {
  /** The handle that the server gave it. */
  declare handle: string
  readonly #assignment: JobAssignment<Data>

  /** @param assignment - what the server said, as {@link GearmanWorker.createJob} gets it */
  constructor(assignment: JobAssignment<Data>) {
    const { connection, handle, task, unique, data } = assignment
    super(connection, handle, task, unique, data)
    this.#assignment = assignment
  }

  /**
   * Aborts when the result is of no use any more: at the task's `timeout` (reason: `JobTimeoutError`), when the
   * connection is lost or closed (`ConnectionError`), and when `stop()` runs out of time (`InvalidWorkerState`).
   */
  get signal(): AbortSignal {
    return this.#assignment.signal
  }

  /** The task that reduces the results of this one, as the client named it; the server only carries it. */
  get reducer(): string | undefined {
    return this.#assignment.reducer
  }

  /**
   * Sends data to the clients that wait for the job (WORK_DATA).
   *
   * @param data - encoded by the task's encoder
   * @returns a promise that resolves once it is written; await it to be slowed down with the network
   * @throws InvalidWorkerState (rejection) when the job has ended, code `ERR_GEARMAN_INVALID_WORKER_STATE`
   * @throws ConnectionError (rejection) when the connection of the job is lost
   * @throws EncodingError (rejection) when the data cannot be encoded
   */
  sendData(data: Update): Promise<void> {
    return this.#assignment.report.sendData(this.#assignment, data)
  }

  /** Sends a warning (WORK_WARNING); see {@link sendData}. */
  sendWarning(data: Update): Promise<void> {
    return this.#assignment.report.sendWarning(this.#assignment, data)
  }

  /**
   * Sends how far the job is (WORK_STATUS), as decimal text; see {@link sendData}. gearmand does not pass on a
   * denominator of more than 11 characters.
   *
   * @throws InvalidArgumentError (rejection) unless both are finite numbers
   */
  sendStatus(numerator: number, denominator: number): Promise<void> {
    return this.#assignment.report.sendStatus(this.#assignment, numerator, denominator)
  }

  /** @internal What the worker knows of the job. */
  get assignment(): JobAssignment<Data> {
    return this.#assignment
  }
}
