import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { readmeFigures, replaceFigures } from '../../../benchmarks/report/readme-figures.ts'
import { latestOfSuite, type MeasuredScenario } from '../../../benchmarks/report/results.ts'

const README = fileURLToPath(new URL('../../../README.md', import.meta.url))

it('finds the figures of the README as `npm run bench -- report` makes them', () => {
  const page = readFileSync(README, 'utf8')
  expect(replaceFigures(page, readmeFigures(latestOfSuite()))).toBe(page)
})

it('shows the best library of npm, what the server does at most, and the ratio of the last column to the first', () => {
  const lines = readmeFigures([
    scenario('jobs/s', {
      libgearman: [10],
      abraxas: [3],
      'gearmanode+nodelay': [4],
      'load generator': [250],
      'gearman-sdk': [200, 220, 180],
    }),
  ]).split('\n')
  expect(lines).toContain('| a title, jobs/s | 10 | 4 | 250 | 200 | x20 |')
})

it('takes the least where less is better, and leaves out what was not measured', () => {
  const lines = readmeFigures([
    scenario('bytes', {
      libgearman: [],
      abraxas: [3000],
      'gearmanode+nodelay': [2000],
      'gearman-sdk': [500],
    }),
  ]).split('\n')
  expect(lines).toContain('| a title, bytes |  | 2,000 |  | 500 | x0.25 |')
})

it('says where and when each table was measured, once for each machine', () => {
  const here = scenario('jobs/s', { libgearman: [10], 'gearman-sdk': [20] })
  const there = { ...here, machine: { ...here.machine, processor: '4 x' } }
  const lines = readmeFigures([here, here, there]).split('\n')
  expect(lines.filter((line) => line.startsWith('Measured on'))).toEqual([
    'Measured on 2026-01-02 (libraries on gearmand): 2 x, Node v20, gearmand 1, over loopback; medians of 5 runs.',
    'Measured on 2026-01-02 (libraries on gearmand): 4 x, Node v20, gearmand 1, over loopback; medians of 5 runs.',
  ])
})

it('refuses a page without its marks', () => {
  expect(() => replaceFigures('# A page', '')).toThrow('the page has no')
})

function scenario(unit: string, values: Record<string, number[]>): MeasuredScenario {
  return {
    name: 'some',
    title: 'a title',
    group: 'libraries on gearmand',
    unit,
    measuredAt: '2026-01-02T03:04:05Z',
    repeat: 5,
    machine: { commit: '', node: 'v20', processor: '2 x', memory: '', kernel: '', gearmand: '1' },
    contestants: Object.entries(values).map(([name, all]) => ({
      name,
      samples: all.map((value) => ({ value, processes: [] })),
    })),
  }
}
