import { migrate } from '../stores/migrate.ts'
import type { PostgresSession } from './postgres-session.ts'

/** Of our own, beside those of gearmand, which may be in the same schema. Names and ids are bytes. */
const STEPS: readonly string[] = [
  `CREATE TABLE gearman_sdk_queues (
     id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     name text NOT NULL UNIQUE,
     highest_key bigint NOT NULL DEFAULT 0,
     owner text,
     owner_token text,
     backend_pid integer
   );
   CREATE TABLE gearman_sdk_jobs (
     queue integer NOT NULL,
     key bigint NOT NULL,
     function_name bytea NOT NULL,
     unique_id bytea NOT NULL,
     reducer bytea NOT NULL,
     priority smallint NOT NULL CHECK (priority IN (0, 1, 2)),
     run_at bigint NOT NULL,
     accepted_at bigint NOT NULL,
     retries bigint NOT NULL,
     data bytea NOT NULL,
     PRIMARY KEY (queue, key)
   );
   CREATE TABLE gearman_sdk_set_aside (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     queue integer NOT NULL,
     reason text NOT NULL,
     unique_key bytea,
     function_name bytea,
     priority text,
     when_to_run text,
     data bytea
   )`,
  `CREATE TABLE gearman_sdk_outcomes (
     queue integer NOT NULL,
     key bigint NOT NULL,
     function_name bytea NOT NULL,
     unique_id bytea NOT NULL,
     reducer bytea NOT NULL,
     priority smallint NOT NULL CHECK (priority IN (0, 1, 2)),
     run_at bigint NOT NULL,
     accepted_at bigint NOT NULL,
     retries bigint NOT NULL,
     data bytea NOT NULL,
     kind text NOT NULL,
     can_requeue boolean NOT NULL,
     ended_at bigint NOT NULL,
     output bytea NOT NULL,
     PRIMARY KEY (queue, key)
   )`,
]

/**
 * Brings the tables up to date in one transaction, whose lock keeps other servers out.
 *
 * @throws Error when a later version of this package made them
 */
export async function prepareTables(session: PostgresSession): Promise<void> {
  await session.transaction(async () => {
    await session.query(`SELECT pg_advisory_xact_lock(hashtextextended('gearman-sdk schema', 0))`)
    await migrate(STEPS, {
      readVersion: () => readVersion(session),
      apply: async (step, version) => {
        await session.query(step)
        await session.query({
          text: `UPDATE gearman_sdk_meta SET value = $1 WHERE name = 'schema_version'`,
          values: [String(version)],
        })
      },
    })
  })
}

async function readVersion(session: PostgresSession): Promise<number> {
  // CREATE TABLE IF NOT EXISTS asks for the right to create, needed or not.
  const found = await session.queryRow(`SELECT to_regclass('gearman_sdk_meta')::text AS name`)
  if (found['name'] === null) {
    await session.query(
      `CREATE TABLE gearman_sdk_meta (name text PRIMARY KEY, value text);
       INSERT INTO gearman_sdk_meta VALUES ('schema_version', '0')`,
    )
    return 0
  }
  const { value } = await session.queryRow(
    `SELECT value FROM gearman_sdk_meta WHERE name = 'schema_version'`,
  )
  return Number(value)
}
