import assert from 'node:assert/strict'
import type { StoredJob } from '../server/index.ts'
import { Inapplicable, type StoreCheck } from './store-check.ts'
import { assertJobs, jobOf } from './store-run.ts'

/** A job at which every store fails, in the middle of a commit. */
function impossibleJob(key: number): StoredJob {
  return Object.defineProperty(jobOf(key), 'data', {
    get: () => {
      throw new Error('this job cannot be read')
    },
  })
}

/** What commits do. */
export const COMMIT_CHECKS: readonly StoreCheck[] = [
  {
    name: 'a commit without changes is none',
    check: async (run) => {
      await run.write({})
      assert.deepEqual(await run.stored(), { jobs: [], highestKey: 0 })
    },
  },
  {
    name: 'a removed job does not come back',
    check: async (run) => {
      await run.write({ added: [jobOf(1), jobOf(2), jobOf(3)] }, { removed: [1, 3] })
      assertJobs((await run.stored()).jobs, [jobOf(2)])
    },
  },
  {
    name: 'one commit may add, update and remove the same job, in this order',
    check: async (run) => {
      await run.write({
        added: [jobOf(1), jobOf(2)],
        updated: [
          { key: 1, retries: 1 },
          { key: 2, retries: 2 },
        ],
        removed: [1],
      })
      assertJobs((await run.stored()).jobs, [jobOf(2, { retries: 2 })])
    },
  },
  {
    name: 'an update changes the retries of its job and nothing else',
    check: async (run) => {
      await run.write(
        { added: [jobOf(1), jobOf(2)] },
        { updated: [{ key: 2, retries: 1 }] },
        { updated: [{ key: 2, retries: 7 }] },
      )
      assertJobs((await run.stored()).jobs, [jobOf(1), jobOf(2, { retries: 7 })])
    },
  },
  {
    name: 'updates and removals of jobs that are not there are no error, and make no job',
    check: async (run) => {
      await run.write(
        { added: [jobOf(2)] },
        { updated: [{ key: 1, retries: 1 }], removed: [1, 3, 999_999_999_999_999] },
        { removed: [2] },
        { updated: [{ key: 2, retries: 1 }], removed: [2] },
      )
      assert.deepEqual((await run.stored()).jobs, [])
    },
  },
  {
    name: 'adding a job again replaces it',
    check: async (run) => {
      const again = jobOf(1, { unique: 'again', data: Buffer.alloc(0), priority: 0, retries: 1 })
      await run.write({ added: [jobOf(1)] }, { added: [again, jobOf(2)] })
      assertJobs((await run.stored()).jobs, [again, jobOf(2)])
    },
  },
  {
    name: 'what a commit removed may be added again by a later one',
    check: async (run) => {
      await run.write({ added: [jobOf(1)] }, { removed: [1] }, { added: [jobOf(1)] })
      assertJobs((await run.stored()).jobs, [jobOf(1)])
    },
  },
  {
    name: 'a hundred commits in a row leave what they should',
    check: async (run) => {
      const opened = await run.start()
      for (let key = 1; key <= 100; key += 1) {
        await opened.commit({ added: [jobOf(key)], removed: key % 2 === 0 ? [key - 1] : [] })
      }
      await run.close(opened)
      const even = Array.from({ length: 50 }, (_, index) => jobOf(2 * index + 2))
      assertJobs((await run.stored()).jobs, even)
    },
  },
  {
    name: 'a commit that fails leaves nothing behind, and the next one works',
    check: async (run) => {
      const opened = await run.start()
      await opened.commit({ added: [jobOf(1)] })
      const changes = { added: [jobOf(2), impossibleJob(3), jobOf(4)], removed: [1], highestKey: 9 }
      await assert.rejects(opened.commit(changes))
      await opened.commit({ added: [jobOf(5)] })
      await run.close(opened)
      if (!opened.store.capabilities.isAtomic)
        throw new Inapplicable('the store does not promise whole commits')
      const { jobs, highestKey } = await run.stored()
      assertJobs(jobs, [jobOf(1), jobOf(5)])
      assert.equal(highestKey, 5)
    },
  },
  {
    name: 'the highest key is the one that was given last',
    check: async (run) => {
      await run.write({ highestKey: 16_777_216 })
      assert.equal((await run.stored()).highestKey, 16_777_216)
      await run.write({ added: [jobOf(20)] }, { highestKey: 40, removed: [20] }, {})
      assert.equal((await run.stored()).highestKey, 40)
      await run.write({ highestKey: 999_999_999_999_999 })
      assert.equal((await run.stored()).highestKey, 999_999_999_999_999)
    },
  },
  {
    name: 'the highest key is no lower than that of a job in the store',
    check: async (run) => {
      await run.write({ added: [jobOf(50), jobOf(70)], highestKey: 10 })
      assert.equal((await run.stored()).highestKey, 70)
    },
  },
]
