import { ConnectionError } from '../../index.ts'
import type { GearmanServer } from '../../server/index.ts'
import { describeError } from '../describe-error.ts'
import { describePeer } from './describe-peer.ts'
import { logJobEvents } from './job-lines.ts'
import type { ServerLog } from './server-log.ts'
import { logStoreEvents } from './store-lines.ts'

/** Writes what happens in the server to the log. What the level leaves out is not listened to. */
export function logServerEvents(server: GearmanServer, log: ServerLog): void {
  server.on('error', ({ error }) => {
    // With an address it is a peer's failed handshake: nothing that the operator has to mend.
    const isPeer = error instanceof ConnectionError && error.server !== undefined
    log.write(isPeer ? 'WARNING' : 'ERROR', describeError(error))
  })
  logStoreEvents(server, log)
  logJobEvents(server, log)
  if (log.has('WARNING')) logRefusals(server, log)
  if (log.has('INFO')) logConnections(server, log)
}

function logRefusals(server: GearmanServer, log: ServerLog): void {
  server.on('connectionRefused', ({ address }) => {
    log.write('WARNING', `refused a connection from ${address}: there are too many`)
  })
  server.on('requestRefused', ({ code, text, ...peer }) => {
    log.write('WARNING', `refused a request of ${describePeer(peer)}: ${code} ${text}`)
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
