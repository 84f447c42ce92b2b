import type { FunctionQueue } from './function-queue.ts'
import type { Priority } from './priority.ts'

/** One submit packet. */
export interface Submission {
  readonly queue: FunctionQueue
  readonly unique: string
  readonly reducer: string
  readonly priority: Priority
  readonly isBackground: boolean
  /** Unix time in seconds; 0 for at once. */
  readonly runAtSeconds: number
  /** The packet's body, which may be a view into a chunk: what is kept is copied. */
  readonly body: Buffer
  /** Where in the body the job's data begin. */
  readonly dataStart: number
}

/** A view of the data of a submission. */
export function submittedData({ body, dataStart }: Submission): Buffer {
  return body.subarray(dataStart)
}
