import type { SetAsideRow } from '../stores/queue-store.ts'
import type { NoGearmandTable } from '../stores/wrong-table.ts'
import type { PostgresSession } from './postgres-session.ts'

/** What an import moved. */
export interface ImportedJobs {
  readonly jobs: number
  readonly setAside: readonly SetAsideRow[]
}

/** gearmand takes longer ones, and cannot run them. */
const MAX_FUNCTION_BYTES = 8192
const MAX_UNIQUE_BYTES = 64

/** gearmand writes the name as it is into its statements, so a plain one may be of any case and have a schema. */
export const PLAIN_NAME: RegExp = /^[A-Za-z_][A-Za-z0-9_.]*$/
const FIND_TABLE = `SELECT coalesce(to_regclass(quote_ident($1)),
  CASE WHEN $1 ~ '${PLAIN_NAME.source}' THEN to_regclass($1) END)::text AS table`

const FIND_COLUMNS = `SELECT attname::text AS name, atttypid::regtype::text AS type FROM pg_attribute
  WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`

/** A table that has the name of gearmand's. */
export interface FoundTable {
  /** As it is written in a statement. */
  readonly table: string
  /** Types by name. */
  readonly columns: ReadonlyMap<unknown, unknown>
  /** Whether it has gearmand's columns. */
  readonly isGearmands: boolean
}

/** Looks for the table of gearmand. */
export async function findGearmandTable(
  session: PostgresSession,
  name: string,
): Promise<FoundTable | undefined> {
  const { table } = await session.queryRow({ text: FIND_TABLE, values: [name] })
  if (table === null) return undefined
  const rows = await session.query({ text: FIND_COLUMNS, values: [table] })
  const columns = new Map(rows.map((row) => [row['name'], row['type']]))
  const wanted = ['unique_key', 'function_name', 'priority', 'data']
  return {
    table: String(table),
    columns,
    isGearmands: wanted.every((column) => columns.has(column)),
  }
}

/** Why a row is no job; NULL when it is one. */
const PROBLEM = `CASE
  WHEN coalesce(octet_length(function_name), 0) = 0 THEN 'it has no function'
  WHEN octet_length(function_name) > ${MAX_FUNCTION_BYTES} THEN 'its function is too long'
  WHEN octet_length(unique_key) > ${MAX_UNIQUE_BYTES} THEN 'its unique id is too long'
  WHEN coalesce(priority, '') NOT IN ('0', '1', '2') THEN 'its priority is not 0, 1 or 2'
  WHEN when_to_run !~ '^-?[0-9]{1,15}$' THEN 'its time to run is no number'
END`

/**
 * Moves the rows of gearmand's own table into ours, in one statement (gearmand
 * `libgearman-server/plugins/queue/postgres/queue.cc`). Tables of old versions have no `when_to_run`.
 *
 * @param firstKey - the key of the first job; the others follow in the order of the rows
 */
export async function importGearmandTable(
  session: PostgresSession,
  queue: number,
  name: string,
  firstKey: number,
): Promise<ImportedJobs | NoGearmandTable> {
  const found = await findGearmandTable(session, name)
  if (found === undefined) return 'absent'
  if (!found.isGearmands) return 'foreign'
  const { table, columns } = found
  const bytes = (column: string): string =>
    columns.get(column) === 'bytea'
      ? column
      : `convert_to(${column}::text, getdatabaseencoding()) AS ${column}`
  const whenToRun = columns.has('when_to_run') ? 'when_to_run::text' : 'NULL::text AS when_to_run'
  const [moved] = await session.query({
    text: `WITH gone AS (
        DELETE FROM ${table} RETURNING ctid AS place, ${bytes('unique_key')},
        ${bytes('function_name')}, priority::text, ${whenToRun}, ${bytes('data')}
      ), judged AS (
        SELECT *, ${PROBLEM} AS problem FROM gone
      ), kept AS (
        INSERT INTO gearman_sdk_jobs SELECT $1, $2::bigint + row_number() OVER (ORDER BY place) - 1,
          function_name, coalesce(unique_key, ''), '', priority::smallint,
          greatest(0, coalesce(when_to_run, '0')::bigint), $3::bigint, 0, coalesce(data, '')
        FROM judged WHERE problem IS NULL RETURNING 1
      ), aside AS (
        INSERT INTO gearman_sdk_set_aside
          (queue, reason, unique_key, function_name, priority, when_to_run, data)
        SELECT $1, problem, unique_key, function_name, priority, when_to_run, data
        FROM judged WHERE problem IS NOT NULL ORDER BY place RETURNING id, reason
      )
      SELECT (SELECT count(*) FROM kept)::text AS jobs,
        (SELECT coalesce(json_agg(json_build_object('id', id, 'reason', reason) ORDER BY id), '[]')
         FROM aside) AS aside`,
    values: [queue, firstKey, Date.now()],
  })
  const aside = moved?.['aside'] as readonly { readonly id: number; readonly reason: string }[]
  return {
    jobs: Number(moved?.['jobs']),
    setAside: aside.map(({ id, reason }) => ({
      row: `a row of ${name}, now row ${id} of gearman_sdk_set_aside`,
      reason,
    })),
  }
}
