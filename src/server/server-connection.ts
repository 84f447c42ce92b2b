import type { Socket } from 'node:net'
import { createLog } from '../core/log.ts'
import { ConnectionError } from '../errors.ts'
import { PacketDecoder } from '../protocol/packet-decoder.ts'
import { SocketTransport } from '../transport/socket-transport.ts'
import { OutputPacer } from './output-pacer.ts'
import { plainAddress } from './plain-address.ts'
import { Peer } from './queue/peer.ts'
import type { ResolvedServerOptions } from './resolved-server-options.ts'
import { ServerSession, type SessionContext } from './session/server-session.ts'
import type { Waiting } from './turns.ts'

const log = createLog('server')

/** What a connection calls. */
export interface ServerConnectionHandler {
  /** A chunk of so many bytes was worked through, or the peer has left its jobs. */
  onData(byteCount: number): void
  /** It has a time limit to keep, which runs from the last sign of life: `stallTimeoutMs`. */
  onPending(connection: ServerConnection): void
  /** It, or its long text, goes on when other connections had their turn. */
  awaitTurn(one: Waiting): void
  /** It holds so many bytes more, or less. */
  onHeld(bytes: number): void
  /** The socket is gone, and the job table knows. */
  onClose(connection: ServerConnection, error: Error | undefined): void
}

/**
 * A peer that takes no answers is not read from either, beyond so many unsent bytes. It is a lot: some clients
 * send all of their submissions before they read the first answer.
 */
const PAUSE_BYTES = 64 * 1024 * 1024
/** Nobody sends many text commands like that, and each may be answered with much. */
const TEXT_PAUSE_BYTES = 1024 * 1024
/** Unsent bytes from which on a text command has taken time that others could use. */
const LONG_ANSWER_BYTES = 64 * 1024
/** How long a peer that is closed may take to read some of its last answers, and how often. */
const LINGER_MS = 500
const MAX_LINGERS = 10

/** One peer: its socket, its decoder, its session. */
export class ServerConnection {
  readonly peer: Peer
  readonly #transport: SocketTransport
  readonly #decoder: PacketDecoder
  readonly #session: ServerSession
  readonly #options: ResolvedServerOptions
  readonly #handler: ServerConnectionHandler
  readonly #pacer: OutputPacer
  /** Read, but not looked at before the peer takes its answers. */
  #unread: Buffer[] = []
  #isPaused = false
  /** Paused until others had their turn. */
  #isWaiting = false
  /** The peer has closed its side. */
  #hasEnded = false
  /** It has all that it was owed; only the reading is left. */
  #isLeaving = false
  #isCutOff = false
  /** Why what the peer said cannot be read. */
  #protocolError: Error | undefined
  #lingerTimer: NodeJS.Timeout | undefined
  #heldIn = 0
  #heldOut = 0
  /** For {@link silentSinceMs}. */
  #seenPosition = 0
  #seenMs = 0

  constructor(
    socket: Socket,
    parts: {
      readonly id: number
      readonly context: SessionContext
      readonly options: ResolvedServerOptions
      readonly handler: ServerConnectionHandler
    },
  ) {
    this.#options = parts.options
    this.#handler = parts.handler
    this.#transport = new SocketTransport(
      socket,
      {
        onData: (chunk) => this.#onData(chunk),
        onDrain: () => this.#onDrain(),
        onBlocked: () => this.#checkUnsent(),
        onEnd: () => this.#onEnd(),
        onClose: (error) => this.#onClose(error),
      },
      { magic: 'response', textEncoding: 'latin1' },
    )
    this.#pacer = new OutputPacer(this.#transport, {
      onBusy: () => this.#pause(),
      onIdle: () => this.#resume(),
      onHeld: () => this.#checkUnsent(),
      awaitTurn: (one) => this.#handler.awaitTurn(one),
    })
    this.peer = new Peer({
      id: parts.id,
      pacer: this.#pacer,
      address: plainAddress(socket.remoteAddress),
      sink: this.#transport,
      wantsExceptions: parts.options.exceptions,
    })
    this.#session = new ServerSession(this.peer, parts.context)
    this.#decoder = this.#createDecoder(this.#session)
  }

  /** How many bytes were handed to the system for this peer. */
  get sentBytes(): number {
    return this.#transport.handedBytes
  }

  /** Bytes of an unfinished packet, and of answers that the peer does not take. */
  get heldBytes(): number {
    return this.#heldIn + this.#heldOut
  }

  /**
   * Since when the peer has owed the rest of what it began: a packet or line, or the reading of its last
   * answers; `undefined` when it owes nothing.
   */
  get stalledSinceMs(): number | undefined {
    const isOwing = this.#decoder.isMidPacket && !this.#isPaused
    return isOwing || this.#isLeaving ? this.#transport.lastActivityMs : undefined
  }

  /**
   * Since when no byte has passed, either way, and nothing was under way for the peer. What was said to it is
   * noticed when this is asked, so that the time given is never too early.
   */
  silentSinceMs(nowMs: number): number {
    const { position, lastActivityMs } = this.#transport
    const { running, attachments, isSleeping } = this.peer
    if (
      position !== this.#seenPosition ||
      running.length > 0 ||
      attachments !== undefined ||
      isSleeping
    ) {
      this.#seenPosition = position
      this.#seenMs = nowMs
    }
    return Math.max(this.#seenMs, lastActivityMs)
  }

  /** Goes on after {@link ServerConnectionHandler.awaitTurn}. */
  takeTurn(): void {
    this.#isWaiting = false
    const { isBlocked, unsentBytes } = this.#transport
    if (!isBlocked || unsentBytes <= TEXT_PAUSE_BYTES) this.#resume()
  }

  /** Sends what is queued and owed, and closes; a peer that does not read it in time is cut off. */
  close(): void {
    if (this.#lingerTimer !== undefined || this.#isCutOff) return
    this.#linger(Number.POSITIVE_INFINITY, MAX_LINGERS)
    this.#unread = []
    this.#decoder.stop()
    this.#session.onEnd()
    this.peer.output.whenSettled(() => this.#transport.halfClose())
    // What comes from now on is read and dropped.
    this.#transport.resume()
  }

  /** Closes at once. `reason` is what the event `connectionClosed` tells. */
  cutOff(reason: string): void {
    if (this.#isCutOff) return
    this.#isCutOff = true
    log('connection %d is cut off: %s', this.peer.id, reason)
    this.#unread = []
    this.#decoder.stop()
    // Whoever is telling the peer something at this moment may go on: it goes nowhere.
    this.peer.output.close()
    this.#hold(0, 0)
    this.#transport.destroy(new ConnectionError(reason))
  }

  #createDecoder(session: ServerSession): PacketDecoder {
    return new PacketDecoder(
      {
        onPacket: (type, body) => session.onPacket(type, body),
        onPacketInPlace: (type, chunk, start, end) =>
          session.onPacketInPlace(type, chunk, start, end),
        onLine: (line) => this.#onLine(line),
        onOversized: (type, _size, front) => session.onOversized(type, front),
        onForeignMagic: () => session.onForeignMagic(),
        onLineTooLong: () => this.#onLineTooLong(),
      },
      {
        magic: 'request',
        maxBodyBytes: this.#options.maxPacketBytes,
        maxLineBytes: this.#options.maxLineBytes,
        // The session answers them: their length says where the next packet begins.
        takesUnknownTypes: true,
      },
    )
  }

  #onData(chunk: Buffer): void {
    if (this.#isPaused) this.#unread.push(chunk)
    else this.#read(chunk)
    this.#handler.onData(chunk.length)
  }

  #read(chunk: Buffer): void {
    try {
      const taken = this.#decoder.push(chunk)
      if (taken < chunk.length) this.#unread.push(chunk.subarray(taken))
    } catch (error) {
      // What was answered before still leaves. gearmand says nothing either to what is not Gearman.
      log('connection %d is closed: %s', this.peer.id, error)
      this.#protocolError = error instanceof Error ? error : undefined
      this.close()
    }
    this.#hold(this.#decoder.heldBytes, this.#heldOut)
    if (this.#decoder.isMidPacket) this.#handler.onPending(this)
  }

  /** Whoever asks for one table after the other must not keep the server from its jobs. */
  #onLine(line: Buffer): void {
    this.#session.onLine(line)
    if (this.#transport.unsentBytes < LONG_ANSWER_BYTES || this.#isWaiting) return
    this.#isWaiting = true
    this.#pause()
    this.#handler.awaitTurn(this)
  }

  #onDrain(): void {
    this.#hold(this.#heldIn, this.peer.output.heldBytes)
    this.#pacer.onDrain()
    this.#resume()
  }

  /** Looks at no more of what the peer asks until it has taken what it asked for. */
  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#decoder.suspend()
    this.#transport.pause()
  }

  #resume(): void {
    if (!this.#isPaused || this.#isWaiting || this.#pacer.isBusy) return
    if (this.#transport.unsentBytes > PAUSE_BYTES) return
    this.#isPaused = false
    const [first, ...more] = this.#unread
    this.#unread = []
    if (first !== undefined) this.#read(more.length === 0 ? first : Buffer.concat([first, ...more]))
    this.#handler.onData(0)
    if (this.#isPaused) return
    if (this.#hasEnded) this.#leave()
    else this.#transport.resume()
  }

  /** What a peer is told, and does not read, must not fill the memory: what it asked for, or others send. */
  #checkUnsent(): void {
    if (this.#isCutOff) return
    const unsentBytes = this.#transport.unsentBytes + this.peer.output.heldBytes
    this.#hold(this.#heldIn, unsentBytes)
    if (unsentBytes > this.#options.maxUnsentBytes) {
      this.cutOff(`${this.peer.address} does not read what is sent to it`)
    } else if (this.#transport.unsentBytes > PAUSE_BYTES) {
      this.#pause()
    }
  }

  /** A peer that has closed its side may still read: `printf 'status\n' | nc -N` does. */
  #onEnd(): void {
    this.#hasEnded = true
    if (!this.#isPaused) this.#leave()
  }

  #leave(): void {
    this.#session.onEnd()
    this.peer.output.whenSettled(() => {
      this.#isLeaving = true
      this.#transport.end()
      this.#handler.onPending(this)
    })
    this.#handler.onData(0)
  }

  #linger(unsentBytes: number, times: number): void {
    this.#lingerTimer = setTimeout(() => {
      const left = this.#transport.unsentBytes
      if (left > 0 && left < unsentBytes && times > 0) this.#linger(left, times - 1)
      else this.#transport.destroy()
    }, LINGER_MS)
  }

  #onLineTooLong(): void {
    this.#session.onLineTooLong()
    this.close()
  }

  #hold(heldIn: number, heldOut: number): void {
    const more = heldIn + heldOut - this.heldBytes
    if (more === 0) return
    this.#heldIn = heldIn
    this.#heldOut = heldOut
    this.#handler.onHeld(more)
  }

  #onClose(error: Error | undefined): void {
    clearTimeout(this.#lingerTimer)
    this.#isCutOff = true
    this.#decoder.stop()
    this.#hold(0, 0)
    this.#session.onClose()
    this.#handler.onClose(this, error ?? this.#protocolError)
  }
}
