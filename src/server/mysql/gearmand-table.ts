import type { SetAsideRow } from '../stores/queue-store.ts'
import type { NoGearmandTable } from '../stores/wrong-table.ts'
import { LONG_STEP_MS, type MysqlSession, type Row } from './mysql-session.ts'

/** What an import moved. */
export interface ImportedJobs {
  readonly jobs: number
  readonly setAside: readonly SetAsideRow[]
}

/** Where the jobs come from and go to. */
export interface ImportTarget {
  readonly table: string
  readonly queueId: number
  /** The key of the first job; the others follow in the order of the rows. */
  readonly firstKey: number
}

/** gearmand takes longer ones, and cannot run them. */
const MAX_FUNCTION_BYTES = 8192
const MAX_UNIQUE_BYTES = 64

const COLUMNS = ['unique_key', 'function_name', 'priority', 'data'] as const

/** Why a row is no job; NULL when it is one. */
const PROBLEM = `CASE
  WHEN function_name IS NULL OR LENGTH(function_name) = 0 THEN 'it has no function'
  WHEN LENGTH(function_name) > ${MAX_FUNCTION_BYTES} THEN 'its function is too long'
  WHEN LOCATE(x'00', function_name) > 0 THEN 'its function has a NUL byte'
  WHEN LENGTH(unique_key) > ${MAX_UNIQUE_BYTES} THEN 'its unique id is too long'
  WHEN LOCATE(x'00', unique_key) > 0 THEN 'its unique id has a NUL byte'
  WHEN priority IS NULL OR priority NOT IN ('0', '1', '2') THEN 'its priority is not 0, 1 or 2'
  WHEN IFNULL(when_to_run, '0') NOT REGEXP '^-?[0-9]{1,15}$' THEN 'its time to run is no number'
END`

/**
 * Moves the rows of a table of gearmand into ours, in one transaction, which takes in what is open already:
 * that of its MySQL plugin (gearmand `libgearman-server/plugins/queue/mysql/queue.cc`), that of its manual, which
 * has an `id`, and Drizzle's.
 *
 * gearmand writes an empty payload as NULL. It speaks utf8mb4, whatever the table has: names are read the same
 * way. Columns of bytes are read as they are.
 */
export async function importGearmandTable(
  session: MysqlSession,
  target: ImportTarget,
): Promise<ImportedJobs | NoGearmandTable> {
  const columns = await columnsOf(session, target.table)
  if (!isGearmandTable(columns)) {
    await session.query('COMMIT')
    return columns.size === 0 ? 'absent' : 'foreign'
  }
  const source = sourceOf(target.table, columns)
  const setAside = await setRowsAside(session, target.table, source)
  const order = columns.has('id') ? 'ORDER BY id' : ''
  const result = await session.run(
    `INSERT INTO gearman_sdk_jobs (queue_id, job_key, function_name, unique_id, reducer, priority, run_at,
       accepted_at, retries, data)
     SELECT ?, ? + ROW_NUMBER() OVER (${order}) - 1, function_name, IFNULL(unique_key, ''), '',
       CAST(priority AS UNSIGNED), GREATEST(0, CAST(IFNULL(when_to_run, '0') AS SIGNED)), ?, 0,
       IFNULL(data, '') FROM (${source}) AS source WHERE ${PROBLEM} IS NULL`,
    [String(target.queueId), String(target.firstKey), String(Date.now())],
    LONG_STEP_MS,
  )
  // Without transactions the table would be emptied before our rows are safe: rather twice than never.
  if (!(await isTransactional(session, target.table))) await session.query('COMMIT')
  await session.query(`DELETE FROM ${quoted(target.table)}`, LONG_STEP_MS)
  await session.query('COMMIT')
  return { jobs: Number((result as { readonly affectedRows: number }).affectedRows), setAside }
}

/** Whether a table has the columns of gearmand's; very old ones have no `when_to_run`. */
export function isGearmandTable(columns: ReadonlyMap<string, string | undefined>): boolean {
  return COLUMNS.every((name) => columns.has(name))
}

/** The columns of a table, each with the name of its character set if it has one. */
export async function columnsOf(
  session: MysqlSession,
  table: string,
): Promise<ReadonlyMap<string, string | undefined>> {
  const rows = await session.rows(
    `SELECT LOWER(column_name) AS name, character_set_name AS charset FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ?`,
    [table],
  )
  return new Map(
    rows.map(({ name, charset }) => [String(name), charset === null ? undefined : String(charset)]),
  )
}

function sourceOf(table: string, columns: ReadonlyMap<string, string | undefined>): string {
  const bytes = (name: string): string => {
    const isText = columns.get(name) !== undefined
    return `CAST(${isText ? `CONVERT(${name} USING utf8mb4)` : name} AS BINARY) AS ${name}`
  }
  const text = (name: string): string => `CAST(${name} AS CHAR CHARACTER SET utf8mb4) AS ${name}`
  return `SELECT ${columns.has('id') ? 'id, ' : ''}${bytes('unique_key')}, ${bytes('function_name')},
    ${text('priority')}, ${columns.has('when_to_run') ? text('when_to_run') : "'0' AS when_to_run"},
    ${bytes('data')} FROM ${quoted(table)}`
}

async function setRowsAside(
  session: MysqlSession,
  table: string,
  source: string,
): Promise<readonly SetAsideRow[]> {
  const rows = await session.rows(
    `SELECT HEX(function_name) AS function_name, HEX(unique_key) AS unique_key, ${PROBLEM_AS_REASON}
     FROM (${source}) AS source WHERE ${PROBLEM} IS NOT NULL`,
    [],
    LONG_STEP_MS,
  )
  if (rows.length === 0) return []
  await session.run(
    `INSERT INTO gearman_sdk_set_aside (reason, source, unique_key, function_name, priority, when_to_run, data)
     SELECT ${PROBLEM}, ?, unique_key, function_name, priority, when_to_run, data FROM (${source}) AS source
     WHERE ${PROBLEM} IS NOT NULL`,
    [table],
    LONG_STEP_MS,
  )
  return rows.map((row) => ({
    row: `a row of ${table} with unique ${nameOf(row, 'unique_key')} and function ${nameOf(row, 'function_name')}, now in gearman_sdk_set_aside`,
    reason: String(row['reason']),
  }))
}

const PROBLEM_AS_REASON = `${PROBLEM} AS reason`

function nameOf(row: Row, column: string): string {
  const hex = row[column]
  return hex === null
    ? 'NULL'
    : JSON.stringify(Buffer.from(String(hex), 'hex').toString().slice(0, 64))
}

async function isTransactional(session: MysqlSession, table: string): Promise<boolean> {
  const [row] = await session.rows(
    `SELECT engine AS engine FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name = ?`,
    [table],
  )
  return row?.['engine'] === 'InnoDB'
}

/** A name for SQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
