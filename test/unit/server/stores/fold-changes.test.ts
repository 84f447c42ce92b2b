import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldChanges } from '../../../../src/server/stores/fold-changes.ts'
import type { QueueChanges, StoredJob } from '../../../../src/server/stores/queue-store.ts'

function jobOf(key: number): StoredJob {
  return {
    key,
    functionName: 'f',
    unique: '',
    reducer: '',
    priority: 1,
    data: Buffer.alloc(0),
    runAtEpochSeconds: 0,
    acceptedAtMs: 0,
    retries: 0,
  }
}

/** Retries by key, as the contract has it: lists in their order. */
function inOrder(before: ReadonlyMap<number, number>, changes: QueueChanges): Map<number, number> {
  const jobs = new Map(before)
  for (const { key, retries } of changes.added) jobs.set(key, retries)
  for (const { key, retries } of changes.updated) if (jobs.has(key)) jobs.set(key, retries)
  for (const key of changes.removed) jobs.delete(key)
  return jobs
}

const key = fc.integer({ min: 1, max: 6 })
const keys = fc.uniqueArray(key)

test('folded changes have the result of all lists in their order, and name no job twice', () => {
  fc.assert(
    fc.property(keys, keys, fc.array(fc.tuple(key, fc.nat(9))), fc.array(key), (...given) => {
      const [stored, added, updated, removed] = given
      const before = new Map(stored.map((each) => [each, 50]))
      const changes: QueueChanges = {
        added: added.map(jobOf),
        updated: updated.map(([each, retries]) => ({ key: each, retries })),
        removed,
        highestKey: 7,
      }
      const folded = foldChanges(changes)
      const list = Array.from(folded.updated, ([each, retries]) => ({ key: each, retries }))
      expect(inOrder(before, { ...folded, updated: list })).toEqual(inOrder(before, changes))
      const named = [
        ...folded.added.map((job) => job.key),
        ...folded.updated.keys(),
        ...folded.removed,
      ]
      expect(new Set(named).size).toBe(named.length)
      expect(folded.highestKey).toBe(7)
    }),
  )
})
