import type { ContestantResult } from '../contestants/measure.ts'
import { median } from '../harness/statistics.ts'

/** The figures of one contestant. */
export interface Summary {
  readonly name: string
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Median, least and most of what a contestant has shown; `undefined` where it has shown nothing. */
export function summarize({ name, samples }: ContestantResult): Summary | undefined {
  const values = samples.map(({ value }) => value)
  if (values.length === 0) return undefined
  return { name, median: median(values), min: Math.min(...values), max: Math.max(...values) }
}
