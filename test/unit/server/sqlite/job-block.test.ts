import { describe, expect, test } from 'vitest'
import { packJobs, unpackJobs } from '../../../../src/server/sqlite/job-block.ts'
import type { StoredJob } from '../../../../src/server/stores/queue-store.ts'

const JOB: StoredJob = {
  key: 999_999_999_999_999,
  functionName: 'caf\xe9',
  unique: '\xff\x01',
  reducer: '',
  priority: 2,
  data: Buffer.from('view into a block').subarray(5, 9),
  runAtEpochSeconds: Number.MAX_SAFE_INTEGER,
  acceptedAtMs: 1_700_000_000_123,
  retries: 2 ** 32 - 1,
}

describe('a block of jobs', () => {
  test('gives back what went in, in order', () => {
    const empty = { ...JOB, key: 1, functionName: 'f', unique: '', data: Buffer.alloc(0) }
    const jobs = Array.from(unpackJobs(packJobs([JOB, empty, JOB])), (job) => ({
      ...job,
      functionName: job.functionName.toString('latin1'),
      unique: job.unique.toString('latin1'),
      reducer: job.reducer.toString('latin1'),
    }))
    expect(jobs).toEqual([JOB, empty, JOB])
  })

  test('holds the bytes of its jobs and no others', () => {
    expect(packJobs([JOB, JOB]).bytes.byteLength).toBe(2 * (4 + 2 + 4))
    expect(packJobs([]).bytes.byteLength).toBe(0)
    expect([...unpackJobs(packJobs([]))]).toEqual([])
  })
})
