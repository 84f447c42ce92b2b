import { connect, type Socket } from 'node:net'
import { createDeferred, type Deferred } from '../../core/deferred.ts'
import { Fifo } from '../../core/fifo.ts'
import { type MemcachedReply, ReplyReader } from './reply-reader.ts'

/** Where a memcached is. */
export interface MemcachedAddress {
  readonly host: string
  readonly port: number
}

/** What is sent: the command line without its end, and the data of a write. */
export interface MemcachedCommand {
  readonly line: string
  readonly data?: Buffer
}

const FAILURE = /^(ERROR|CLIENT_ERROR|SERVER_ERROR)/
const LINE_END = Buffer.from('\r\n')

/** A connection to one memcached, dialled when it is needed. */
export class MemcachedConnection {
  readonly #address: MemcachedAddress
  readonly #timeoutMs: number
  readonly #keyPrefix: string
  #socket: Socket | undefined
  #waiting = new Fifo<Deferred<MemcachedReply>>()

  /** @param keyPrefix - which keys of a dump are wanted */
  constructor(address: MemcachedAddress, timeoutMs: number, keyPrefix: string) {
    this.#address = address
    this.#timeoutMs = timeoutMs
    this.#keyPrefix = keyPrefix
  }

  /** Sends commands together; resolves with their replies, in order. Rejects when one of them failed. */
  async send(commands: readonly MemcachedCommand[]): Promise<readonly MemcachedReply[]> {
    if (commands.length === 0) return []
    const socket = this.#socket ?? this.#dial()
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no answer within ${this.#timeoutMs} ms`))
    }, this.#timeoutMs)
    try {
      const replies = commands.map(() => createDeferred<MemcachedReply>())
      for (const reply of replies) this.#waiting.push(reply)
      socket.write(Buffer.concat(commands.flatMap(bytesOf)))
      // All of them: one that is rejected must not leave the others without anybody.
      const settled = await Promise.all(replies.map(({ promise }) => promise))
      const failed = settled.find(({ line }) => FAILURE.test(line))
      if (failed !== undefined) throw new Error(`memcached says ${failed.line}`)
      return settled
    } finally {
      clearTimeout(timer)
    }
  }

  /** One command. */
  async ask(line: string, data?: Buffer): Promise<MemcachedReply> {
    const [reply] = await this.send([data === undefined ? { line } : { line, data }])
    return reply ?? { line: '', values: [], lines: [] }
  }

  /** Hangs up. */
  close(): void {
    this.#socket?.destroy()
  }

  #dial(): Socket {
    const socket = connect({ ...this.#address, noDelay: true, keepAlive: true })
    const waiting = new Fifo<Deferred<MemcachedReply>>()
    const reader = new ReplyReader(this.#keyPrefix, (reply) => waiting.shift()?.resolve(reply))
    let problem = Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
    socket.on('data', (chunk: Buffer) => reader.push(chunk))
    socket.on('error', (error: Error & { readonly code: string }) => {
      problem = error
    })
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined
      for (const reply of waiting.drain()) reply.reject(problem)
    })
    this.#socket = socket
    this.#waiting = waiting
    return socket
  }
}

function bytesOf({ line, data }: MemcachedCommand): Buffer[] {
  const head = Buffer.from(`${line}\r\n`, 'latin1')
  return data === undefined ? [head] : [head, data, LINE_END]
}
