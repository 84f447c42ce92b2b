import { PacketType } from '../../protocol/packets.ts'
import { Abilities } from './abilities.ts'
import type { Attachment } from './attachment.ts'
import type { ErrorReply } from './error-replies.ts'
import { JobList } from './job-list.ts'
import { OrderedOutput, type Pacer, type PacketSink } from './ordered-output.ts'

/** What is known of a peer when it connects. */
export interface PeerFields {
  /** A number that no other connection of this server has. */
  readonly id: number
  /** Its address, for `workers`. */
  readonly address: string
  /** Where its packets go. */
  readonly sink: PacketSink
  /** Says when a long text goes on; left out: at each turn of the event loop. */
  readonly pacer?: Pacer | undefined
  /** Whether it gets WORK_EXCEPTION without asking (server option `exceptions`). */
  readonly wantsExceptions: boolean
}

/** One connection as the job table sees it. It may be client, worker and admin at once. */
export class Peer {
  readonly id: number
  readonly address: string
  readonly output: OrderedOutput
  /** SET_CLIENT_ID. */
  clientId = '-'
  /** OPTION_REQ `exceptions`; cannot be taken back. */
  wantsExceptions: boolean
  /** OPTION_REQ `gearman-sdk`: it knows packet types of 1000 and up. */
  knowsOwnPackets = false
  /** PRE_SLEEP was its last word. */
  isSleeping = false
  /** A NOOP is on its way: another would tell it nothing. */
  isNooped = false
  /** It says no more: it is given no jobs, and waits for none. */
  isClosed = false
  /** What it can do. */
  readonly abilities: Abilities = new Abilities()
  /** The jobs it runs, in the order of assignment. */
  readonly running: JobList = new JobList()
  /** The first of the foreground jobs it waits for. */
  attachments: Attachment | undefined = undefined

  constructor(fields: PeerFields) {
    this.id = fields.id
    this.address = fields.address
    this.output = new OrderedOutput(fields.sink, fields.pacer)
    this.wantsExceptions = fields.wantsExceptions
  }

  /** Sends an ERROR packet. */
  sendError(reply: ErrorReply): void {
    this.output.send(PacketType.ERROR, reply)
  }
}
