import type { StoredJob } from '../stores/queue-store.ts'

/** Key, time to run, time of arrival, retries, priority, and the lengths of function, unique, reducer, data. */
const HEAD_BYTES = 8 + 8 + 8 + 4 + 1 + 4 * 4

/**
 * Jobs as one block of bytes, in memory of its own: it changes threads without being copied, and without the
 * memory that the jobs share with others.
 */
export function packJobs(jobs: readonly StoredJob[]): ArrayBuffer {
  let size = 0
  for (const { functionName, unique, reducer, data } of jobs) {
    size += HEAD_BYTES + functionName.length + unique.length + reducer.length + data.length
  }
  const memory = new ArrayBuffer(size)
  const block = Buffer.from(memory)
  let at = 0
  for (const job of jobs) at = packJob(job, block, at)
  return memory
}

function packJob(job: StoredJob, block: Buffer, start: number): number {
  const { functionName, unique, reducer, data } = job
  let at = block.writeDoubleLE(job.key, start)
  at = block.writeDoubleLE(job.runAtEpochSeconds, at)
  at = block.writeDoubleLE(job.acceptedAtMs, at)
  at = block.writeUInt32LE(job.retries, at)
  at = block.writeUInt8(job.priority, at)
  for (const { length } of [functionName, unique, reducer, data])
    at = block.writeUInt32LE(length, at)
  at += block.write(functionName, at, 'latin1')
  at += block.write(unique, at, 'latin1')
  at += block.write(reducer, at, 'latin1')
  at += data.copy(block, at)
  return at
}

/** A job as the columns of a row; the bytes are views into its block. */
export interface PackedJob {
  readonly key: number
  readonly runAtEpochSeconds: number
  readonly acceptedAtMs: number
  readonly retries: number
  readonly priority: number
  readonly functionName: Buffer
  readonly unique: Buffer
  readonly reducer: Buffer
  readonly data: Buffer
}

/** Reads what {@link packJobs} wrote. */
export function* unpackJobs(memory: ArrayBuffer): Generator<PackedJob> {
  const block = Buffer.from(memory)
  let at = 0
  while (at < block.length) {
    const head = at
    at += HEAD_BYTES
    const bytes = (index: number): Buffer => {
      const length = block.readUInt32LE(head + 29 + 4 * index)
      at += length
      return block.subarray(at - length, at)
    }
    yield {
      key: block.readDoubleLE(head),
      runAtEpochSeconds: block.readDoubleLE(head + 8),
      acceptedAtMs: block.readDoubleLE(head + 16),
      retries: block.readUInt32LE(head + 24),
      priority: block.readUInt8(head + 28),
      functionName: bytes(0),
      unique: bytes(1),
      reducer: bytes(2),
      data: bytes(3),
    }
  }
}
