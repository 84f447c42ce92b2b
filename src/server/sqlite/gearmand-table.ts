import type { SetAsideRow } from '../stores/queue-store.ts'
import type { NoGearmandTable } from '../stores/wrong-table.ts'
import type { Database } from './driver.ts'

/** What an import moved. */
export interface ImportedJobs {
  readonly jobs: number
  readonly setAside: readonly SetAsideRow[]
}

/** gearmand takes longer ones, and cannot run them. */
const MAX_FUNCTION_BYTES = 8192
const MAX_UNIQUE_BYTES = 64

/**
 * Moves the rows of gearmand's own table into ours, within the transaction that is open
 * (gearmand `libgearman-server/plugins/queue/sqlite/instance.cc`).
 *
 * gearmand writes an empty payload as NULL, and does not start with it; here it is an empty payload. Tables of
 * old versions have no `when_to_run`.
 *
 * @param firstKey - the key of the first job; the others follow in the order of the rows
 */
export function importGearmandTable(
  database: Database,
  table: string,
  firstKey: number,
): ImportedJobs | NoGearmandTable {
  const name = `"${table.replaceAll('"', '""')}"`
  const columns = new Set(
    database.prepare(`SELECT name FROM pragma_table_info(?)`).all([table]).map(nameOf),
  )
  if (columns.size === 0) return 'absent'
  if (!['unique_key', 'function_name', 'priority', 'data'].every((column) => columns.has(column))) {
    return 'foreign'
  }
  const source = `(SELECT rowid AS id, CAST(unique_key AS BLOB) AS unique_key,
    CAST(function_name AS BLOB) AS function_name, priority, CAST(data AS BLOB) AS data,
    ${columns.has('when_to_run') ? 'when_to_run' : '0'} AS when_to_run FROM ${name})`
  const setAside = setRowsAside(database, source, table)
  database
    .prepare(
      `INSERT INTO gearman_sdk_jobs SELECT ? + row_number() OVER (ORDER BY id) - 1, function_name,
       ifnull(unique_key, x''), x'', priority, max(0, ifnull(when_to_run, 0)), ?, 0,
       ifnull(data, x'') FROM ${source} WHERE ${PROBLEM} IS NULL`,
    )
    .run([firstKey, Date.now()])
  const { jobs } = database.prepare('SELECT changes() AS jobs').get([]) as { jobs: number }
  database.exec(`DELETE FROM ${name}`)
  return { jobs, setAside }
}

/** Why a row is no job; NULL when it is one. */
const PROBLEM = `CASE
  WHEN function_name IS NULL OR length(function_name) = 0 THEN 'it has no function'
  WHEN length(function_name) > ${MAX_FUNCTION_BYTES} THEN 'its function is too long'
  WHEN instr(function_name, x'00') > 0 THEN 'its function has a NUL byte'
  WHEN length(unique_key) > ${MAX_UNIQUE_BYTES} THEN 'its unique id is too long'
  WHEN typeof(priority) <> 'integer' OR priority NOT IN (0, 1, 2) THEN 'its priority is not 0, 1 or 2'
  WHEN typeof(ifnull(when_to_run, 0)) <> 'integer' THEN 'its time to run is no number'
END`

function setRowsAside(database: Database, source: string, table: string): SetAsideRow[] {
  const rows = database
    .prepare(`SELECT id, ${PROBLEM} AS reason FROM ${source} WHERE reason IS NOT NULL`)
    .all([]) as { readonly id: number; readonly reason: string }[]
  if (rows.length === 0) return []
  database.exec(
    `INSERT INTO gearman_sdk_set_aside (reason, unique_key, function_name, priority, when_to_run, data)
     SELECT ${PROBLEM}, unique_key, function_name, priority, when_to_run, data FROM ${source}
     WHERE ${PROBLEM} IS NOT NULL`,
  )
  return rows.map(({ id, reason }) => ({
    row: `row ${id} of ${table}, now in gearman_sdk_set_aside`,
    reason,
  }))
}

function nameOf(row: unknown): string {
  return (row as { readonly name: string }).name
}
