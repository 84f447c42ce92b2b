import type { ConnectionEvents } from '../connection/connection-events.ts'
import type { GearmanError, ServerError } from '../errors.ts'
import type { GearmanWorkerJob } from './worker-job.ts'

/** What is told about a job. */
export interface WorkerJobEvent {
  /** The job. */
  readonly job: GearmanWorkerJob
}

/** A job has failed. */
export interface JobFailedEvent extends WorkerJobEvent {
  /** What was thrown, or why the job could not run; `undefined` when the callback itself reported the failure. */
  readonly error: unknown
}

/** The connection of a job was lost, or closed, before the job had ended. */
export interface JobLostEvent extends WorkerJobEvent {
  /** Why: a `ConnectionError`, or an `InvalidWorkerState` when the worker did not wait any longer. */
  readonly error: GearmanError
}

/** A callback has ended too late: nothing was sent. */
export interface ResultDroppedEvent extends WorkerJobEvent {
  /** Why the result was of no use any more: the reason of `job.signal`. */
  readonly reason: GearmanError
  /** What the callback threw, if it threw. */
  readonly error: unknown
}

/** A callback goes on after its time limit. */
export interface OverrunEvent extends WorkerJobEvent {
  /** The limit in milliseconds. */
  readonly timeout: number
}

/** More jobs run than `concurrency` allows. */
export interface OvercommitEvent {
  /** The server that assigned the job. */
  readonly server: string
  /** How many jobs run now. */
  readonly running: number
  /** How many should at most. */
  readonly concurrency: number
}

/** A server has answered ERROR. */
export interface ServerErrorEvent {
  /** The server as `host:port`. */
  readonly server: string
  /** What it said. */
  readonly error: ServerError
}

/** What a worker tells of itself. Events are for watching: what a listener throws is logged and goes no further. */
export interface WorkerEvents extends ConnectionEvents {
  /** A job is about to be handed to its callback. */
  jobStarted: (event: WorkerJobEvent) => void
  /** The result of a job was sent. */
  jobCompleted: (event: WorkerJobEvent) => void
  /** A job has failed: its callback threw, its time ran out, or it could not be run at all. Once per job. */
  jobFailed: (event: JobFailedEvent) => void
  /** A job was lost with its connection; the server gives it to somebody again. Its signal is aborted. */
  jobLost: (event: JobLostEvent) => void
  /** The callback of a job that was lost, or whose time ran out, has settled after all. */
  resultDropped: (event: ResultDroppedEvent) => void
  /** A callback has not settled although its `timeout` has aborted its signal: it still holds its slot. */
  overrun: (event: OverrunEvent) => void
  /**
   * A server was so slow to assign a job that its slot had gone to another one: both run. A job of a task with a limit of
   * its own waits instead.
   */
  overcommit: (event: OvercommitEvent) => void
  /** A server has answered ERROR, for instance to a result that came after its own time limit. */
  serverError: (event: ServerErrorEvent) => void
}
