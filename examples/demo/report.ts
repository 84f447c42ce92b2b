import type { FoundFiles } from './text-files.ts'
import type { WordCountResult } from './word-count.ts'

const TOP_WORDS = 15
const MAX_WORD_WIDTH = 30
const MIN_WORD_WIDTH = 12

/** What the report tells beside the result. */
export interface ReportFacts {
  readonly path: string
  readonly servers: string
  readonly found: FoundFiles
  readonly seconds: number
}

/** The result as text. */
export function formatReport(result: WordCountResult, facts: ReportFacts): string {
  const { counts, mapJobs, reduceJobs } = result
  const { files, binary, unreadable } = facts.found
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const skipped = binary + unreadable === 0 ? '' : ` (left out: ${leftOut(binary, unreadable)})`
  return [
    '',
    ...formatTopWords(counts.words),
    '',
    ...formatWorkers(result),
    '',
    `words     ${group(counts.total)}, ${group(counts.words.length)} different ones`,
    `files     ${group(files.length)} with ${group(bytes)} bytes${skipped}`,
    `jobs      ${group(mapJobs)} map, ${group(reduceJobs)} reduce, through ${facts.servers}`,
    `time      ${facts.seconds.toFixed(2)} s`,
    `folder    ${facts.path}`,
    '',
  ].join('\n')
}

function formatTopWords(words: WordCountResult['counts']['words']): string[] {
  const top = words
    .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, TOP_WORDS)
  const width = Math.max(MIN_WORD_WIDTH, ...top.map(([word]) => shorten(word).length))
  return [
    `${'word'.padEnd(width)} ${'count'.padStart(10)}`,
    ...top.map(([word, count]) => `${shorten(word).padEnd(width)} ${group(count).padStart(10)}`),
  ]
}

function formatWorkers({ workers }: WordCountResult): string[] {
  const rows = [...workers].sort(([a], [b]) => (a < b ? -1 : 1))
  const width = Math.max(MIN_WORD_WIDTH, ...rows.map(([name]) => name.length))
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => cell.padStart(12)).join('')}`
  return [
    row('worker', ['map jobs', 'reduce jobs', 'words']),
    ...rows.map(([name, { mapJobs, reduceJobs, words }]) =>
      row(name, [mapJobs, reduceJobs, words].map(group)),
    ),
  ]
}

function leftOut(binary: number, unreadable: number): string {
  return `${group(binary)} binary, ${group(unreadable)} that could not be read`
}

function shorten(word: string): string {
  return word.length <= MAX_WORD_WIDTH ? word : `${word.slice(0, MAX_WORD_WIDTH - 1)}…`
}

function group(count: number): string {
  return count.toLocaleString('en-US')
}
