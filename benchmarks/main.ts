/**
 * `npm run bench`: this SDK's client and worker, each in a process of its own, against gearmand and against the bundled
 * server. Machines are noisy: read the ratios of one run, not the figures.
 *
 * `npm run bench -- seq drain` runs some scenarios only; `--repeat 5` runs each more often (default 3).
 * `npm run bench -- load` runs a study: see studies.ts. `--quick` makes one shorter that has a long form.
 */
import { parseArgs } from 'node:util'
import { median, printTable, type Row } from './report.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { availableServers, type BenchmarkServer } from './servers.ts'
import { STUDIES } from './studies.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
  },
})
const repeat = Number(values.repeat)
const names = [...SCENARIOS, ...STUDIES].map(({ name }) => name)
if (!positionals.every((name) => names.includes(name)) || !Number.isInteger(repeat) || repeat < 1) {
  console.error(`usage: npm run bench -- [--repeat N] [--quick] [${names.join(' ')}]`)
  process.exit(2)
}

const chosen = SCENARIOS.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
)
const servers = availableServers()
if (servers.length < 2)
  console.log('gearmand is not installed: only the bundled server is measured')

const rows: Row[] = []
for (const scenario of chosen) {
  rows.push(await measure(scenario, servers))
  console.log(`${scenario.name} done`)
}
if (rows.length > 0) {
  printTable(
    servers.map(({ name }) => name),
    rows,
  )
}
for (const study of STUDIES)
  if (positionals.includes(study.name)) await study.run(servers, { isQuick: values.quick })

/** The servers take turns within each repetition, so that both see the same noise. */
async function measure(scenario: Scenario, servers: readonly BenchmarkServer[]): Promise<Row> {
  const figures = servers.map((): number[] => [])
  for (let round = 0; round < repeat; round += 1) {
    for (const [index, server] of servers.entries()) {
      const running = await server.start()
      try {
        figures[index]?.push(await scenario.run(running.address))
      } finally {
        await running.stop()
      }
    }
  }
  return { title: scenario.title, unit: scenario.unit, medians: figures.map(median) }
}
