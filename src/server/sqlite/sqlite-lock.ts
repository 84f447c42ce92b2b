import type { Database, DatabaseClass } from './driver.ts'
import { readMeta } from './schema.ts'

/** How long whoever reads the file while we write may make us wait. */
export const BUSY_TIMEOUT_MS = 10_000

/**
 * Keeps other servers out by a lock of the system on a file of its own, which a crash gives back. The database
 * itself stays readable for anybody, so that the second server learns who the first one is.
 *
 * @returns the connection that holds the lock until it is closed
 */
export function takeLock(Driver: DatabaseClass, path: string): Database {
  const lock = new Driver(`${path}-lock`, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock.close()
    if (!isBusy(cause)) throw cause
    throw new Error(`it is in use by ${ownerOf(Driver, path)}`, { cause })
  }
}

function isBusy(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'SQLITE_BUSY' || message.includes('locked')
}

function ownerOf(Driver: DatabaseClass, path: string): string {
  let database: Database | undefined
  try {
    database = new Driver(path, { timeout: BUSY_TIMEOUT_MS })
    return String(readMeta(database, 'owner') ?? 'another server')
  } catch {
    return 'another server, which is just starting' // It has written nothing yet.
  } finally {
    database?.close()
  }
}

/** Lets others in: at once, whatever the driver keeps of a closed connection. */
export function releaseLock(lock: Database): void {
  if (lock.inTransaction) lock.exec('ROLLBACK')
  lock.close()
}
