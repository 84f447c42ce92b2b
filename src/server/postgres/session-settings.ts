import type { PostgresSession } from './postgres-session.ts'

/** The first version with a setting for plans (PostgreSQL 12). */
const MIN_VERSION = 120_000

/**
 * A setting that the database does not have is left out. The session holds a lock, so nothing may end it for being
 * idle or slow, and when the server's machine is gone the database must notice soon. All statements look up
 * jobs by their keys: a plan that was made while the table was empty must not read all of it later.
 */
const SETTINGS = {
  client_encoding: 'UTF8',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
}

/** Prepares a session for its work. */
export async function applySettings(session: PostgresSession): Promise<void> {
  await session.query({
    text: `SELECT set_config(s.name, s.value, false) FROM unnest($1::text[], $2::text[]) AS s (name, value)
           JOIN pg_settings USING (name) WHERE setting <> s.value`,
    values: [Object.keys(SETTINGS), Object.values(SETTINGS)],
  })
}

/** @throws Error when it is too old or cannot write */
export async function checkServer(session: PostgresSession): Promise<void> {
  const { version, text, standby } = await session.queryRow(
    `SELECT current_setting('server_version_num')::integer AS version,
     current_setting('server_version') AS text, pg_is_in_recovery() AS standby`,
  )
  if (Number(version) < MIN_VERSION) {
    throw new Error(`PostgreSQL ${text} is too old: version 12 is the first that will do`)
  }
  if (standby === true) throw new Error('this PostgreSQL is a standby and takes no changes')
}

/** What breaks the promise that a job is safe, one line for each. */
export async function weakSettings(session: PostgresSession): Promise<readonly string[]> {
  const settings = await session.queryRow(
    `SELECT current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync,
     current_setting('full_page_writes') AS full_page_writes`,
  )
  const problems: Readonly<Record<string, string>> = {
    synchronous_commit: 'a crash of PostgreSQL loses the jobs of the last moments',
    fsync: 'a crash of its machine may lose jobs, or the whole database',
    full_page_writes: 'a crash of its machine may spoil the database',
  }
  return Object.keys(problems)
    .filter((name) => settings[name] === 'off')
    .map((name) => `PostgreSQL runs with ${name} = off: ${problems[name]}`)
}
