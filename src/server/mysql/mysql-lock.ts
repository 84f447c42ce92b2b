import { createHash } from 'node:crypto'
import type { MysqlSession } from './mysql-session.ts'

/**
 * How long a lock is waited for, in seconds. Of a server that was just killed the database may not have seen
 * the end yet.
 */
const PATIENCE_SECONDS = 3

/** Whoever prepares tables is done sooner than this. */
const SCHEMA_PATIENCE_SECONDS = 60

/**
 * Takes a lock that belongs to the connection and ends with it, whatever ends that. Locks are known by name in
 * the whole database server, so the name holds the database's.
 *
 * @returns whether it is ours now
 */
export async function takeLock(
  session: MysqlSession,
  what: string,
  patienceSeconds: number = PATIENCE_SECONDS,
): Promise<boolean> {
  const [row] = await session.rows(
    'SELECT GET_LOCK(?, ?) AS taken',
    [await nameOfLock(session, what), String(patienceSeconds)],
    (patienceSeconds + SCHEMA_PATIENCE_SECONDS) * 1000,
  )
  return Number(row?.['taken']) === 1
}

/** Gives a lock back at once; the end of the connection would do so a moment later. */
export async function releaseLock(session: MysqlSession, what: string): Promise<void> {
  await session.rows('SELECT RELEASE_LOCK(?)', [await nameOfLock(session, what)])
}

/** Does something that only one connection may do at a time. */
export async function withLock(
  session: MysqlSession,
  what: string,
  body: () => Promise<void>,
): Promise<void> {
  if (!(await takeLock(session, what, SCHEMA_PATIENCE_SECONDS))) {
    throw new Error(`another server has not finished its start for ${SCHEMA_PATIENCE_SECONDS} s`)
  }
  await body()
  await releaseLock(session, what)
}

/** At most 64 characters: MySQL takes no more. */
async function nameOfLock(session: MysqlSession, what: string): Promise<string> {
  const [row] = await session.rows('SELECT DATABASE() AS name')
  const hash = createHash('sha256').update(`${row?.['name']}\0${what}`).digest('hex')
  return `gearman-sdk ${hash.slice(0, 40)}`
}
