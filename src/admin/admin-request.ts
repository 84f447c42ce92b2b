import type { ReplySlot } from '../connection/session.ts'
import { createDeferred } from '../core/deferred.ts'
import { type GearmanError, ProtocolError, type ServerError } from '../errors.ts'
import {
  type AdminCommandName,
  adminCommandInfo,
  adminCommandText,
  encodeAdminCommand,
} from '../protocol/admin-commands.ts'
import { type AdminReply, isErrorLine, TABLE_END } from '../protocol/admin-reply.ts'
import { PacketType } from '../protocol/packets.ts'

/** Turns a complete reply into an answer; throws a ServerError or a ProtocolError. */
export type ReplyParser<Answer> = (reply: AdminReply) => Answer

/** Told when the connection of a request is lost before its answer. `wasSent`: a server may have it. */
export type LossListener = (request: PendingRequest, error: GearmanError, wasSent: boolean) => void

/** What a request is sent with, anew on each connection. */
export interface RequestAttempt {
  /** The server as `host:port`. */
  readonly server: string
  /** What this request's ECHO_REQ carries; no other one of the connection carries the same. */
  readonly echoText: string
}

/** One call on its way, whatever its answer is. */
export interface PendingRequest extends ReplySlot {
  /** The command as it is typed, for messages. */
  readonly command: string
  /** Its answer is known, or nobody waits for it any more; its reply may still be to come. */
  readonly isSettled: boolean
  /** It stands in the FIFO of a connection. */
  readonly isAsked: boolean
  /** Asking once more does no harm. */
  readonly isRepeatable: boolean
  /** The line to send; `undefined` for a mere ECHO_REQ. */
  readonly line: Buffer | undefined
  /** Whether an ECHO_REQ is sent: by itself, or behind the line to mark the end of its reply. */
  readonly hasEcho: boolean
  /** It is being sent. */
  begin(attempt: RequestAttempt): void
  /**
   * A line of text came.
   *
   * @returns whether the reply is complete
   * @throws ProtocolError when the line cannot be part of the reply: the connection must go
   */
  onLine(line: string): boolean
  /** Settles the call with an error. What still comes in reply is read and dropped. */
  fail(reason: unknown): void
}

/** What the requests for text and for ECHO share: a promise that settles once, and a place in the FIFO. */
abstract class AdminRequest<Answer> implements PendingRequest {
  abstract readonly command: string
  abstract readonly isRepeatable: boolean
  abstract readonly line: Buffer | undefined
  abstract readonly hasEcho: boolean
  position = 0
  readonly #answer = createDeferred<Answer>()
  readonly #onLoss: LossListener
  #attempt: RequestAttempt | undefined
  #isSettled = false

  constructor(onLoss: LossListener) {
    this.#onLoss = onLoss
  }

  /** The answer. */
  get answer(): Promise<Answer> {
    return this.#answer.promise
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  get isAsked(): boolean {
    return this.#attempt !== undefined
  }

  begin(attempt: RequestAttempt): void {
    this.#attempt = attempt
  }

  accepts(type: number): boolean {
    return this.hasEcho && type === PacketType.ECHO_RES
  }

  abstract onLine(line: string): boolean

  onReply(_type: number, body: Buffer): void {
    if (body.toString('latin1') !== this.#attempt?.echoText) {
      throw this.failWith('another ECHO_RES than the one of this request')
    }
    this.onEcho()
  }

  onServerError(error: ServerError): void {
    this.fail(error)
  }

  onLost(error: GearmanError, wasSent: boolean): void {
    this.#attempt = undefined
    if (!this.#isSettled) this.#onLoss(this, error, wasSent)
  }

  fail(reason: unknown): void {
    this.#isSettled = true
    this.#answer.reject(reason)
  }

  /** The ECHO_RES of this request came. */
  protected abstract onEcho(): void

  protected get server(): string {
    return this.#attempt?.server ?? ''
  }

  protected succeed(answer: Answer): void {
    this.#isSettled = true
    this.#answer.resolve(answer)
  }

  /** Settles the call because the server answers what makes no sense, and gives the error back. */
  protected failWith(problem: string): ProtocolError {
    const { server } = this
    const error = new ProtocolError(`${server}: "${this.command}" is answered by ${problem}`, {
      server,
    })
    this.fail(error)
    return error
  }
}

/** A text command that waits for its reply. */
export class TextRequest<Answer> extends AdminRequest<Answer> {
  readonly command: string
  readonly isRepeatable: boolean
  readonly line: Buffer
  readonly hasEcho: boolean
  readonly #isTable: boolean
  readonly #parse: ReplyParser<Answer>
  #lines: string[] = []

  /** @throws InvalidArgumentError when the arguments do not make a line of text */
  constructor(
    name: AdminCommandName,
    args: readonly (string | number)[],
    parse: ReplyParser<Answer>,
    onLoss: LossListener,
  ) {
    super(onLoss)
    const { reply, isRepeatable } = adminCommandInfo(name)
    this.command = adminCommandText(name)
    this.isRepeatable = isRepeatable
    this.line = encodeAdminCommand(name, args)
    this.hasEcho = reply === 'fenced'
    this.#isTable = reply === 'table'
    this.#parse = parse
  }

  override begin(attempt: RequestAttempt): void {
    super.begin(attempt)
    this.#lines = []
  }

  onLine(line: string): boolean {
    this.#lines.push(line)
    if (this.hasEcho) return false
    if (this.#isTable && !this.#endsTable(line)) return false
    this.#finish()
    return true
  }

  protected onEcho(): void {
    this.#finish()
  }

  #endsTable(line: string): boolean {
    return line === TABLE_END || (this.#lines.length === 1 && isErrorLine(line))
  }

  #finish(): void {
    const lines = this.#lines
    this.#lines = []
    if (this.isSettled) return
    try {
      this.succeed(this.#parse({ command: this.command, server: this.server, lines }))
    } catch (error) {
      this.fail(error)
      // One line that is no answer to this command may belong to another: nothing behind it can be trusted.
      if (error instanceof ProtocolError && !this.#isTable && !this.hasEcho) throw error
    }
  }
}

/** An ECHO_REQ that waits for its reply; the answer is the time between them in milliseconds. */
export class PingRequest extends AdminRequest<number> {
  readonly command = 'ECHO_REQ'
  readonly isRepeatable = true
  readonly line = undefined
  readonly hasEcho = true
  #beganMs = 0

  override begin(attempt: RequestAttempt): void {
    super.begin(attempt)
    this.#beganMs = performance.now()
  }

  onLine(): boolean {
    throw this.failWith('a line of text')
  }

  protected onEcho(): void {
    this.succeed(performance.now() - this.#beganMs)
  }
}
