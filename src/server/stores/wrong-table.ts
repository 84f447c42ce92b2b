/** Why a table holds no jobs of gearmand's: there is no such table, or it is somebody else's. */
export type NoGearmandTable = 'absent' | 'foreign'

/**
 * A table that gearmand may have left is not there, or is none of gearmand's. That is as it should be where nobody
 * named it; a name that was given leads nowhere.
 *
 * @returns what to tell the operator
 * @throws Error when the table that was named is somebody else's
 */
export function wrongTable(
  table: string,
  problem: NoGearmandTable,
  isNamed: boolean,
): string | undefined {
  if (!isNamed) return undefined
  if (problem === 'foreign') throw new Error(`the table ${table} is not gearmand's`)
  return `there is no table ${table}: no jobs of gearmand's were moved`
}
