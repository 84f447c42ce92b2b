import type { Socket } from 'node:net'
import { createLog } from '../core/log.ts'
import { ConnectionError } from '../errors.ts'
import { PacketDecoder } from '../protocol/packet-decoder.ts'
import { SocketTransport } from '../transport/socket-transport.ts'
import { Peer } from './queue/peer.ts'
import { ServerSession, type SessionContext } from './session/server-session.ts'

const log = createLog('server')

/** What a connection needs. */
export interface ServerConnectionOptions {
  readonly id: number
  readonly context: SessionContext
  readonly maxPacketBytes: number
  readonly maxLineBytes: number
  readonly maxUnsentBytes: number
  readonly wantsExceptions: boolean
  /** A chunk was worked through; how long it was. */
  readonly onData: (byteCount: number) => void
  /** The socket is gone, and the job table knows. */
  readonly onClose: (connection: ServerConnection, error: Error | undefined) => void
}

/** A peer that takes no answers is not read from either, beyond so many unsent bytes. */
const PAUSE_BYTES = 64 * 1024 * 1024
/** How long a peer may take to read its last answers. */
const LINGER_MS = 500

/** One peer: its socket, its decoder, its session. */
export class ServerConnection {
  readonly peer: Peer
  readonly #transport: SocketTransport
  readonly #decoder: PacketDecoder
  readonly #session: ServerSession
  readonly #options: ServerConnectionOptions
  #isPaused = false
  #lingerTimer: NodeJS.Timeout | undefined

  constructor(socket: Socket, options: ServerConnectionOptions) {
    this.#options = options
    this.#transport = new SocketTransport(
      socket,
      {
        onData: (chunk) => this.#onData(chunk),
        onDrain: () => this.#onDrain(),
        onBlocked: () => this.#onBlocked(),
        onClose: (error) => this.#onClose(error),
      },
      { magic: 'response', textEncoding: 'latin1' },
    )
    this.peer = new Peer({
      id: options.id,
      address: plainAddress(socket.remoteAddress),
      sink: this.#transport,
      wantsExceptions: options.wantsExceptions,
    })
    const session = new ServerSession(this.peer, options.context)
    this.#session = session
    this.#decoder = new PacketDecoder(
      {
        onPacket: (type, body) => session.onPacket(type, body),
        onLine: (line) => session.onLine(line),
        onOversized: (type, _size, front) => session.onOversized(type, front),
        onForeignMagic: () => session.onForeignMagic(),
        onLineTooLong: () => this.#onLineTooLong(),
      },
      {
        magic: 'request',
        maxBodyBytes: options.maxPacketBytes,
        maxLineBytes: options.maxLineBytes,
      },
    )
  }

  /** How many bytes were handed to the system for this peer. */
  get sentBytes(): number {
    return this.#transport.handedBytes
  }

  /** Sends what is queued and closes; a peer that does not read it in time is cut off. */
  close(): void {
    if (this.#lingerTimer !== undefined) return
    this.#lingerTimer = setTimeout(() => this.#transport.destroy(), LINGER_MS)
    this.#decoder.stop()
    this.#transport.end()
    this.#session.onClose()
  }

  #onData(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk)
    } catch (error) {
      // What was answered before still leaves. gearmand says nothing either to what is not Gearman.
      log('connection %d is closed: %s', this.peer.id, error)
      this.close()
    }
    this.#options.onData(chunk.length)
    if (this.#transport.unsentBytes > PAUSE_BYTES && !this.#isPaused) {
      this.#isPaused = true
      this.#transport.pause()
    }
  }

  #onDrain(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#transport.resume()
  }

  /** What others send to a peer that does not read must not fill the memory. */
  #onBlocked(): void {
    if (this.#transport.unsentBytes <= this.#options.maxUnsentBytes) return
    this.#transport.destroy(
      new ConnectionError(`${this.peer.address} does not read what is sent to it`),
    )
  }

  #onLineTooLong(): void {
    this.peer.output.sendBytes(Buffer.from('ERR LINE_TOO_LONG\r\n'))
    this.close()
  }

  #onClose(error: Error | undefined): void {
    clearTimeout(this.#lingerTimer)
    this.#decoder.stop()
    this.#session.onClose()
    this.#options.onClose(this, error)
  }
}

/** An IPv4 peer of a socket that serves both families is shown as IPv4. */
function plainAddress(address: string | undefined): string {
  return (address ?? '-').replace(/^::ffff:(?=\d+\.)/, '')
}
