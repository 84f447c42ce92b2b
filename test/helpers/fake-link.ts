import type { SessionLink } from '../../src/connection/session.ts'
import type { GearmanError } from '../../src/errors.ts'
import { type PacketArgument, viewOf } from '../../src/protocol/packet-encoder.ts'
import { packetName } from '../../src/protocol/packets.ts'

/** A {@link SessionLink} without a socket: what a session sends is noted, and each packet counts as ten bytes. */
export class FakeLink implements SessionLink {
  readonly server = 'gear:4730'
  readonly unsentBytes = 0
  /** Everything sent, as text: `SUBMIT_JOB t u x`. */
  readonly sent: string[] = []
  /** What the session failed with. */
  readonly failures: GearmanError[] = []
  /** Thrown by the next send. */
  refusal: Error | undefined
  position = 0

  send(type: number, args: readonly PacketArgument[]): void {
    if (this.refusal !== undefined) throw this.refusal
    const texts = args.map((arg) => (typeof arg === 'string' ? arg : viewOf(arg).toString()))
    this.sent.push([packetName(type), ...texts].join(' '))
    this.position += 10
  }

  sendBytes(bytes: Uint8Array): void {
    this.sent.push(Buffer.from(bytes).toString())
    this.position += 10
  }

  fail(error: GearmanError): void {
    this.failures.push(error)
  }
}
