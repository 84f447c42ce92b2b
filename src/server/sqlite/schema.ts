import type { Database } from './driver.ts'

/** Of our own, beside those of gearmand, which may be in the same file. Names and ids are bytes. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE gearman_sdk_jobs (
     key INTEGER PRIMARY KEY,
     function_name BLOB NOT NULL,
     unique_id BLOB NOT NULL,
     reducer BLOB NOT NULL,
     priority INTEGER NOT NULL CHECK (priority IN (0, 1, 2)),
     run_at INTEGER NOT NULL,
     accepted_at INTEGER NOT NULL,
     retries INTEGER NOT NULL,
     data BLOB NOT NULL
   ) STRICT;
   CREATE TABLE gearman_sdk_set_aside (
     id INTEGER PRIMARY KEY,
     reason TEXT NOT NULL,
     unique_key BLOB,
     function_name BLOB,
     priority ANY,
     when_to_run ANY,
     data BLOB
   ) STRICT;`,
  `CREATE TABLE gearman_sdk_outcomes (
     key INTEGER PRIMARY KEY,
     function_name BLOB NOT NULL,
     unique_id BLOB NOT NULL,
     reducer BLOB NOT NULL,
     priority INTEGER NOT NULL CHECK (priority IN (0, 1, 2)),
     run_at INTEGER NOT NULL,
     accepted_at INTEGER NOT NULL,
     retries INTEGER NOT NULL,
     data BLOB NOT NULL,
     kind TEXT NOT NULL CHECK (kind IN ('completed', 'failed', 'exception', 'lost')),
     can_requeue INTEGER NOT NULL,
     ended_at INTEGER NOT NULL,
     output BLOB NOT NULL
   ) STRICT;`,
]

/**
 * Brings the tables up to date, each step once: the transaction keeps others out.
 *
 * @throws Error when a later version of this package made them
 */
export function migrate(database: Database): void {
  database.exec('BEGIN IMMEDIATE')
  database.exec(
    'CREATE TABLE IF NOT EXISTS gearman_sdk_meta (name TEXT PRIMARY KEY, value ANY) STRICT',
  )
  const version = Number(readMeta(database, 'schema_version') ?? 0)
  if (version > MIGRATIONS.length) {
    throw new Error(
      `its tables have version ${version}, made by a later gearman-sdk; this one knows version ${MIGRATIONS.length}`,
    )
  }
  for (const sql of MIGRATIONS.slice(version)) database.exec(sql)
  writeMeta(database, 'schema_version', MIGRATIONS.length)
  database.exec('COMMIT')
}

/** One value of the table of facts about the store. */
export function readMeta(database: Database, name: string): unknown {
  const row = database.prepare('SELECT value FROM gearman_sdk_meta WHERE name = ?').get([name])
  return (row as { readonly value: unknown } | undefined)?.value
}

/** Sets one of them. */
export function writeMeta(database: Database, name: string, value: number | string): void {
  database.prepare('INSERT OR REPLACE INTO gearman_sdk_meta VALUES (?, ?)').run([name, value])
}
