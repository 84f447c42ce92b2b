import { sleep } from '../../core/sleep.ts'
import { isDeadOwner, ownerText } from '../stores/owner-text.ts'
import type { StoreOwner } from '../stores/queue-store.ts'
import { NoWayBack } from '../stores/store-link.ts'
import type { PostgresSession } from './postgres-session.ts'

/** How long the connection of a server that is gone may hold the lock. Milliseconds. */
const LEAVING_MS = 1000
/** The same for a process of this machine that does not exist any more: its last commit may be under way. */
const DEAD_MS = 10_000
const POLL_MS = 50

/** Who has the queue, and how the database knows. */
export interface Ownership {
  readonly owner: StoreOwner
  /** Not used by any other. */
  readonly token: string
  /** The queue's number. */
  readonly queue: number
}

/**
 * The lock lives as long as the connection; a crash gives it back. The table names the owner for the second server.
 * In `pg_locks` it is the table of jobs and the number of the queue.
 */
const LOCK = `(('gearman_sdk_jobs'::regclass::oid::bigint << 32) | $1::bigint)`
const HOLDER = `SELECT l.pid, q.backend_pid, q.owner, q.owner_token FROM gearman_sdk_queues q
  LEFT JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid = 'gearman_sdk_jobs'::regclass::oid AND l.objid = q.id::bigint::oid WHERE q.id = $1`

/** The number of a queue, which is made when it is new. */
export async function openQueue(session: PostgresSession, name: string): Promise<number> {
  const find = { text: 'SELECT id FROM gearman_sdk_queues WHERE name = $1', values: [name] }
  const [found] = await session.query(find)
  if (found !== undefined) return Number(found['id'])
  await session.query({
    text: 'INSERT INTO gearman_sdk_queues (name) VALUES ($1) ON CONFLICT (name) DO NOTHING',
    values: [name],
  })
  return Number((await session.queryRow(find))['id'])
}

/**
 * Makes this server the owner.
 *
 * @throws Error with the name of the server that is
 */
export async function takeQueue(session: PostgresSession, ownership: Ownership): Promise<void> {
  const { queue, token, owner } = ownership
  const begin = performance.now()
  while (!(await tryLock(session, queue))) {
    const holder = await session.queryRow({ text: HOLDER, values: [queue] })
    const isNamed = holder['pid'] === holder['backend_pid'] && holder['owner'] !== null
    const name = isNamed ? String(holder['owner']) : undefined
    const patienceMs = name !== undefined && isDeadOwner(name) ? DEAD_MS : LEAVING_MS
    if (performance.now() - begin >= patienceMs) {
      throw new Error(`it is in use by ${name ?? 'another server, which is just starting'}`)
    }
    await sleep(POLL_MS)
  }
  await session.query({
    text: `UPDATE gearman_sdk_queues SET owner = $2, owner_token = $3, backend_pid = pg_backend_pid()
           WHERE id = $1`,
    values: [queue, ownerText(owner), token],
  })
}

/**
 * Takes the queue again after the connection was lost, which also waits for the end of what was under way there.
 *
 * @throws NoWayBack when another server had the queue meanwhile: it knows of jobs that this one does not
 */
export async function retakeQueue(session: PostgresSession, ownership: Ownership): Promise<void> {
  const { queue, token } = ownership
  const isLocked = await tryLock(session, queue)
  const holder = await session.queryRow({ text: HOLDER, values: [queue] })
  if (holder['owner_token'] !== token) {
    const owner = String(holder['owner'] ?? 'another server, which is closed again')
    throw new NoWayBack(`it was taken over by ${owner} while the connection was lost`)
  }
  if (!isLocked) {
    // Only a connection of our own: the database has not noticed its end.
    if (holder['pid'] !== null && holder['pid'] === holder['backend_pid']) {
      await session.query({ text: 'SELECT pg_terminate_backend($1)', values: [holder['pid']] })
    }
    throw new Error('the lost connection still holds the queue')
  }
  await session.query({
    text: 'UPDATE gearman_sdk_queues SET backend_pid = pg_backend_pid() WHERE id = $1',
    values: [queue],
  })
}

/** Lets others have it. */
export async function giveQueue(session: PostgresSession, { queue }: Ownership): Promise<void> {
  await session.query({
    text: `UPDATE gearman_sdk_queues SET owner = NULL, backend_pid = NULL WHERE id = $1`,
    values: [queue],
  })
  await session.query({ text: `SELECT pg_advisory_unlock(${LOCK})`, values: [queue] })
}

async function tryLock(session: PostgresSession, queue: number): Promise<boolean> {
  const sql = `SELECT pg_try_advisory_lock(${LOCK}) AS taken`
  return (await session.queryRow({ text: sql, values: [queue] }))['taken'] === true
}
