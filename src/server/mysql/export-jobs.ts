import { GearmandExport, type GearmandLimits } from '../stores/gearmand-export.ts'
import type { ExportedJobs, StoredJob } from '../stores/queue-store.ts'
import { columnsOf, isGearmandTable, quoted } from './gearmand-table.ts'
import { LONG_STEP_MS, type MysqlSession } from './mysql-session.ts'
import { nextJobs } from './next-jobs.ts'

/** gearmand's columns: VARCHAR(255), and a signed number of 32 bits. */
const MAX_FUNCTION_CHARACTERS = 255
const MAX_SECONDS = 2 ** 31 - 1

const LIMITS: GearmandLimits = {
  canDelay: true,
  problemOf({ functionName, unique, runAtEpochSeconds }) {
    if (!isUtf8(functionName) || !isUtf8(unique)) return 'have names that are no UTF-8'
    if (functionName.length > MAX_FUNCTION_CHARACTERS)
      return 'have a task name too long for the table'
    return runAtEpochSeconds > MAX_SECONDS ? 'have a time to run after 2038' : undefined
  },
}

/**
 * Moves our jobs into gearmand's table, in one transaction. The import has emptied that table when the store was
 * opened. gearmand speaks UTF-8 to the database, so names that are none stay with us.
 *
 * @throws Error when somebody else's table has the name
 */
export async function exportJobs(
  session: MysqlSession,
  table: string,
  queueId: number,
): Promise<ExportedJobs> {
  await prepareTable(session, table)
  const exported = new GearmandExport()
  await session.query('START TRANSACTION')
  try {
    let afterKey = 0
    for (;;) {
      const jobs = await nextJobs(session, queueId, afterKey)
      const last = jobs.at(-1)
      if (last === undefined) break
      afterKey = last.key
      for (const job of jobs) await exportJob(session, table, queueId, job, exported)
    }
    await session.query('COMMIT', LONG_STEP_MS)
  } catch (error) {
    if (!session.isLost) await session.query('ROLLBACK')
    throw error
  }
  return exported.report(`table ${table}`)
}

async function exportJob(
  session: MysqlSession,
  table: string,
  queueId: number,
  job: StoredJob,
  exported: GearmandExport,
): Promise<void> {
  const row = exported.take(job, LIMITS)
  if (row === undefined) return
  await session.run(
    `INSERT INTO ${quoted(table)} (unique_key, function_name, priority, data, when_to_run) VALUES
     (CONVERT(? USING utf8mb4), CONVERT(? USING utf8mb4), ?, ?, ?)`,
    [
      Buffer.from(row.unique, 'latin1'),
      Buffer.from(row.functionName, 'latin1'),
      String(row.priority),
      row.data,
      String(row.runAtEpochSeconds),
    ],
  )
  await session.run('DELETE FROM gearman_sdk_jobs WHERE queue_id = ? AND job_key = ?', [
    String(queueId),
    String(job.key),
  ])
}

/**
 * The table as gearmand makes it (gearmand `libgearman-server/plugins/queue/mysql/queue.cc`), but with a
 * character set that keeps names apart as gearmand does.
 */
async function prepareTable(session: MysqlSession, table: string): Promise<void> {
  const name = quoted(table)
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${name} (unique_key VARCHAR(64), function_name VARCHAR(255), priority INT,
       data LONGBLOB, when_to_run INT, UNIQUE KEY (unique_key, function_name))
     ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  )
  const columns = await columnsOf(session, table)
  if (!isGearmandTable(columns)) throw new Error(`the table ${table} is not gearmand's`)
  // A table of an old version.
  if (!columns.has('when_to_run')) {
    await session.query(`ALTER TABLE ${name} ADD COLUMN when_to_run INT`, LONG_STEP_MS)
  }
}

/** Decoding puts other characters in the place of what is none. */
function isUtf8(name: string): boolean {
  const bytes = Buffer.from(name, 'latin1')
  return Buffer.from(bytes.toString('utf8')).equals(bytes)
}
