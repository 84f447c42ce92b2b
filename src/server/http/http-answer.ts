import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { type PacketArgument, viewOf } from '../../protocol/packet-encoder.ts'
import { PacketType, packetName } from '../../protocol/packets.ts'
import type { PacketSink } from '../queue/ordered-output.ts'
import { statusOfError, statusOfPacket } from './http-status.ts'

/** How a request is answered. */
export interface HttpAnswerOptions {
  /** gearmand's status codes. */
  readonly isCompatible: boolean
  /** How many bytes may wait for a client that does not read. */
  readonly maxUnsentBytes: number
  /** So many bytes wait. */
  readonly onUnsent: (bytes: number) => void
}

const COMMAND = 'X-Gearman-Command'
const HANDLE = 'X-Gearman-Job-Handle'
const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Turns what the job table sends to a client into the answer to one request: a job's data leave as they
 * come, in chunks; whatever ends the job ends the answer.
 */
export class HttpAnswer implements PacketSink {
  readonly #response: ServerResponse
  readonly #options: HttpAnswerOptions
  #handle = ''
  /** With JOB_CREATED all is said. */
  isBackground = false

  constructor(response: ServerResponse, options: HttpAnswerOptions) {
    this.#response = response
    this.#options = options
    response.on('drain', () => options.onUnsent(response.writableLength))
  }

  /** The answer is complete, though it may not have left. */
  get isEnded(): boolean {
    return this.#response.writableEnded
  }

  send(type: number, args: readonly PacketArgument[]): void {
    if (type === PacketType.ERROR) {
      this.#refuse(textOf(args[0]), textOf(args[1]))
      return
    }
    this.#handle = textOf(args[0])
    if (type !== PacketType.JOB_CREATED || this.isBackground) this.#end(type, NOTHING)
  }

  /** WORK_STATUS and WORK_WARNING have no place in an answer. */
  sendBody(type: number, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const body = bytes.subarray(start, end)
    if (type === PacketType.WORK_DATA) this.#stream(dataOf(body))
    else if (type === PacketType.WORK_COMPLETE || type === PacketType.WORK_EXCEPTION) {
      this.#end(type, dataOf(body))
    }
  }

  /** Answers to text commands: nobody asks for them over HTTP. */
  sendBytes(): void {}

  /** Answers with a status code and a line of text, in both modes. */
  refuse(status: number, text: string, headers: OutgoingHttpHeaders = {}): void {
    const body = Buffer.from(`${text}\n`)
    this.#endWith(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body)
  }

  /** What gearmand answers to a HEAD that names no function: it is there. */
  confirm(): void {
    this.#endWith(200, { [HANDLE]: '' }, NOTHING)
  }

  /** gearmand tells the code where the handle would be. */
  #refuse(code: string, text: string): void {
    const { isCompatible } = this.#options
    const status = statusOfError(code, isCompatible)
    if (isCompatible) this.#endWith(status, { [HANDLE]: code, [COMMAND]: 'ERROR' }, NOTHING)
    else this.refuse(status, text, { [COMMAND]: 'ERROR' })
  }

  #stream(data: Buffer): void {
    const response = this.#response
    // To HEAD it would all be said before the job has ended.
    if (response.req.method === 'HEAD' || response.writableEnded) return
    if (!response.headersSent) {
      response.writeHead(200, {
        ...this.#jobHeaders(PacketType.WORK_DATA, true),
        ...(response.req.httpVersionMinor > 0 && { Trailer: COMMAND }),
      })
    }
    response.write(data)
    this.#options.onUnsent(response.writableLength)
    if (response.writableLength > this.#options.maxUnsentBytes) response.req.socket.destroy()
  }

  #end(type: number, data: Buffer): void {
    if (!this.#response.headersSent) {
      const status = statusOfPacket(type, this.#options.isCompatible)
      this.#endWith(status, this.#jobHeaders(type, data.length > 0), data)
    } else if (this.#options.isCompatible || type === PacketType.WORK_COMPLETE) {
      this.#response.addTrailers({ [COMMAND]: packetName(type) })
      this.#response.end(data)
    } else {
      this.#breakOff()
    }
  }

  /** The status code has left. An answer that breaks off is what every client takes for a failure. */
  #breakOff(): void {
    const { req } = this.#response
    // In HTTP/1.0 an orderly end of the connection is that of the answer.
    if (req.httpVersionMinor === 0) req.socket.resetAndDestroy()
    // Node 26 gathers the chunks of a turn, head included, before they reach the socket.
    else process.nextTick(() => req.socket.destroySoon())
  }

  /** gearmand leaves the type to guessing, in which browsers go as far as to run it. */
  #jobHeaders(type: number, hasData: boolean): OutgoingHttpHeaders {
    const headers = { [HANDLE]: this.#handle, [COMMAND]: packetName(type) }
    return this.#options.isCompatible || !hasData
      ? headers
      : { ...headers, 'Content-Type': 'application/octet-stream' }
  }

  #endWith(status: number, headers: OutgoingHttpHeaders, body: Buffer): void {
    const response = this.#response
    response.writeHead(status, { ...headers, 'Content-Length': body.length })
    response.end(body)
    this.#options.onUnsent(response.writableLength)
  }
}

function textOf(arg: PacketArgument | undefined): string {
  if (arg === undefined || typeof arg === 'string') return arg ?? ''
  return viewOf(arg).toString('latin1')
}

/** What stands behind the handle. */
function dataOf(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).subarray(body.indexOf(0) + 1)
}
