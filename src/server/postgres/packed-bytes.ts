import type { StoredJob } from '../stores/queue-store.ts'

/** One statement adds so many rows, or so many bytes and at least one row. */
const BATCH_ROWS = 20_000
const BATCH_BYTES = 16 * 1024 * 1024

/** The bytes of many rows as one value, which needs no text form: the database cuts it up. */
export interface PackedBytes {
  readonly bytes: Buffer
  /** Where the first piece of each row begins, from 1, as an array of the database. */
  readonly starts: string
  /** For each piece of a row an array with its lengths; the pieces of a row follow each other. */
  readonly lengths: readonly string[]
}

/** Packs rows that have the same number of pieces. */
export function packBytes(rows: readonly (readonly Buffer[])[], pieces: number): PackedBytes {
  const starts: number[] = []
  const lengths = Array.from({ length: pieces }, (): number[] => [])
  let start = 1
  for (const row of rows) {
    starts.push(start)
    for (const [index, piece] of row.entries()) {
      lengths[index]?.push(piece.length)
      start += piece.length
    }
  }
  return {
    bytes: Buffer.concat(rows.flat()),
    starts: arrayOf(starts),
    lengths: lengths.map(arrayOf),
  }
}

/** Where the rows of one statement end. */
export function batchEnd<Item>(
  items: readonly Item[],
  start: number,
  bytesOf: (item: Item) => number,
): number {
  let bytes = 0
  let end = start
  for (const limit = Math.min(items.length, start + BATCH_ROWS); end < limit; end += 1) {
    const item = items[end]
    if (item !== undefined) bytes += bytesOf(item)
    if (bytes > BATCH_BYTES && end > start) break
  }
  return end
}

/** An array as PostgreSQL writes it. */
export function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`
}

/** What of a job is bytes, in the order in which the statements cut them up. */
export function piecesOfJob({ functionName, unique, reducer, data }: StoredJob): readonly Buffer[] {
  return [latin1(functionName), latin1(unique), latin1(reducer), data]
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
