import { expect, test } from 'vitest'
import { migrate } from '../../../../src/server/stores/migrate.ts'

/** Makes the steps on a database that has some of them already. */
async function madeSteps(steps: readonly string[], version: number): Promise<readonly string[]> {
  const made: string[] = []
  await migrate(steps, {
    readVersion: async () => version,
    apply: async (step, number) => void made.push(`${number}: ${step}`),
  })
  return made
}

test('steps that were not made yet are made in order, and no others', async () => {
  expect(await madeSteps(['a', 'b', 'c'], 0)).toEqual(['1: a', '2: b', '3: c'])
  expect(await madeSteps(['a', 'b', 'c'], 2)).toEqual(['3: c'])
  expect(await madeSteps(['a', 'b', 'c'], 3)).toEqual([])
})

test('tables of a later version are refused', async () => {
  await expect(madeSteps(['a', 'b'], 3)).rejects.toThrow(
    'its tables have version 3, made by a later gearman-sdk; this one knows version 2',
  )
})
