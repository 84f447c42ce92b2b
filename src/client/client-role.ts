import type { ConnectionRole } from '../connection/connection.ts'
import type { SessionLink } from '../connection/session.ts'
import { ClientSession } from './client-session.ts'

/** The role of client connections: clients that share a manager share them. */
export const CLIENT_ROLE: ConnectionRole<ClientSession> = {
  name: 'client',
  createSession: (link: SessionLink) => new ClientSession(link),
}
