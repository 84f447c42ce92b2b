import { figure } from './figure.ts'
import { processorTime } from './processor-time.ts'
import type { MeasuredScenario } from './results.ts'
import { summarize } from './summary.ts'

/** All that was measured, as a page of tables. */
export function resultsPage(
  scenarios: readonly MeasuredScenario[],
  pictures: readonly string[],
): string {
  const groups = [...new Set(scenarios.map(({ group }) => group))]
  const parts = groups.map((group) => {
    const tables = scenarios.filter((scenario) => scenario.group === group).map(printScenario)
    return [`## ${group}`, ...tables].join('\n\n')
  })
  return [
    '# Results',
    'Made by `npm run bench -- report` from the JSON files in this folder. Medians, with the least and the most of all repetitions; ratios are to the first line. Processor time (microseconds for a job) and memory (at its peak) are of the last repetition, of each process.',
    ...pictures.map((file) => `![${file}](${file})`),
    ...parts,
    '',
  ].join('\n\n')
}

function printScenario(scenario: MeasuredScenario): string {
  const { name, title, unit, contestants, measuredAt, repeat, machine } = scenario
  const first = contestants.map(summarize).find((one) => one !== undefined)
  const rows = contestants.map((contestant) => {
    const summary = summarize(contestant)
    if (summary === undefined)
      return `| ${contestant.name} | ${contestant.problem ?? ''} | | | | | |`
    const last = contestant.samples.at(-1)
    const latency =
      last?.p99Ms === undefined ? '' : `${figure(last.p50Ms ?? Number.NaN)} / ${figure(last.p99Ms)}`
    const processes = last?.processes ?? []
    return `| ${[
      contestant.name,
      figure(summary.median),
      `${figure(summary.min)} to ${figure(summary.max)}`,
      `x${figure(summary.median / (first?.median ?? Number.NaN))}`,
      latency,
      last === undefined ? '' : processorTime(last),
      processes.map(({ role, peakMib }) => `${role} ${figure(peakMib)}`).join(', '),
    ].join(' | ')} |`
  })
  return [
    `### ${title}`,
    `\`${name}\`, ${unit}; ${repeat} repetitions, ${measuredAt.slice(0, 10)}, commit ${machine.commit}, Node ${machine.node}, ${machine.processor}`,
    [
      '| | median | range | ratio | p50 / p99 ms | processor us/job | memory MiB |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  ].join('\n\n')
}
