/**
 * Random plays of two clients and two workers, compared like the scripts. The runs are always the same;
 * `GEARMAN_CONFORMANCE_RUNS` plays so many others, from the seed `GEARMAN_CONFORMANCE_SEED` or a random one.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeParity, playGearmand, playOurs } from '../parity-script.ts'
import { playRandom } from './play-random.ts'
import { randomPlay } from './random-moves.ts'

const RUNS = 120
const SEED = 1_120
const MS_PER_RUN = 2_000

const askedRuns = process.env['GEARMAN_CONFORMANCE_RUNS']
const askedSeed = process.env['GEARMAN_CONFORMANCE_SEED']
const numRuns = Number(askedRuns ?? RUNS)
const seed = Number(askedSeed ?? (askedRuns === undefined ? SEED : Date.now() % 2 ** 31))

describeParity('random plays', () => {
  test(
    `are answered alike (${numRuns} runs, seed ${seed})`,
    async () => {
      await fc.assert(
        fc.asyncProperty(randomPlay, async ({ settings, turns }) => {
          const script = playRandom(turns)
          const theirs = await playGearmand(script, settings)
          const ours = await playOurs(script, settings)
          expect(ours).toEqual(theirs)
        }),
        { numRuns, seed },
      )
    },
    numRuns * MS_PER_RUN,
  )
})
