import type { GearmanConnection } from '../connection/connection.ts'
import type { GearmanError } from '../errors.ts'
import type { JobPacket } from './job-packet.ts'
import type { JobReporter } from './job-reporter.ts'
import type { Registration } from './registration.ts'
import type { GearmanWorkerJob } from './worker-job.ts'
import type { WorkerSession } from './worker-session.ts'

/**
 * How far an assigned job is.
 *
 * - `waiting`: prefetched; it starts when a slot is free.
 * - `running`: its callback has not settled.
 * - `settled`: its callback has settled.
 * - `dropped`: it will never start here; the server has it back.
 */
export type AssignmentState = 'waiting' | 'running' | 'settled' | 'dropped'

/** A job that a server has assigned to this worker: what {@link GearmanWorker.createJob} makes a job of. */
export class JobAssignment<Data = unknown> {
  /** The handle that the server gave the job. */
  readonly handle: string
  /** The task. */
  readonly task: string
  /** The unique id; `undefined` where the server did not tell it. */
  readonly unique: string | undefined
  /** The task that reduces the result, as the client named it. */
  readonly reducer: string | undefined
  /** The decoded data; where they could not be decoded, their bytes. */
  data: Data
  /** @internal The connection's protocol state. */
  readonly session: WorkerSession
  /** @internal What sends for it. */
  readonly report: JobReporter
  /** @internal The task as it was registered when the job came. */
  readonly registration: Registration | undefined
  /** @internal What was made of this. */
  job: GearmanWorkerJob | undefined
  /** @internal How far it is. */
  state: AssignmentState = 'waiting'
  /** @internal Whether its final packet was sent. */
  isFinal = false
  /** @internal Whether its failure was told. */
  hasFailed = false
  /** @internal Why its result is of no use any more. */
  abandoned: GearmanError | undefined
  /** @internal Runs out at the task's time limit. */
  timer: NodeJS.Timeout | undefined
  /** @internal Links of the list that it is in. */
  previous: JobAssignment | undefined
  /** @internal */
  next: JobAssignment | undefined
  #controller: AbortController | undefined

  /** @internal */
  constructor(
    session: WorkerSession,
    report: JobReporter,
    packet: JobPacket,
    registration: Registration | undefined,
  ) {
    this.session = session
    this.report = report
    this.handle = packet.handle
    this.task = packet.task
    this.unique = packet.unique
    this.reducer = packet.reducer
    this.registration = registration
    // Decoded when the job starts; its type is the encoder's from then on.
    this.data = packet.payload as Data
  }

  /** The connection to the server that assigned it. */
  get connection(): GearmanConnection {
    return this.session.connection
  }

  /** Aborts when the result is of no use any more. Made when it is asked for: most jobs never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.abandoned !== undefined) this.#controller.abort(this.abandoned)
    }
    return this.#controller.signal
  }

  /** @internal The result is of no use any more. */
  abandon(reason: GearmanError): void {
    if (this.abandoned !== undefined) return
    this.abandoned = reason
    this.#controller?.abort(reason)
  }
}
