import { figure } from './figure.ts'
import type { MeasuredScenario } from './results.ts'
import { type Summary, summarize } from './summary.ts'

export const BEGIN = '<!-- figures: npm run bench -- report -->'
export const END = '<!-- end of figures -->'

/** What stands for the libraries of npm: the fastest of them. */
const NPM = ['gearman+nodelay', 'node-gearman+nodelay', 'gearmanode+nodelay', 'abraxas']

/** A table of the README. */
interface FigureTable {
  readonly group: string
  /** The columns: a title, and the contestants of which the best is shown. */
  readonly columns: readonly (readonly [title: string, contestants: readonly string[]])[]
}

const TABLES: readonly FigureTable[] = [
  {
    group: 'libraries on gearmand',
    columns: [
      ['libgearman', ['libgearman']],
      ['the best of npm, with TCP_NODELAY', NPM],
      ['load generator', ['load generator']],
      ['gearman-sdk', ['gearman-sdk']],
    ],
  },
  {
    group: 'servers',
    columns: [
      ['`gearmand -t 4`', ['gearmand -t 4', 'gearmand -q libsqlite3']],
      ['`gearmand -t 0`', ['gearmand -t 0']],
      ['gearman-sdk', ['gearman-sdk server', 'gearman-sdk server -q libsqlite3']],
    ],
  },
]

/** The part of the README between its two marks, made from what was measured. */
export function readmeFigures(scenarios: readonly MeasuredScenario[]): string {
  const [first] = scenarios
  if (first === undefined) return 'No run is kept yet: `npm run bench` makes one.'
  const { machine, repeat } = first
  const days = scenarios.map(({ measuredAt }) => measuredAt.slice(0, 10)).sort()
  const about = `Measured on ${days.at(-1)}: ${machine.processor}, Node ${machine.node}, gearmand ${machine.gearmand}, over loopback; medians of ${repeat} runs.`
  const tables = TABLES.map((table) => printTable(table, scenarios))
  return [about, ...tables].join('\n\n')
}

/** Puts new figures between the marks of a page. */
export function replaceFigures(page: string, figures: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin === -1 || end < begin) throw new Error(`the page has no "${BEGIN}" and "${END}"`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${figures}\n\n${page.slice(end)}`
}

function printTable(
  { group, columns }: FigureTable,
  scenarios: readonly MeasuredScenario[],
): string {
  const rows = scenarios
    .filter((scenario) => scenario.group === group && !scenario.name.endsWith('-p99'))
    .map((scenario) => printRow(scenario, columns))
  const head = `| ${[group, ...columns.map(([title]) => title), 'ratio'].join(' | ')} |`
  const line = `|${' --- |'.repeat(columns.length + 2)}`
  return [head, line, ...rows].join('\n')
}

/** The ratio is that of the last column to the first. */
function printRow(scenario: MeasuredScenario, columns: FigureTable['columns']): string {
  const summaries = scenario.contestants.map(summarize).filter((one) => one !== undefined)
  const isLessBetter = scenario.unit === 'bytes' || scenario.unit === 'ms'
  const cells = columns.map(([, names]) => bestOf(summaries, names, isLessBetter))
  const reference = cells.find((cell) => cell !== undefined)?.median ?? Number.NaN
  const ours = cells.at(-1)?.median ?? Number.NaN
  const texts = cells.map((cell) => (cell === undefined ? '' : figure(cell.median)))
  return `| ${[`${scenario.title}, ${scenario.unit}`, ...texts, `x${figure(ours / reference)}`].join(' | ')} |`
}

function bestOf(
  summaries: readonly Summary[],
  names: readonly string[],
  isLessBetter: boolean,
): Summary | undefined {
  const candidates = summaries.filter(({ name }) => names.includes(name))
  const [best] = candidates.toSorted((left, right) =>
    isLessBetter ? left.median - right.median : right.median - left.median,
  )
  return best
}
