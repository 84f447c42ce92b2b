import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemReason } from '../describe-error.ts'
import { StartFailure } from './start-failure.ts'

/**
 * Makes the folder of a queue, and those that it is in, when they are not there.
 *
 * @throws StartFailure naming it
 */
export function makeDataFolder(path: string): void {
  const folder = resolve(path)
  try {
    makeFolder(folder)
  } catch (cause) {
    throw new StartFailure(`--data-dir ${path}: ${systemReason(cause)}`, { cause })
  }
  if (!statSync(folder).isDirectory()) {
    throw new StartFailure(`--data-dir ${path}: it is no directory`)
  }
}

/** Node's own `recursive` never returns where the system makes no folders, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o750 })
}
