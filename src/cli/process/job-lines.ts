import type { GearmanServer, ServerJob } from '../../server/index.ts'
import { describePeer } from './describe-peer.ts'
import { escapeName } from './escape-name.ts'
import type { ServerLog } from './server-log.ts'

/** What the log tells of jobs. */
export function logJobEvents(server: GearmanServer, log: ServerLog): void {
  server.on('jobLost', (job) => {
    const workers = `lost workers: ${job.retries}, the last ${job.reason}`
    log.write('ERROR', `given up,${describeJob(job)}: ${workers}`, 'proc')
  })
  if (log.has('WARNING')) logRejections(server, log)
  if (log.has('NOTICE')) logQueueing(server, log)
}

function logRejections(server: GearmanServer, log: ServerLog): void {
  server.on('jobRejected', ({ client, reason, ...job }) => {
    log.write('WARNING', `rejected,${describeJob(job)}: ${reason}, ${describePeer(client)}`, 'proc')
  })
}

/** The first two are gearmand's line, by which log analysers count submissions. */
function logQueueing(server: GearmanServer, log: ServerLog): void {
  const logAccepted = (job: ServerJob, runAt: number | undefined): void => {
    const when = runAt === undefined ? 0 : Math.floor(runAt / 1000)
    log.write('NOTICE', `accepted,${describeJob(job)},${when}`, 'proc')
  }
  server.on('jobAccepted', (job) => logAccepted(job, job.runAt))
  server.on('jobCoalesced', (job) => logAccepted(job, undefined))
  server.on('jobReturned', (job) => {
    const from = describePeer(job.worker)
    log.write('NOTICE', `returned,${describeJob(job)}: ${job.reason}, ${from}`, 'proc')
  })
}

function describeJob(job: Pick<ServerJob, 'functionName' | 'unique'>): string {
  return `${escapeName(job.functionName)},${escapeName(job.unique)}`
}
