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
  /** Where the packet is, mostly in a chunk: what is kept is copied. */
  readonly body: Buffer
  /** Where in the body the job's data begin. */
  readonly dataStart: number
  /** Where they end. */
  readonly dataEnd: number
}

/** A view of the data of a submission. */
export function submittedData({ body, dataStart, dataEnd }: Submission): Buffer {
  return body.subarray(dataStart, dataEnd)
}
