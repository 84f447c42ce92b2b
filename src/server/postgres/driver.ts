import type { Client } from 'pg'

/** The class that the package exports. */
export type ClientClass = typeof Client

/** Loads the driver, which is an optional peer dependency. */
export async function loadDriver(): Promise<ClientClass> {
  try {
    const { default: pg } = await import('pg')
    return pg.Client
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    const reason = isMissing ? 'it is not installed' : message
    throw new Error(`it needs the package pg (npm install pg): ${reason}`, { cause })
  }
}
