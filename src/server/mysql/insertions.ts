import type { Value } from './mysql-session.ts'

/** What is sent at once: statements without parameters, or one with some. */
export interface Batch {
  readonly sql: string
  readonly values: readonly Value[] | undefined
}

/** How items become rows of a table. */
export interface RowForm<Item> {
  /** The statement as far as its first row. */
  readonly insert: string
  /** Of that in an item which may be large. */
  bytesOf(item: Item): number
  /** As text. */
  rowOf(item: Item): string
  /** The statements of an item that would be large as text. */
  largeOf(item: Item): readonly Batch[]
}

/** In their order: a key may be in the list twice. */
export function* insertions<Item>(
  items: readonly Item[],
  form: RowForm<Item>,
  maxBytes: number,
): Generator<string | Batch> {
  let rows = ''
  for (const item of items) {
    const isLarge = 2 * form.bytesOf(item) > maxBytes / 2
    const row = isLarge ? '' : form.rowOf(item)
    if (rows !== '' && (isLarge || form.insert.length + rows.length + row.length > maxBytes)) {
      yield form.insert + rows
      rows = ''
    }
    if (isLarge) yield* form.largeOf(item)
    else rows += rows === '' ? row : `,\n${row}`
  }
  if (rows !== '') yield form.insert + rows
}
