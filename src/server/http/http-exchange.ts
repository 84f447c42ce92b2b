import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorReply } from '../queue/error-replies.ts'
import type { JobTable } from '../queue/job-table.ts'
import { Peer } from '../queue/peer.ts'
import type { Submissions } from '../queue/submissions.ts'
import { RequestRefused } from '../session/request-refused.ts'
import type { SessionObserver } from '../session/server-session.ts'
import { HttpAnswer } from './http-answer.ts'
import { ALLOWED_METHODS, type HttpCall, type HttpCallOptions, readHttpCall } from './http-call.ts'
import { HttpRefused } from './http-refused.ts'
import { announcedLength, readRequestBody } from './request-body.ts'

/** What all requests of one server share. */
export interface HttpContext extends HttpCallOptions {
  readonly table: JobTable
  readonly submissions: Submissions
  readonly observer: SessionObserver
  /** How many bytes may wait for a client that does not read. */
  readonly maxUnsentBytes: number
  /** The largest body of a request. */
  readonly maxBodyBytes: number
  /** Whether clients get the data of exceptions. */
  readonly wantsExceptions: boolean
  /** How long a body may stand still. */
  readonly stallTimeoutMs: number
  /** A request holds so many bytes more, or less. */
  readonly onHeld: (bytes: number) => void
}

/** One request and its answer: to the job table a client of its own, which leaves when it is answered. */
export class HttpExchange {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #context: HttpContext
  readonly #answer: HttpAnswer
  readonly #peer: Peer
  #heldBytes = 0

  /** @param connection - the peer that sent the request */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Peer,
    context: HttpContext,
  ) {
    this.#request = request
    this.#response = response
    this.#context = context
    this.#answer = new HttpAnswer(response, {
      isCompatible: context.isCompatible,
      maxUnsentBytes: context.maxUnsentBytes,
      onUnsent: (bytes) => this.#hold(bytes),
    })
    this.#peer = new Peer({
      id: connection.id,
      address: connection.address,
      sink: this.#answer,
      wantsExceptions: context.wantsExceptions,
    })
  }

  /** All is said, though it may not have left. */
  get isAnswered(): boolean {
    return this.#answer.isEnded
  }

  /** How many bytes of its body, or of its answer, wait. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** The connection ends with this answer. */
  endConnection(): void {
    this.#response.shouldKeepAlive = false
  }

  /** Reads the request, and submits its job. @param isPatient - the client sends the body when it is told to */
  start(isPatient: boolean): void {
    try {
      if (this.#request.httpVersionMajor !== 1)
        throw new HttpRefused(505, 'the versions are 1.0, 1.1')
      const call = readHttpCall(this.#request, this.#context)
      if (call.functionName === '') this.#answerNameless()
      else this.#accept(call, isPatient)
    } catch (error) {
      if (error instanceof HttpRefused) this.#refuse(error)
      else if (error instanceof RequestRefused) this.#refuseAsPacket(error.reply)
      else throw error
    }
    // Whether the body comes all the same is up to the client: the next request could not be found.
    if (isPatient && this.isAnswered) this.endConnection()
  }

  /** Says nothing to the client any more, which is about to leave. */
  silence(): void {
    this.#hold(0)
    this.#peer.output.close()
  }

  /** It is answered, or the client is gone. A foreground job that nobody else wants is dropped. */
  leave(): void {
    const peer = this.#peer
    const { table } = this.#context
    if (peer.isClosed) return
    this.#hold(0)
    peer.isClosed = true
    peer.output.close()
    if (table.isStopped) return
    for (let at = peer.attachments; at !== undefined; at = peer.attachments) table.leave(at)
  }

  /** gearmand takes a HEAD without a function for one that ended: load balancers ask so for signs of life. */
  #answerNameless(): void {
    if (this.#context.isCompatible && this.#request.method === 'HEAD') this.#answer.confirm()
    else this.#refuse(new HttpRefused(404, 'the path names no function'))
  }

  #accept(call: HttpCall, isPatient: boolean): void {
    const { maxBodyBytes, stallTimeoutMs } = this.#context
    const hasData = this.#request.method === 'POST' || this.#request.method === 'PUT'
    const tooLarge = new HttpRefused(413, `a body has ${maxBodyBytes} bytes at most`)
    if (hasData && (announcedLength(this.#request) ?? 0) > maxBodyBytes) throw tooLarge
    if (isPatient) this.#response.writeContinue()
    if (!hasData) {
      this.#request.resume()
      this.#submit(call, Buffer.alloc(0))
      return
    }
    const { socket } = this.#request
    // A client that stands still in the middle of a body is closed by Node.
    if (stallTimeoutMs !== Number.POSITIVE_INFINITY) socket.setTimeout(stallTimeoutMs)
    readRequestBody(this.#request, maxBodyBytes, {
      onProgress: (bytes) => this.#hold(bytes),
      onBody: (body) => {
        socket.setTimeout(0)
        this.#hold(0)
        this.#submit(call, body)
      },
      onTooLarge: () => {
        this.#hold(0)
        this.#refuse(tooLarge)
      },
    })
  }

  #submit(call: HttpCall, body: Buffer): void {
    if (this.#peer.isClosed) return
    this.#answer.isBackground = call.isBackground
    this.#context.submissions.submit(this.#peer, {
      queue: this.#context.table.openFunction(call.functionName),
      unique: call.unique,
      reducer: '',
      priority: call.priority,
      isBackground: call.isBackground,
      runAtSeconds: 0,
      body,
      dataStart: 0,
      dataEnd: body.length,
    })
  }

  #hold(bytes: number): void {
    if (this.#peer.isClosed || bytes === this.#heldBytes) return
    const more = bytes - this.#heldBytes
    this.#heldBytes = bytes
    this.#context.onHeld(more)
  }

  #refuseAsPacket(reply: ErrorReply): void {
    this.#peer.sendError(reply)
    this.#context.observer.onRefused(this.#peer, reply)
  }

  #refuse({ status, message }: HttpRefused): void {
    this.#answer.refuse(status, message, status === 405 ? { Allow: ALLOWED_METHODS } : {})
  }
}
