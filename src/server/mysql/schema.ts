import { migrate } from '../stores/migrate.ts'
import { withLock } from './mysql-lock.ts'
import { LONG_STEP_MS, type MysqlSession } from './mysql-session.ts'

/**
 * Of our own, beside those of gearmand. Names and ids are bytes. MySQL commits each change of a table by
 * itself: a step that a crash cut short is made again, so it is one statement that does no harm twice.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS gearman_sdk_queues (
     id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     name VARBINARY(64) NOT NULL UNIQUE,
     highest_key BIGINT UNSIGNED NOT NULL DEFAULT 0,
     owner VARCHAR(512) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
     owner_token VARBINARY(64) NOT NULL DEFAULT ''
   ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS gearman_sdk_jobs (
     queue_id INT UNSIGNED NOT NULL,
     job_key BIGINT UNSIGNED NOT NULL,
     function_name MEDIUMBLOB NOT NULL,
     unique_id VARBINARY(255) NOT NULL,
     reducer VARBINARY(255) NOT NULL,
     priority TINYINT UNSIGNED NOT NULL,
     run_at BIGINT UNSIGNED NOT NULL,
     accepted_at BIGINT UNSIGNED NOT NULL,
     retries BIGINT UNSIGNED NOT NULL,
     data LONGBLOB NOT NULL,
     PRIMARY KEY (queue_id, job_key)
   ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`,
  `CREATE TABLE IF NOT EXISTS gearman_sdk_set_aside (
     id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     reason VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL,
     source VARCHAR(64) CHARACTER SET utf8mb4 NOT NULL,
     unique_key LONGBLOB,
     function_name LONGBLOB,
     priority BLOB,
     when_to_run BLOB,
     data LONGBLOB
   ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`,
  `CREATE TABLE IF NOT EXISTS gearman_sdk_outcomes (
     queue_id INT UNSIGNED NOT NULL,
     job_key BIGINT UNSIGNED NOT NULL,
     function_name MEDIUMBLOB NOT NULL,
     unique_id VARBINARY(255) NOT NULL,
     reducer VARBINARY(255) NOT NULL,
     priority TINYINT UNSIGNED NOT NULL,
     run_at BIGINT UNSIGNED NOT NULL,
     accepted_at BIGINT UNSIGNED NOT NULL,
     retries BIGINT UNSIGNED NOT NULL,
     data LONGBLOB NOT NULL,
     kind VARBINARY(32) NOT NULL,
     can_requeue TINYINT UNSIGNED NOT NULL,
     ended_at BIGINT UNSIGNED NOT NULL,
     output LONGBLOB NOT NULL,
     PRIMARY KEY (queue_id, job_key)
   ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`,
]

/** Brings the tables up to date; of several servers that start at once one does. */
export async function prepareSchema(session: MysqlSession): Promise<void> {
  await withLock(session, 'schema', async () => {
    await session.query(
      `CREATE TABLE IF NOT EXISTS gearman_sdk_meta (
         name VARCHAR(64) CHARACTER SET ascii NOT NULL PRIMARY KEY,
         value BIGINT NOT NULL
       ) ENGINE=InnoDB`,
    )
    await migrate(MIGRATIONS, {
      readVersion: async () => {
        const [row] = await session.rows(
          `SELECT value FROM gearman_sdk_meta WHERE name = 'schema_version'`,
        )
        return Number(row?.['value'] ?? 0)
      },
      apply: async (step, version) => {
        await session.query(step, LONG_STEP_MS)
        const sql = 'REPLACE INTO gearman_sdk_meta (name, value) VALUES (?, ?)'
        await session.run(sql, ['schema_version', String(version)])
      },
    })
  })
}
