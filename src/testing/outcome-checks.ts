import assert from 'node:assert/strict'
import type { StoredOutcome } from '../server/index.ts'
import { Inapplicable, type StoreCheck } from './store-check.ts'
import { assertJobs, assertOutcomes, jobOf, outcomeOf, type StoreRun } from './store-run.ts'

/** What a new server finds of jobs that are over. */
async function keptOutcomes(run: StoreRun): Promise<StoredOutcome[]> {
  const opened = await run.start()
  const outcomes = await run.replayOutcomes(opened)
  await run.close(opened)
  return outcomes
}

function outcomeCheck(name: string, check: StoreCheck['check']): StoreCheck {
  return {
    name,
    check: async (run) => {
      if (run.fixture.createStore().capabilities.keepsOutcomes !== true)
        throw new Inapplicable('the store does not keep jobs that are over')
      await check(run)
    },
  }
}

/** Jobs that are over. */
export const OUTCOME_CHECKS: readonly StoreCheck[] = [
  outcomeCheck('a job that is over is kept as it was, and is none of the jobs', async (run) => {
    const outcomes = [
      outcomeOf(1, { kind: 'failed', output: Buffer.alloc(0) }),
      outcomeOf(2, {
        job: jobOf(2, { functionName: 'f\xff', unique: '\xfe', data: Buffer.from([0]) }),
      }),
      outcomeOf(3, { kind: 'completed', canRequeue: false, output: Buffer.from([0, 255, 10]) }),
      outcomeOf(4, { kind: 'lost', job: jobOf(4, { priority: 0, retries: 3, reducer: 'r' }) }),
      outcomeOf(5, { job: jobOf(5, { data: Buffer.alloc(0) }), output: Buffer.alloc(70_000, 7) }),
    ]
    await run.write({ added: [jobOf(6)] }, { outcomes })
    assertOutcomes(await keptOutcomes(run), outcomes)
    assertJobs((await run.stored()).jobs, [jobOf(6)])
  }),
  outcomeCheck('a job moves to those that are over, and back, in one commit each', async (run) => {
    const outcome = outcomeOf(1)
    await run.write({ added: [jobOf(1)] }, { removed: [1], outcomes: [outcome] })
    assert.deepEqual((await run.stored()).jobs, [])
    assertOutcomes(await keptOutcomes(run), [outcome])
    await run.write({ added: [jobOf(1)], forgotten: [1] })
    assertJobs((await run.stored()).jobs, [jobOf(1)])
    assertOutcomes(await keptOutcomes(run), [])
  }),
  outcomeCheck('what is kept of a job is replaced, and forgotten', async (run) => {
    const again = outcomeOf(1, { canRequeue: false, output: Buffer.from('again') })
    await run.write({ outcomes: [outcomeOf(1), outcomeOf(2)] }, { outcomes: [again] })
    assertOutcomes(await keptOutcomes(run), [again, outcomeOf(2)])
    await run.write({ outcomes: [outcomeOf(3)], forgotten: [1, 3, 99] })
    assertOutcomes(await keptOutcomes(run), [outcomeOf(2)])
  }),
  outcomeCheck('thousands of them come back', async (run) => {
    const outcomes = Array.from({ length: 2500 }, (_, index) => outcomeOf(index + 1))
    await run.write({ outcomes })
    assertOutcomes(await keptOutcomes(run), outcomes)
  }),
]
