import type { GearmanServer } from '../../server/index.ts'
import { describeError } from '../describe-error.ts'
import type { ServerLog } from './server-log.ts'

/** What the log tells of the store that keeps background jobs. */
export function logStoreEvents(server: GearmanServer, log: ServerLog): void {
  server.on('storeFailed', ({ error, refusedJobs }) => {
    log.write('ERROR', `${describeError(error)}; ${refusedJobs} jobs were refused for it`)
  })
  // Who reads of the failure has to read of its end.
  server.on('storeRecovered', ({ store }) => {
    log.write('ERROR', `the store ${store} takes changes again`)
  })
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
