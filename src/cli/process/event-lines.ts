import type { GearmanServer, ServerPeer } from '../../server/index.ts'
import { escapeName } from './escape-name.ts'
import type { ServerLog } from './server-log.ts'
import { describeError } from './start-failure.ts'

/** Writes what happens in the server to the log. What the level leaves out is not listened to. */
export function logServerEvents(server: GearmanServer, log: ServerLog): void {
  server.on('error', ({ error }) => log.write('ERROR', describeError(error)))
  server.on('jobFinished', (job) => {
    if (job.outcome !== 'lost') return
    const name = `${escapeName(job.functionName)},${escapeName(job.unique)}`
    log.write('ERROR', `given up after too many lost workers: ${job.handle},${name}`, 'proc')
  })
  if (log.has('NOTICE')) logAccepted(server, log)
  if (log.has('INFO')) logConnections(server, log)
}

/** gearmand's line, by which log analysers count jobs. */
function logAccepted(server: GearmanServer, log: ServerLog): void {
  server.on('jobAccepted', ({ functionName, unique }) => {
    log.write('NOTICE', `accepted,${escapeName(functionName)},${escapeName(unique)},0`, 'proc')
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

/** The number is the one that the text command `workers` shows. */
function describePeer({ id, address }: ServerPeer): string {
  return `${address} (${id})`
}
