import { packJob, unpackJob } from './job-value.ts'
import type { StoredOutcome } from './queue-store.ts'

const NEWLINE = 0x0a

interface Head {
  readonly kind: StoredOutcome['kind']
  readonly canRequeue: boolean
  readonly endedAt: number
  readonly outputBytes: number
}

/** What is kept of a job as one value: a line of JSON, the output, and the job as {@link packJob} writes it. */
export function packOutcome({ job, kind, canRequeue, endedAtMs, output }: StoredOutcome): Buffer {
  const head: Head = { kind, canRequeue, endedAt: endedAtMs, outputBytes: output.length }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), output, packJob(job)])
}

/**
 * Reads what {@link packOutcome} wrote; the bytes are views into the value.
 *
 * @throws Error for anything else
 */
export function unpackOutcome(key: number, value: Buffer): StoredOutcome {
  const end = value.indexOf(NEWLINE)
  const head = JSON.parse(value.toString('utf8', 0, Math.max(end, 0))) as Head
  const jobStart = end + 1 + head.outputBytes
  return {
    job: unpackJob(key, value.subarray(jobStart)),
    kind: head.kind,
    canRequeue: head.canRequeue,
    endedAtMs: head.endedAt,
    output: value.subarray(end + 1, jobStart),
  }
}
