/**
 * Random plays, packets and text commands, compared like the scripts. The runs are always the same;
 * `GEARMAN_CONFORMANCE_RUNS` plays so many others, from the seed `GEARMAN_CONFORMANCE_SEED` or a random one.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  describeParity,
  playGearmand,
  playOurs,
  type Script,
  type Settings,
} from '../parity-script.ts'
import { playRandom } from './play-random.ts'
import { playSteps } from './play-steps.ts'
import { randomPlay } from './random-moves.ts'
import { randomLines, randomPackets } from './random-steps.ts'

const RUNS = 100
const SEED = 1_120
/** A busy machine is slow, not broken: a tenth of a second is enough for most. */
const MS_PER_RUN = 10_000

const askedRuns = process.env['GEARMAN_CONFORMANCE_RUNS']
const askedSeed = process.env['GEARMAN_CONFORMANCE_SEED']
const numRuns = Number(askedRuns ?? RUNS)
const seed = Number(askedSeed ?? (askedRuns === undefined ? SEED : Date.now() % 2 ** 31))

/** A property in so many runs. */
function compare<T>(
  subject: string,
  runs: number,
  arbitrary: fc.Arbitrary<T>,
  scriptOf: (value: T) => Script,
  settingsOf: (value: T) => Settings = () => ({}),
): void {
  const name = `${subject} (${runs} runs, seed ${seed})`
  test(name, { timeout: runs * MS_PER_RUN }, async () => {
    const property = fc.asyncProperty(arbitrary, async (value) => {
      const script = scriptOf(value)
      const theirs = await playGearmand(script, settingsOf(value))
      const ours = await playOurs(script, settingsOf(value))
      expect(ours).toEqual(theirs)
    })
    await fc.assert(property, { numRuns: runs, seed })
  })
}

describeParity('what is made up at random is answered alike', () => {
  compare(
    'plays of clients and workers',
    numRuns,
    randomPlay,
    ({ turns }) => playRandom(turns),
    ({ settings }) => settings,
  )
  compare('any packets', Math.ceil(numRuns / 2), randomPackets, playSteps)
  compare('text commands', Math.ceil(numRuns / 2), randomLines, playSteps)
})
