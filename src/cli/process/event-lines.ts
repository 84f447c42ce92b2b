import { ConnectionError } from '../../index.ts'
import type { GearmanServer, ServerJob, ServerPeer } from '../../server/index.ts'
import { escapeName } from './escape-name.ts'
import type { ServerLog } from './server-log.ts'
import { describeError } from './start-failure.ts'

/** Writes what happens in the server to the log. What the level leaves out is not listened to. */
export function logServerEvents(server: GearmanServer, log: ServerLog): void {
  server.on('error', ({ error }) => {
    // With an address it is a peer's failed handshake: nothing that the operator has to mend.
    const isPeer = error instanceof ConnectionError && error.server !== undefined
    log.write(isPeer ? 'WARNING' : 'ERROR', describeError(error))
  })
  server.on('jobLost', (job) => {
    const workers = `${job.retries} workers were lost with it`
    log.write(
      'ERROR',
      `given up,${describeJob(job)}: ${workers}, the last by ${job.reason}`,
      'proc',
    )
  })
  if (log.has('WARNING')) logRefusals(server, log)
  if (log.has('NOTICE')) logJobs(server, log)
  if (log.has('INFO')) logConnections(server, log)
}

function logRefusals(server: GearmanServer, log: ServerLog): void {
  server.on('connectionRefused', ({ address }) => {
    log.write('WARNING', `refused a connection from ${address}: there are too many`)
  })
  server.on('requestRefused', ({ code, text, ...peer }) => {
    log.write('WARNING', `refused a request of ${describePeer(peer)}: ${code} ${text}`)
  })
  server.on('jobRejected', ({ client, reason, ...job }) => {
    const name = `${escapeName(job.functionName)},${escapeName(job.unique)}`
    log.write('WARNING', `rejected,${name}: ${reason}, from ${describePeer(client)}`, 'proc')
  })
}

/** The first two are gearmand's line, by which log analysers count submissions. */
function logJobs(server: GearmanServer, log: ServerLog): void {
  const logAccepted = (job: ServerJob, runAt: number | undefined): void => {
    const when = runAt === undefined ? 0 : Math.floor(runAt / 1000)
    log.write('NOTICE', `accepted,${describeJob(job)},${when}`, 'proc')
  }
  server.on('jobAccepted', (job) => logAccepted(job, job.runAt))
  server.on('jobCoalesced', (job) => logAccepted(job, undefined))
  server.on('jobReturned', (job) => {
    const from = `${describePeer(job.worker)}: ${job.reason}`
    log.write('NOTICE', `returned,${describeJob(job)}, from ${from}`, 'proc')
  })
}

function logConnections(server: GearmanServer, log: ServerLog): void {
  server.on('listening', ({ host, port }) => log.write('INFO', `Listening on ${host}:${port}`))
  server.on('connectionOpened', (peer) => {
    log.write('INFO', `Accepted connection from ${describePeer(peer)}`)
  })
  server.on('connectionClosed', (peer) => {
    const reason = peer.error === undefined ? '' : `: ${describeError(peer.error)}`
    log.write('INFO', `Disconnected ${describePeer(peer)}${reason}`)
  })
}

function describeJob({ functionName, unique }: ServerJob): string {
  return `${escapeName(functionName)},${escapeName(unique)}`
}

/** The number is the one that the text command `workers` shows. */
function describePeer({ id, address }: ServerPeer): string {
  return `${address} (${id})`
}
