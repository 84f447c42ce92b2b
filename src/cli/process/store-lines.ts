import type { ServerEvents } from '../../server/index.ts'
import { describeError } from '../describe-error.ts'
import type { ServerLog } from './server-log.ts'

/** A store that fails does so at each submission, and the log may be on the same full disk: a line is enough for so long. */
const QUIET_MS = 10_000

/** A server, as far as its events go. */
export interface EventSource {
  on<Name extends keyof ServerEvents & string>(name: Name, listener: ServerEvents[Name]): unknown
}

/**
 * What the log tells of the store that keeps background jobs.
 *
 * @param nowMs - a clock that never goes back
 */
export function logStoreEvents(
  server: EventSource,
  log: Pick<ServerLog, 'write' | 'writeAlways'>,
  nowMs: () => number = () => performance.now(),
): void {
  logFailures(server, log, nowMs)
  server.on('storeRowSetAside', ({ store, row, reason }) => {
    log.write('ERROR', `the store ${store} has a row that is no job: ${row}: ${reason}`)
  })
  // What a store does not promise, or what it took over, has to be known at whatever level.
  server.on('storeNotice', ({ store, message }) => {
    log.writeAlways('WARNING', `${store}: ${message}`)
  })
  server.on('storeReplayed', ({ store, jobs, setAside }) => {
    log.write('INFO', `the store ${store} is open: ${jobs} jobs queued, ${setAside} rows set aside`)
  })
}

function logFailures(
  server: EventSource,
  log: Pick<ServerLog, 'write'>,
  nowMs: () => number,
): void {
  let lastText = ''
  let quietUntilMs = 0
  let refused = 0
  server.on('storeFailed', ({ error, refusedJobs }) => {
    refused += refusedJobs
    const text = describeError(error)
    if (text === lastText && nowMs() < quietUntilMs) return
    log.write('ERROR', `${text}; ${refused} jobs were refused for it`)
    lastText = text
    quietUntilMs = nowMs() + QUIET_MS
    refused = 0
  })
  // Who reads of the failure has to read of its end.
  server.on('storeRecovered', ({ store }) => {
    const more = refused === 0 ? '' : `; ${refused} more jobs were refused before`
    log.write('ERROR', `the store ${store} takes changes again${more}`)
    lastText = ''
    refused = 0
  })
}
