import type { DataEncoder } from '../encoders/data-encoder.ts'
import type { GearmanWorkerJob } from './worker-job.ts'

/** An encoder of which nothing is known: what it is given decides at run time. */
export type LooseEncoder = DataEncoder<unknown>

/** One registered task, its options checked. */
export interface Registration {
  readonly task: string
  /** The user's callback, with its worker bound to it. */
  readonly run: (job: GearmanWorkerJob<never, never>) => unknown
  /** After this time the job is aborted and reported as failed; `Infinity`: never. */
  readonly timeoutMs: number
  /** What CAN_DO_TIMEOUT tells the server; `undefined`: CAN_DO. */
  readonly serverTimeoutMs: number | undefined
  /** How many jobs of it may run at once; `Infinity`: as many as the worker's own limit allows. */
  readonly concurrency: number
  /** The encoder of its own. */
  readonly encoder: LooseEncoder | undefined
}

/** Whether a task needs connections of its own (design 3.1). */
export function hasOwnLane(registration: Registration): boolean {
  return (
    registration.concurrency !== Number.POSITIVE_INFINITY ||
    registration.serverTimeoutMs !== undefined
  )
}
