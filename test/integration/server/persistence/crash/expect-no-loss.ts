import { expect } from 'vitest'
import { seeded } from '../../../../helpers/seeded-random.ts'
import { type CrashDatabase, CrashRun } from './crash-run.ts'
import type { StoreSpec } from './store-kinds.ts'

/** Kills that take minutes each would be too many for every run of the tests: this asks for more. */
const KILLS = process.env['GEARMAN_TEST_KILLS']

/**
 * Kills a server on a store again and again: nothing that a client was told to be accepted is lost, nothing
 * that was over before a clean stop runs again. Prints its seed and its counts.
 *
 * @param kills - how many times, unless `GEARMAN_TEST_KILLS` says otherwise
 * @param database - that of the store: to be killed, too, and started again before the server is
 */
export async function expectNoLoss(
  spec: StoreSpec,
  kills: number,
  database?: CrashDatabase,
): Promise<void> {
  const seed = Number(process.env['GEARMAN_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  const run = new CrashRun(spec, seeded(seed), database)
  await run.play(Number(KILLS ?? kills))
  const lost = [...run.accepted].filter((id) => !run.runs.has(id))
  const twice = [...run.runs.values()].filter((count) => count > 1).length
  console.log(
    `${spec.kind}: seed ${seed}, ${run.kills} kills, ${run.cleanStops} clean stops, ` +
      `${run.databaseKills} kills of the database, ${run.accepted.size} jobs accepted, ` +
      `${run.refused} refused, ${run.runs.size} run, ${twice} of them more than once, ${lost.length} lost, ` +
      `${run.ranAgain.length} run again after their end, ${run.spoiled.length} spoiled`,
  )
  const { ranAgain, spoiled, left } = run
  expect({ lost, ranAgain, spoiled, left }).toEqual({
    lost: [],
    ranAgain: [],
    spoiled: [],
    left: 0,
  })
  expect(run.accepted.size).toBeGreaterThan(0)
}
