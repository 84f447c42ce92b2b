import type { ReplySlot } from '../connection/session.ts'
import type { Deferred } from '../core/deferred.ts'
import { type GearmanError, ProtocolError, ServerError } from '../errors.ts'
import { PacketType } from '../protocol/packets.ts'
import { type JobResult, type RawJobResult, readResult } from './job-result.ts'

/** Waits for the answer to GET_RESULT. */
export class ResultSlot implements ReplySlot {
  position = 0
  readonly #server: string
  readonly #decode: (raw: RawJobResult) => JobResult
  readonly #answer: Deferred<JobResult>

  /** @param decode - may throw; called while the bytes of the answer are there */
  constructor(
    server: string,
    decode: (raw: RawJobResult) => JobResult,
    answer: Deferred<JobResult>,
  ) {
    this.#server = server
    this.#decode = decode
    this.#answer = answer
  }

  accepts(type: number): boolean {
    return type === PacketType.RESULT_RES
  }

  onReply(_type: number, body: Buffer): void {
    const server = this.#server
    try {
      const raw = readResult(body, server)
      if (raw === undefined)
        throw new ProtocolError(`${server}: unknown state of a job`, { server })
      this.#answer.resolve(this.#decode(raw))
    } catch (error) {
      this.#answer.reject(error)
    }
  }

  onServerError(error: ServerError): void {
    this.#answer.reject(error)
  }

  onLost(error: GearmanError): void {
    this.#answer.reject(error)
  }
}

/** Waits for the answer to OPTION_REQ `gearman-sdk`. */
export class OwnPacketsSlot implements ReplySlot {
  position = 0
  readonly #server: string
  readonly #answer: Deferred<void>

  constructor(server: string, answer: Deferred<void>) {
    this.#server = server
    this.#answer = answer
  }

  accepts(type: number): boolean {
    return type === PacketType.OPTION_RES
  }

  onReply(): void {
    this.#answer.resolve()
  }

  /** gearmand answers ERROR `UNKNOWN_OPTION`. */
  onServerError(cause: ServerError): void {
    const server = this.#server
    const text = `${server} cannot be asked for results: it is no server of gearman-sdk`
    this.#answer.reject(new ServerError(cause.serverCode, text, { server, cause }))
  }

  onLost(error: GearmanError): void {
    this.#answer.reject(error)
  }
}
