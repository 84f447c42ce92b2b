import type { ConnectionRole } from './connection.ts'
import { Session, type SessionLink } from './session.ts'

/** A session that only asks for a sign of life. */
class EchoSession extends Session {
  override start(): void {
    this.ping().catch(() => undefined)
  }

  override onOversized(type: number): void {
    throw this.unexpected(type)
  }

  protected override onUnsolicited(type: number): void {
    throw this.unexpected(type)
  }

  protected override onLost(): void {}
}

/** What the connections of a manager are for that is not a client, a worker or an admin client. */
export const ECHO_ROLE: ConnectionRole<Session> = {
  name: 'client',
  createSession: (link: SessionLink) => new EchoSession(link),
}
