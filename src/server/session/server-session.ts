import { isSameAs } from '../../core/short-bytes.ts'
import { ErrorReplies, type ErrorReply } from '../queue/error-replies.ts'
import type { FunctionQueue } from '../queue/function-queue.ts'
import type { JobTable } from '../queue/job-table.ts'
import type { Peer } from '../queue/peer.ts'
import type { Submissions } from '../queue/submissions.ts'
import type { WorkerDesk } from '../queue/worker-desk.ts'
import { runTextCommand } from '../text-commands/run-text-command.ts'
import type { ServerView } from '../text-commands/text-command.ts'
import { CLIENT_REQUESTS, SUBMIT_REQUESTS } from './client-requests.ts'
import { COMMON_REQUESTS } from './common-requests.ts'
import { RequestRefused } from './request-refused.ts'
import { RESULT_REQUESTS } from './result-requests.ts'
import { failOversizedResult, RESULT_REPORTS, WORKER_REQUESTS } from './worker-requests.ts'

/** Who is told what happens to requests. */
export interface SessionObserver {
  /** A packet is answered with ERROR, or a line is too long. */
  onRefused(peer: Peer, reply: ErrorReply): void
}

/** What all sessions of one server share. */
export interface SessionContext {
  readonly table: JobTable
  readonly submissions: Submissions
  readonly desk: WorkerDesk
  readonly server: ServerView
  readonly observer: SessionObserver
  /** The longest argument in bytes, the last one of a packet left out. */
  readonly maxArgumentBytes: number
}

/** Answers one type of packet. `body` may be a view into a chunk: what is kept is copied. */
export type RequestHandler = (session: ServerSession, body: Buffer, type: number) => void

/** Answers one type of packet, whose body lies in a chunk from `start` to `end`: no view of it is made. */
export type InPlaceHandler = (
  session: ServerSession,
  bytes: Buffer,
  start: number,
  end: number,
  type: number,
) => void

/** Packet type to handler of those that come in numbers. */
const IN_PLACE: readonly (InPlaceHandler | undefined)[] = tableOf([
  ...SUBMIT_REQUESTS,
  ...RESULT_REPORTS,
])

/** Packet type to handler of the others; whatever has none is answered with ERROR INVALID_COMMAND. */
const HANDLERS: readonly (RequestHandler | undefined)[] = tableOf([
  ...CLIENT_REQUESTS,
  ...WORKER_REQUESTS,
  ...COMMON_REQUESTS,
  ...RESULT_REQUESTS,
])

function tableOf<Handler>(
  handlers: readonly (readonly [type: number, handler: Handler])[],
): (Handler | undefined)[] {
  const table: (Handler | undefined)[] = []
  for (const [type, handler] of handlers) table[type] = handler
  return table
}

/** One peer's packets and text commands, turned into calls of the job table. No I/O. */
export class ServerSession {
  readonly peer: Peer
  readonly context: SessionContext
  #lastFunction: FunctionQueue | undefined
  #lastName: Buffer = Buffer.alloc(0)

  constructor(peer: Peer, context: SessionContext) {
    this.peer = peer
    this.context = context
  }

  /** A packet under the request magic. */
  onPacket(type: number, body: Buffer): void {
    if (this.onPacketInPlace(type, body, 0, body.length)) return
    const handler = HANDLERS[type]
    if (handler === undefined) {
      this.#refuse(ErrorReplies.notExpected)
      return
    }
    try {
      handler(this, body, type)
    } catch (error) {
      this.#refuseFor(error)
    }
  }

  /**
   * The same for a body that lies in a chunk.
   *
   * @returns whether packets of this type are answered in this way
   */
  onPacketInPlace(type: number, chunk: Buffer, start: number, end: number): boolean {
    const handler = IN_PLACE[type]
    if (handler === undefined) return false
    try {
      handler(this, chunk, start, end, type)
    } catch (error) {
      this.#refuseFor(error)
    }
    return true
  }

  /** A packet under the response magic. */
  onForeignMagic(): void {
    this.#refuse(ErrorReplies.requestMagicExpected)
  }

  /** A packet over the size limit; `front` is its beginning. */
  onOversized(type: number, front: Buffer): void {
    failOversizedResult(this, front, type)
    this.#refuse(ErrorReplies.packetTooLarge)
  }

  /** A text command. */
  onLine(line: Buffer): void {
    const reply = runTextCommand(line.toString('latin1'), this.context, this.peer)
    if (typeof reply === 'string') this.peer.output.sendBytes(Buffer.from(reply, 'latin1'))
    else this.peer.output.sendText(reply)
  }

  /** A line over the limit: whatever comes behind it is not listened to. */
  onLineTooLong(): void {
    const [code] = ErrorReplies.lineTooLong
    this.peer.output.sendBytes(Buffer.from(`ERR ${code}\r\n`))
    this.context.observer.onRefused(this.peer, ErrorReplies.lineTooLong)
  }

  /**
   * The peer says no more, or is not listened to any more: its jobs go back, and nobody waits through it.
   * Answers that it is owed still reach it. Clients first: a job that nobody wants is not given to another
   * worker. When the whole server stops, jobs stay as they are.
   */
  onEnd(): void {
    const { peer, context } = this
    if (peer.isClosed) return
    peer.isClosed = true
    if (context.table.isStopped) return
    for (let at = peer.attachments; at !== undefined; at = peer.attachments) context.table.leave(at)
    context.desk.leave(peer)
  }

  /** The connection is gone. */
  onClose(): void {
    this.peer.output.close()
    this.onEnd()
  }

  /**
   * The queue of the function named by these bytes. Most connections name one function over and over:
   * comparing the bytes spares a string and a look-up.
   */
  functionNamed(body: Buffer, start: number, end: number): FunctionQueue {
    const known = this.#lastFunction
    if (known !== undefined && !known.isDropped && isSameAs(this.#lastName, body, start, end)) {
      return known
    }
    const queue = this.context.table.openFunction(body.toString('latin1', start, end))
    this.#lastFunction = queue
    this.#lastName = Buffer.from(body.subarray(start, end))
    return queue
  }

  /** Nothing is lost here: the peer gets the error. Everything else is a bug, and is thrown on. */
  #refuseFor(error: unknown): void {
    if (!(error instanceof RequestRefused)) throw error
    this.#refuse(error.reply)
  }

  #refuse(reply: ErrorReply): void {
    this.peer.sendError(reply)
    this.context.observer.onRefused(this.peer, reply)
  }
}
