import { randomBytes } from 'node:crypto'
import { isDeadOwner, ownerText } from '../stores/owner-text.ts'
import type { StoreContext } from '../stores/queue-store.ts'
import { NoWayBack } from '../stores/store-link.ts'
import { wrongTable } from '../stores/wrong-table.ts'
import { checkVersion, reportDurability } from './check-database.ts'
import type { MysqlDriver } from './driver.ts'
import { importGearmandTable } from './gearmand-table.ts'
import { takeLock } from './mysql-lock.ts'
import type { ResolvedMysqlOptions } from './mysql-options.ts'
import { MysqlSession } from './mysql-session.ts'
import { prepareSchema } from './schema.ts'

/** A queue that is ours. */
export interface OpenQueue {
  /** What our rows have in the column `queue_id`. */
  readonly id: number
  readonly highestKey: number
  /** Shows, after a lost connection, that nobody has had the queue meanwhile. */
  readonly token: string
}

/** How long the lock of a process that is gone is waited for, besides the usual time. */
const DEAD_SECONDS = 10

/** Takes the queue and makes everything ready: versions, tables, what gearmand left. */
export async function openQueue(
  session: MysqlSession,
  { queueName, gearmandTable, isGearmandTableNamed }: ResolvedMysqlOptions,
  { owner, setAside, notice }: StoreContext,
): Promise<OpenQueue> {
  await session.prepare()
  await checkVersion(session)
  if (!(await takeLock(session, lockOf(queueName)))) await waitForTheDead(session, queueName)
  await prepareSchema(session)
  await reportDurability(session, notice)
  const id = await queueId(session, queueName)
  const token = randomBytes(16).toString('hex')
  await session.query('START TRANSACTION')
  await session.run('UPDATE gearman_sdk_queues SET owner = ?, owner_token = ? WHERE id = ?', [
    ownerText(owner),
    token,
    String(id),
  ])
  const firstKey = (await highestKey(session, id)) + 1
  const imported = await importGearmandTable(session, {
    table: gearmandTable,
    queueId: id,
    firstKey,
  })
  if (typeof imported === 'string') {
    const problem = wrongTable(gearmandTable, imported, isGearmandTableNamed)
    if (problem !== undefined) notice(problem)
  } else {
    for (const row of imported.setAside) setAside(row)
    if (imported.jobs > 0)
      notice(`${imported.jobs} jobs of gearmand's table ${gearmandTable} were moved into its own`)
  }
  return { id, token, highestKey: await highestKey(session, id) }
}

/**
 * Connects anew and takes the queue again. Our lock has ended with the connection, perhaps not yet: then this
 * fails, and may be tried again.
 *
 * @throws NoWayBack when another server has had the queue meanwhile: it has run our jobs and may have
 * used our numbers, so that what this server knows is worth nothing
 */
export async function reopenQueue(
  driver: MysqlDriver,
  options: ResolvedMysqlOptions,
  { id, token }: OpenQueue,
  signal: AbortSignal,
): Promise<MysqlSession> {
  const { queueName } = options
  const session = new MysqlSession(driver, options)
  const onAbort = (): void => session.destroy(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    await session.prepare()
    const isOurs = await takeLock(session, lockOf(queueName))
    const [row] = await session.rows(
      'SELECT CAST(owner_token AS CHAR) AS token FROM gearman_sdk_queues WHERE id = ?',
      [String(id)],
    )
    if (row?.['token'] !== token) {
      const owner = await ownerOf(session, queueName)
      throw new NoWayBack(
        `its queue "${queueName}" was taken by ${owner} while the connection was lost: start this server again`,
      )
    }
    if (!isOurs) throw new Error('the database has not ended the lost connection yet')
    return session
  } catch (error) {
    session.destroy(error as Error)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** The name of the lock of a queue. */
export function lockOf(queueName: string): string {
  return `queue ${queueName}`
}

async function queueId(session: MysqlSession, queueName: string): Promise<number> {
  const select = 'SELECT id FROM gearman_sdk_queues WHERE name = ?'
  const name = Buffer.from(queueName)
  const [row] = await session.rows(select, [name])
  if (row !== undefined) return Number(row['id'])
  await session.run('INSERT INTO gearman_sdk_queues (name) VALUES (?)', [name])
  const [added] = await session.rows(select, [name])
  return Number(added?.['id'])
}

async function highestKey(session: MysqlSession, id: number): Promise<number> {
  const [row] = await session.rows(
    `SELECT GREATEST(highest_key, IFNULL((SELECT MAX(job_key) FROM gearman_sdk_jobs WHERE queue_id = ?), 0)) AS highest
     FROM gearman_sdk_queues WHERE id = ?`,
    [String(id), String(id)],
  )
  return Number(row?.['highest'])
}

/** Waits longer for the lock of a process that does not exist any more: its last commit may be under way. */
async function waitForTheDead(session: MysqlSession, queueName: string): Promise<void> {
  const owner = await ownerOf(session, queueName)
  const isOurs = isDeadOwner(owner) && (await takeLock(session, lockOf(queueName), DEAD_SECONDS))
  if (!isOurs) throw new Error(`its queue "${queueName}" is in use by ${owner}`)
}

async function ownerOf(session: MysqlSession, queueName: string): Promise<string> {
  const unknown = 'another server, which is just starting'
  try {
    const [row] = await session.rows('SELECT owner FROM gearman_sdk_queues WHERE name = ?', [
      Buffer.from(queueName),
    ])
    return String(row?.['owner'] || unknown)
  } catch {
    return unknown // It has made no tables yet.
  }
}
