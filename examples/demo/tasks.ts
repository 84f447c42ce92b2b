import type { GearmanWorkerJob } from 'gearman-sdk'

/** How often each word is there. Pairs, not an object: "constructor" is a word, too. */
export interface WordCounts {
  readonly words: readonly (readonly [word: string, count: number])[]
  /** All words, each as often as it is there. */
  readonly total: number
}

/** What both tasks answer: the counts, and who did the work. */
export interface CountedBy {
  readonly counts: WordCounts
  readonly worker: string
}

/** The tasks of the demo: one map for the client and the workers. */
export interface WordCountTasks {
  /** Map: counts the words of a text. */
  'demo:countWords': { data: { readonly text: string }; result: CountedBy }
  /** Reduce: adds up partial counts. */
  'demo:mergeCounts': { data: readonly WordCounts[]; result: CountedBy }
}

/** A letter of any script, and the letters and digits behind it, with an apostrophe between them. */
const WORD = /\p{L}[\p{L}\p{N}]*(?:['’]\p{L}+)*/gu
const CHARACTERS_PER_STATUS = 16 * 1024

/** Counts the words of a job's text, and tells how far it is. */
export async function countWords(
  job: GearmanWorkerJob<WordCountTasks['demo:countWords']['data']>,
): Promise<WordCounts> {
  const { text } = job.data
  const counts = new Map<string, number>()
  let nextStatus = CHARACTERS_PER_STATUS
  for (const match of text.matchAll(WORD)) {
    add(counts, match[0].toLowerCase(), 1)
    if (match.index < nextStatus) continue
    nextStatus += CHARACTERS_PER_STATUS
    await job.sendStatus(match.index, text.length)
  }
  return toWordCounts(counts)
}

/** Adds up partial counts. */
export function mergeCounts(parts: readonly WordCounts[]): WordCounts {
  const counts = new Map<string, number>()
  for (const { words } of parts) {
    for (const [word, count] of words) add(counts, word, count)
  }
  return toWordCounts(counts)
}

function add(counts: Map<string, number>, word: string, count: number): void {
  counts.set(word, (counts.get(word) ?? 0) + count)
}

function toWordCounts(counts: ReadonlyMap<string, number>): WordCounts {
  let total = 0
  for (const count of counts.values()) total += count
  return { words: [...counts], total }
}
