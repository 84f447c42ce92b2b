/**
 * One connection to a server, in the hands of a test: any packets and any bytes go out, and what comes
 * back is looked at byte for byte.
 */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type PacketArgument, PacketEncoder } from '../../src/protocol/packet-encoder.ts'
import { type PacketName, PacketType, packetInfo, packetName } from '../../src/protocol/packets.ts'

const HEADER_BYTES = 12
/** A busy machine is slow, not broken. */
const TIMEOUT_MS = 45_000

/** What a server sent: a packet, or a line of text with its line end. */
export type RawReply =
  | { readonly kind: 'packet'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }

/** One packet as bytes. Strings are latin1: each character is one byte. The number of arguments is free. */
export function rawPacket(
  type: PacketName | number,
  args: readonly (string | Buffer)[] = [],
  magic = '\0REQ',
): Buffer {
  const parts = args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg, 'latin1') : arg))
  const nul = Buffer.alloc(1)
  const body = Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [nul, part])))
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(magic, 'latin1')
  header.writeUInt32BE(typeof type === 'number' ? type : PacketType[type], 4)
  header.writeUInt32BE(body.length, 8)
  return Buffer.concat([header, body])
}

/** One packet as the codec makes it. */
export function requestPacket(name: PacketName, args: readonly PacketArgument[]): Buffer {
  const encoder = new PacketEncoder({ magic: 'request', textEncoding: 'latin1' })
  encoder.append(PacketType[name], args)
  return Buffer.concat(encoder.take())
}

/** A raw connection to a server. */
export class RawPeer {
  readonly #socket: Socket
  #unread: Buffer = Buffer.alloc(0)
  #arrived: (() => void) | undefined
  #isClosed = false
  #barriers = 0
  /** Settles when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk])
      this.#arrived?.()
    })
    socket.on('error', () => undefined) // a reset is a close to these tests
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true
        this.#arrived?.()
        resolve()
      })
    })
  }

  /** Connects to a server on loopback, or with a socket that is connected already. */
  static async connect(target: number | Socket): Promise<RawPeer> {
    if (typeof target !== 'number') return new RawPeer(target)
    const socket = connect({ host: '127.0.0.1', port: target, noDelay: true })
    await once(socket, 'connect')
    return new RawPeer(socket)
  }

  /** Sends one packet. */
  send(type: PacketName | number, ...args: (string | Buffer)[]): void {
    this.sendBytes(rawPacket(type, args))
  }

  /** Sends text as it is, line ends included. */
  sendText(text: string): void {
    this.sendBytes(Buffer.from(text, 'latin1'))
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Reads no more until {@link resume}. */
  pause(): void {
    this.#socket.pause()
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume()
  }

  /** The next packet or line; rejects when the connection is closed instead. */
  async next(): Promise<RawReply> {
    for (;;) {
      const reply = this.#parse()
      if (reply !== undefined) return reply
      if (this.#isClosed) throw new Error(`the connection was closed${this.#rest()}`)
      await this.#untilMore()
    }
  }

  /** The next packet; rejects when it is another one than `name`. */
  async expect(name: PacketName): Promise<readonly string[]> {
    const reply = await this.next()
    if (reply.kind !== 'packet' || reply.name !== name) {
      throw new Error(`expected ${name}, got ${showReply(reply)}`)
    }
    return reply.args
  }

  /** Sends a text command and gives its answer back: one line, or a table without its last line. */
  async command(line: string): Promise<string[]> {
    this.sendText(`${line}\n`)
    const lines: string[] = []
    for (;;) {
      const reply = await this.next()
      if (reply.kind !== 'text') throw new Error(`expected text, got ${showReply(reply)}`)
      if (reply.text === '.\n') return lines
      lines.push(reply.text)
      if (/^(OK|ERR)( |\r?\n)/.test(reply.text)) return lines
    }
  }

  /**
   * Everything that the server had to say up to now: sends an ECHO_REQ and reads up to its answer. What
   * an earlier `sync` of another connection caused here is in it.
   */
  async sync(): Promise<RawReply[]> {
    const replies: RawReply[] = []
    await this.#syncInto(replies)
    return replies
  }

  /** {@link sync}, with a server that may close the connection instead. */
  async syncOrEnd(): Promise<{ readonly replies: RawReply[]; readonly isOpen: boolean }> {
    const replies: RawReply[] = []
    try {
      await this.#syncInto(replies)
    } catch (error) {
      if (!this.#isClosed) throw error
      return { replies, isOpen: false }
    }
    return { replies, isOpen: true }
  }

  async #syncInto(replies: RawReply[]): Promise<void> {
    this.#barriers += 1
    const token = `sync ${this.#barriers}`
    this.send('ECHO_REQ', token)
    for (;;) {
      const reply = await this.next()
      if (reply.kind === 'packet' && reply.name === 'ECHO_RES' && reply.args[0] === token) return
      replies.push(reply)
    }
  }

  /** Closes, and resolves when the server has closed as well. */
  async close(): Promise<void> {
    this.#socket.end()
    this.#socket.resume()
    await this.closed
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy()
  }

  #parse(): RawReply | undefined {
    const bytes = this.#unread
    if (bytes.length === 0) return undefined
    if (bytes[0] !== 0) {
      const end = bytes.indexOf('\n') + 1
      return end === 0 ? undefined : { kind: 'text', text: this.#take(end).toString('latin1') }
    }
    if (bytes.length < HEADER_BYTES) return undefined
    const size = bytes.readUInt32BE(8)
    if (bytes.length < HEADER_BYTES + size) return undefined
    if (bytes.toString('latin1', 0, 4) !== '\0RES') throw new Error(`bad magic${this.#rest()}`)
    const type = bytes.readUInt32BE(4)
    const body = this.#take(HEADER_BYTES + size).toString('latin1', HEADER_BYTES)
    return { kind: 'packet', name: packetName(type), args: splitBody(type, body) }
  }

  #take(bytes: number): Buffer {
    const taken = this.#unread.subarray(0, bytes)
    this.#unread = this.#unread.subarray(bytes)
    return taken
  }

  async #untilMore(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      this.#arrived = resolve
      timer = setTimeout(() => {
        reject(new Error(`nothing came within ${TIMEOUT_MS} ms${this.#rest()}`))
      }, TIMEOUT_MS)
    }).finally(() => {
      clearTimeout(timer)
      this.#arrived = undefined
    })
  }

  #rest(): string {
    if (this.#unread.length === 0) return ''
    return `; unread: ${JSON.stringify(this.#unread.toString('latin1').slice(0, 200))}`
  }
}

/** A reply for people, and for comparing. */
export function showReply(reply: RawReply): string {
  if (reply.kind === 'text') return JSON.stringify(reply.text)
  return [reply.name, ...reply.args.map((arg) => JSON.stringify(arg))].join(' ')
}

function splitBody(type: number, body: string): string[] {
  const count = packetInfo(type)?.argumentCount ?? 1
  if (count === 0) return body === '' ? [] : [body]
  const parts = body.split('\0')
  return [...parts.slice(0, count - 1), ...lastPart(parts.slice(count - 1))]
}

function lastPart(parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : [parts.join('\0')]
}
