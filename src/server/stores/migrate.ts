/** What {@link migrate} needs of a database. Whoever calls it keeps other servers out meanwhile. */
export interface SchemaAccess {
  /** How many steps were made already; 0 where our tables have never been. */
  readVersion(): Promise<number>
  /** Makes one step and keeps its number, together where the database can do that. */
  apply(step: string, version: number): Promise<void>
}

/**
 * Brings the tables of a store up to date: each step once, in order.
 *
 * @param steps - SQL; a step that was released is never changed, changes are new steps at the end
 * @throws Error when a later version of this package made the tables; they are left as they are
 */
export async function migrate(steps: readonly string[], access: SchemaAccess): Promise<void> {
  const version = await access.readVersion()
  if (version > steps.length) {
    throw new Error(
      `its tables have version ${version}, made by a later gearman-sdk; this one knows version ${steps.length}`,
    )
  }
  for (const [index, step] of steps.entries()) {
    if (index >= version) await access.apply(step, index + 1)
  }
}
