import type { ScenarioResult } from '../contestants/measure.ts'
import { median } from '../harness/statistics.ts'
import type { TargetResult } from '../studies/suite/targets.ts'
import { figure } from './figure.ts'
import { processorTime } from './processor-time.ts'

/** One scenario: a line for each contestant. */
export function printScenario({ name, title, unit, contestants }: ScenarioResult): void {
  const first = median((contestants[0]?.samples ?? []).map(({ value }) => value))
  console.log(`\n${name}: ${title}, ${unit}`)
  console.table(
    contestants.map((contestant) => {
      const values = contestant.samples.map(({ value }) => value)
      const middle = median(values)
      if (values.length === 0) return { contestant: contestant.name, median: contestant.problem }
      const last = contestant.samples.at(-1)
      return {
        contestant: contestant.name,
        median: figure(middle),
        min: figure(Math.min(...values)),
        max: figure(Math.max(...values)),
        ratio: `x${figure(middle / first)}`,
        'p50 / p99 ms':
          last?.p99Ms === undefined ? '' : `${figure(last.p50Ms ?? 0)} / ${figure(last.p99Ms)}`,
        'processor us/job': last === undefined ? '' : processorTime(last),
        'peak MiB': (last?.processes ?? [])
          .map(({ role, peakMib }) => `${role} ${peakMib.toFixed(0)}`)
          .join(', '),
      }
    }),
  )
}

/** What was to be reached, and what was. */
export function printTargets(results: readonly TargetResult[]): void {
  console.table(
    results.map(({ target, value, ceiling, verdict }) => ({
      target: target.title,
      scenario: target.scenario,
      measured: figure(value),
      'at least': `${target.isLessBetter ? '<= ' : ''}${figure(target.atLeast)}`,
      aim: figure(target.aim),
      verdict,
      'load generator': ceiling === undefined ? '' : figure(ceiling),
    })),
  )
}
