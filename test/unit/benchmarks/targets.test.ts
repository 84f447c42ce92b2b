import { expect, it } from 'vitest'
import type { ScenarioResult } from '../../../benchmarks/contestants/measure.ts'
import { SCENARIOS } from '../../../benchmarks/studies/suite/scenarios.ts'
import { judge, TARGETS } from '../../../benchmarks/studies/suite/targets.ts'

it('has a scenario and contestants for each target', () => {
  for (const { scenario, ours, than } of TARGETS) {
    const contestants = SCENARIOS.find(({ name }) => name === scenario)?.contestants ?? []
    const names = contestants.map(({ name }) => name)
    expect(names).toContain(ours)
    if (than.length > 0) expect(than.filter((name) => names.includes(name))).not.toEqual([])
  }
})

it('gives each scenario a name of its own', () => {
  const names = SCENARIOS.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

it.each([
  [{ 'gearman-sdk': [80], libgearman: [100] }, 0.8, 'aim'],
  [{ 'gearman-sdk': [60, 20, 70], libgearman: [100] }, 0.6, 'at least'],
  [{ 'gearman-sdk': [50], libgearman: [100] }, 0.5, 'missed'],
  [{ 'gearman-sdk': [50] }, Number.NaN, 'not measured'],
])('compares medians with libgearman: %o', (values, value, verdict) => {
  const [first] = judge([result('seq16', values)])
  expect(first).toMatchObject({ value, verdict })
})

it('compares with the best of several', () => {
  const values = { 'gearman-sdk': [20], abraxas: [5], 'gearmanode+nodelay': [10] }
  expect(judge([result('big1', values)])).toMatchObject([{ value: 2, verdict: 'at least' }])
})

it('says what the load generator reaches in the place of this SDK', () => {
  const values = { libgearman: [10], 'gearman-sdk': [60], 'load generator': [90] }
  expect(judge([result('w64-c100', values)])).toMatchObject([
    { value: 6, ceiling: 9, verdict: 'missed' },
  ])
})

it.each([
  [600, 'aim'],
  [800, 'at least'],
  [901, 'missed'],
])('takes %i bytes for a figure of which less is better', (bytes, verdict) => {
  const results = [result('client-memory', { 'gearman-sdk': [bytes] })]
  expect(judge(results)).toMatchObject([{ value: bytes, verdict }])
})

function result(name: string, values: Readonly<Record<string, number[]>>): ScenarioResult {
  return {
    name,
    title: '',
    group: '',
    unit: '',
    contestants: Object.entries(values).map(([contestant, all]) => ({
      name: contestant,
      samples: all.map((value) => ({ value, processes: [] })),
    })),
  }
}
