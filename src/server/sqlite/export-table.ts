import { GearmandExport } from '../stores/gearmand-export.ts'
import type { ExportedJobs, StoredJob } from '../stores/queue-store.ts'
import type { Database } from './driver.ts'

/**
 * Moves our jobs into gearmand's own table, within the transaction that is open. The import has emptied that
 * table when the store was opened.
 *
 * @param batches - all jobs; each batch may be taken out of our table before the next one is read
 * @throws Error when somebody else's table has the name
 */
export function exportToTable(
  database: Database,
  table: string,
  batches: Iterable<readonly StoredJob[]>,
): ExportedJobs {
  const name = prepareTable(database, table)
  // The names are bytes; gearmand does not start with anything but TEXT in their columns.
  const insert = database.prepare(
    `INSERT INTO ${name} (unique_key, function_name, priority, data, when_to_run)
     VALUES (CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?)`,
  )
  const remove = database.prepare('DELETE FROM gearman_sdk_jobs WHERE key = ?')
  const exported = new GearmandExport()
  for (const batch of batches) {
    for (const job of batch) {
      const row = exported.take(job, { canDelay: true })
      if (row === undefined) continue
      const unique = Buffer.from(row.unique, 'latin1')
      const functionName = Buffer.from(row.functionName, 'latin1')
      insert.run([unique, functionName, row.priority, row.data, row.runAtEpochSeconds])
      remove.run([job.key])
    }
  }
  return exported.report(`table ${table}`)
}

/** The table as gearmand makes it (gearmand `libgearman-server/plugins/queue/sqlite/instance.cc`). */
function prepareTable(database: Database, table: string): string {
  const name = `"${table.replaceAll('"', '""')}"`
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (unique_key TEXT, function_name TEXT, priority INTEGER, data BLOB,
     when_to_run INTEGER, PRIMARY KEY (unique_key, function_name))`,
  )
  const rows = database.prepare('SELECT name FROM pragma_table_info(?)').all([table])
  const columns = new Set(rows.map((row) => (row as { readonly name: string }).name))
  if (!['unique_key', 'function_name', 'priority', 'data'].every((column) => columns.has(column))) {
    throw new Error(`the table ${table} is not gearmand's`)
  }
  // As gearmand does with a table of an old version.
  if (!columns.has('when_to_run'))
    database.exec(`ALTER TABLE ${name} ADD COLUMN when_to_run INTEGER`)
  return name
}
