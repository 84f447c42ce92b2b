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
  if (scenarios.length === 0) return 'No run is kept yet: `npm run bench` makes one.'
  return TABLES.map((table) => printTable(table, scenarios)).join('\n\n')
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
  const shown = scenarios.filter(({ name, group: of }) => of === group && !name.endsWith('-p99'))
  const rows = shown.map((scenario) => printRow(scenario, columns))
  const head = `| ${[group, ...columns.map(([title]) => title), 'ratio'].join(' | ')} |`
  const line = `|${' --- |'.repeat(columns.length + 2)}`
  return [...origins(shown), '', head, line, ...rows].join('\n')
}

/** Where and when a table was measured: a table is of one machine, unless some of its scenarios were repeated elsewhere. */
function origins(scenarios: readonly MeasuredScenario[]): string[] {
  const texts = scenarios.map(({ group, measuredAt, repeat, machine }) => {
    const { processor, node, gearmand } = machine
    const when = measuredAt.slice(0, 10)
    return `Measured on ${when} (${group}): ${processor}, Node ${node}, gearmand ${gearmand}, over loopback; medians of ${repeat} runs.`
  })
  return [...new Set(texts)]
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
