import type { ConnectionRole } from '../connection/connection.ts'
import { Session, type SessionLink } from '../connection/session.ts'
import { PacketType } from '../protocol/packets.ts'
import { type PendingRequest, PingRequest, TextRequest } from './admin-request.ts'

/**
 * The admin side of one connection: text commands and ECHO, pipelined, answered in order. No I/O.
 *
 * A request whose caller has gone keeps its place until its reply is read: it must not become the answer
 * to the next one.
 */
export class AdminSession extends Session {
  #echoCount = 0

  override start(): void {
    this.ping().catch(() => undefined) // Whoever waits for the connection is told of its loss.
  }

  /** Sends a request; it settles itself. */
  ask(request: PendingRequest): void {
    this.#echoCount += 1
    const echoText = `admin ${this.#echoCount}`
    request.begin({ server: this.link.server, echoText })
    if (request.line === undefined) {
      this.request(request, PacketType.ECHO_REQ, [echoText])
      return
    }
    this.requestLine(request, request.line)
    // No slot of its own: it ends the reply of this one.
    if (request.hasEcho) this.link.send(PacketType.ECHO_REQ, [echoText])
  }

  override onLine(line: Buffer): void {
    const head = this.headReply()
    if (!(head instanceof TextRequest || head instanceof PingRequest)) {
      throw this.protocolError(`text of ${line.length} bytes that answers no command`)
    }
    if (head.onLine(line.toString())) this.shiftReply()
  }

  override onOversized(type: number): void {
    throw this.unexpected(type)
  }

  protected override onUnsolicited(type: number): void {
    throw this.unexpected(type)
  }

  protected override onLost(): void {}
}

/** The role of admin connections. */
export const ADMIN_ROLE: ConnectionRole<AdminSession> = {
  name: 'admin',
  createSession: (link: SessionLink) => new AdminSession(link),
}
