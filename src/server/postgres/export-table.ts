import { isAscii, isUtf8 } from 'node:buffer'
import { GearmandExport, type GearmandLimits, LONG_FUNCTION } from '../stores/gearmand-export.ts'
import type { ExportedJobs, StoredJob } from '../stores/queue-store.ts'
import { findGearmandTable, PLAIN_NAME } from './gearmand-table.ts'
import { nextJobs } from './next-jobs.ts'
import type { PostgresSession } from './postgres-session.ts'

/** gearmand's column is VARCHAR(255), of characters. */
const MAX_FUNCTION_CHARACTERS = 255
/** gearmand 1.1.20 pastes both into the statement that deletes a job that is done. */
const QUOTE = 'have a quote in a name or unique id, which gearmand takes for SQL'
const NO_TEXT = 'have a name or unique id that is no text in the encoding of the database'

/**
 * Moves our jobs into gearmand's own table, in one transaction. The import has emptied that table when the
 * store was opened.
 *
 * @throws Error when somebody else's table has the name
 */
export async function exportToTable(
  session: PostgresSession,
  queue: number,
  name: string,
): Promise<ExportedJobs> {
  const exported = new GearmandExport()
  await session.transaction(async () => {
    const move = moveJobs(await prepareTable(session, name))
    const { encoding } = await session.queryRow('SELECT getdatabaseencoding() AS encoding')
    const limits = limitsOf(String(encoding))
    for (let afterKey = 0; ; ) {
      const jobs = await nextJobs(session, queue, afterKey)
      const last = jobs.at(-1)
      if (last === undefined) return
      afterKey = last.key
      await session.query({ text: move, values: [queue, ...choose(jobs, exported, limits)] })
    }
  })
  return exported.report(`table ${name}`)
}

/** The keys of what is moved, and the new unique ids; NULL for those that stay as they are in the database. */
function choose(
  jobs: readonly StoredJob[],
  exported: GearmandExport,
  limits: GearmandLimits,
): [number[], (string | null)[]] {
  const keys: number[] = []
  const uniques: (string | null)[] = []
  for (const job of jobs) {
    const row = exported.take(job, limits)
    if (row === undefined) continue
    keys.push(job.key)
    uniques.push(row.unique === job.unique ? null : row.unique)
  }
  return [keys, uniques]
}

/** gearmand 1.1.20 does not read back what it wrote of times and priorities. */
function limitsOf(encoding: string): GearmandLimits {
  const isText = textCheck(encoding)
  return {
    canDelay: false,
    problemOf: ({ functionName, unique }: StoredJob) => {
      if (functionName.includes("'") || unique.includes("'")) return QUOTE
      const bytes = Buffer.from(functionName, 'latin1')
      if (!isText(bytes) || !isText(Buffer.from(unique, 'latin1'))) return NO_TEXT
      const characters = encoding === 'UTF8' ? Array.from(bytes.toString()).length : bytes.length
      return characters > MAX_FUNCTION_CHARACTERS ? LONG_FUNCTION : undefined
    },
    changeOf: ({ priority }: StoredJob) =>
      priority === 0 ? undefined : 'will have high priority: gearmand reads no other back',
  }
}

function textCheck(encoding: string): (bytes: Buffer) => boolean {
  if (encoding === 'UTF8') return isUtf8
  return encoding === 'SQL_ASCII' ? () => true : isAscii
}

/** The table as gearmand makes it (gearmand `libgearman-server/plugins/queue/postgres/queue.cc`). */
async function prepareTable(session: PostgresSession, name: string): Promise<string> {
  const found = await findGearmandTable(session, name)
  if (found === undefined) {
    const table = PLAIN_NAME.test(name) ? name : `"${name.replaceAll('"', '""')}"`
    await session.query(
      `CREATE TABLE ${table} (unique_key VARCHAR(64), function_name VARCHAR(255), priority INTEGER,
       data BYTEA, when_to_run INTEGER, UNIQUE (unique_key, function_name))`,
    )
    return table
  }
  if (!found.isGearmands) throw new Error(`the table ${name} is not gearmand's`)
  if (!found.columns.has('when_to_run')) {
    await session.query(`ALTER TABLE ${found.table} ADD COLUMN when_to_run INTEGER`)
  }
  return found.table
}

function moveJobs(table: string): string {
  return `WITH gone AS (
      DELETE FROM gearman_sdk_jobs AS j USING unnest($2::bigint[], $3::text[]) AS m (key, new_unique)
      WHERE j.queue = $1 AND j.key = m.key RETURNING j.*, m.new_unique
    )
    INSERT INTO ${table} (unique_key, function_name, priority, data, when_to_run)
    SELECT coalesce(new_unique, convert_from(unique_id, getdatabaseencoding())),
      convert_from(function_name, getdatabaseencoding()), priority, data, 0 FROM gone ORDER BY key`
}
