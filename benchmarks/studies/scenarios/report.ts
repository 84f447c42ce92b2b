/** One scenario: a median for each server. */
export interface Row {
  readonly title: string
  readonly unit: string
  readonly medians: readonly number[]
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Prints the figures, and those of each further server as a ratio to the first. */
export function printTable(servers: readonly string[], rows: readonly Row[]): void {
  const table = rows.map(({ title, unit, medians }) => {
    const line: Record<string, string> = { scenario: title, unit }
    for (const [index, server] of servers.entries()) {
      line[server] = Math.round(medians[index] ?? Number.NaN).toLocaleString('en')
    }
    const [first = Number.NaN, second] = medians
    if (second !== undefined) line['ratio'] = `x${(second / first).toFixed(2)}`
    return line
  })
  console.table(table)
}
