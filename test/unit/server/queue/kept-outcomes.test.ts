import { describe, expect, test } from 'vitest'
import { type KeptLimits, KeptOutcomes } from '../../../../src/server/queue/kept-outcomes.ts'
import type { StoredOutcome } from '../../../../src/server/stores/queue-store.ts'

function outcome(key: number, bytes = 0): StoredOutcome {
  const job = { functionName: '', unique: '', reducer: '', priority: 1, retries: 0 } as const
  return {
    job: { ...job, key, data: Buffer.alloc(bytes), runAtEpochSeconds: 0, acceptedAtMs: 0 },
    kind: 'failed',
    canRequeue: true,
    endedAtMs: key * 1000,
    output: Buffer.alloc(0),
  }
}

interface Setup {
  readonly kept: KeptOutcomes
  readonly dropped: number[]
  readonly keys: () => number[]
}

function setUp(limits: Partial<KeptLimits>): Setup {
  const none = Number.POSITIVE_INFINITY
  const dropped: number[] = []
  const all = { maxJobs: none, maxBytes: none, maxAgeMs: none, ...limits }
  const kept = new KeptOutcomes(all, ({ job }) => dropped.push(job.key))
  return { kept, dropped, keys: () => Array.from(kept.values(), ({ job }) => job.key) }
}

describe('outcomes that are kept', () => {
  test('lose the oldest when there are too many', () => {
    const { kept, dropped, keys } = setUp({ maxJobs: 2 })
    for (const key of [1, 2, 3, 4]) kept.add(outcome(key))
    expect(keys()).toEqual([3, 4])
    expect(dropped).toEqual([1, 2])
  })

  test('lose the oldest when they are too large, and do not take one that is by itself', () => {
    const { kept, dropped, keys } = setUp({ maxBytes: 10_000 })
    for (const key of [1, 2, 3]) kept.add(outcome(key, 4000))
    expect(keys()).toEqual([2, 3])
    kept.add(outcome(4, 10_000))
    expect(keys()).toEqual([])
    expect(dropped).toEqual([1, 2, 3, 4])
    kept.add(outcome(5, 4000))
    kept.replace(outcome(5, 10))
    kept.add(outcome(6, 8000))
    expect(keys()).toEqual([5, 6])
  })

  test('lose what is too old', () => {
    const { kept, dropped, keys } = setUp({ maxAgeMs: 5000 })
    expect(kept.nextExpiryMs).toBeUndefined()
    for (const key of [1, 2, 3]) kept.add(outcome(key))
    expect(kept.nextExpiryMs).toBe(6000)
    kept.expire(7000)
    expect(keys()).toEqual([3])
    expect(dropped).toEqual([1, 2])
  })

  test('have a job once, as the newest; what is deleted is not told', () => {
    const { kept, dropped, keys } = setUp({})
    for (const key of [1, 2, 1]) kept.add(outcome(key))
    expect(keys()).toEqual([2, 1])
    expect(kept.delete(2)).toBe(true)
    expect(kept.delete(2)).toBe(false)
    kept.replace(outcome(2))
    expect(keys()).toEqual([1])
    expect(dropped).toEqual([])
  })
})
