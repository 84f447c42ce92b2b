import type { Socket } from 'node:net'
import { createDeferred } from '../core/deferred.ts'
import { GearmanError, ProtocolError } from '../errors.ts'
import { PacketDecoder } from '../protocol/packet-decoder.ts'
import type { PacketArgument } from '../protocol/packet-encoder.ts'
import type { ReadBlock } from '../transport/read-block.ts'
import { SocketTransport } from '../transport/socket-transport.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Session, SessionLink } from './session.ts'

/** What a conversation reports. */
export interface ConversationListener {
  /** The server has answered for the first time. */
  onFirstReply(): void
  /** The server has answered a question of no weight after so many milliseconds. */
  onRoundTrip(roundTripMs: number): void
  /** The socket is gone or given up; called once, before the session tells its waiters. */
  onEnd(error: Error | undefined, wasMidPacket: boolean): GearmanError
}

/** A peer that does not read must not keep a closed connection: so long what is queued may take to be written. */
const LINGER_MS = 1000

/** What stands from one connect to its loss: socket, decoder, session and heartbeat. */
export class Conversation<S extends Session> {
  /** The protocol state. */
  readonly session: S
  readonly #server: string
  readonly #settings: ConnectionSettings
  readonly #listener: ConversationListener
  readonly #transport: SocketTransport
  readonly #decoder: PacketDecoder
  #heartbeat: Heartbeat | undefined
  #probing: NodeJS.Timeout | undefined
  #startedAtMs = 0
  #hasReply = false
  #isOver = false
  #lingering: NodeJS.Timeout | undefined
  readonly #closed = createDeferred<void>()

  constructor(
    socket: Socket,
    reads: ReadBlock,
    server: string,
    settings: ConnectionSettings,
    createSession: (link: SessionLink) => S,
    listener: ConversationListener,
  ) {
    this.#server = server
    this.#settings = settings
    this.#listener = listener
    const held = (): number => this.session.maxHeldPackets
    this.#transport = new SocketTransport(
      socket,
      {
        get maxHeldPackets(): number {
          return held()
        },
        onData: (chunk) => this.#onData(chunk),
        onDrain: () => this.session.onDrain(),
        onClose: (error) => this.#onClose(error),
      },
      { magic: 'request' },
      reads,
    )
    this.session = createSession(this.#link())
    this.#decoder = new PacketDecoder(
      {
        onPacket: (type, body) => this.#onPacket(type, body),
        onPacketInPlace: (type, chunk, start, end) =>
          this.#hasReply && this.session.onPacketInPlace(type, chunk, start, end),
        onLine: (line) => this.#onLine(line),
        onOversized: (type, size, front) => this.session.onOversized(type, size, front),
      },
      { magic: 'response', maxBodyBytes: settings.maxPacketBytes, reusesChunks: true },
    )
  }

  /** Bytes that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#transport.unsentBytes
  }

  /** Sends what begins the conversation. */
  start(): void {
    this.#startedAtMs = performance.now()
    this.session.start()
  }

  /** Whether the socket may keep the process alive. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#transport.ref()
    else this.#transport.unref()
  }

  /** Ends at once; what is queued is dropped. */
  drop(error: Error | undefined): void {
    if (this.#isOver) return
    this.#transport.destroy(error)
    this.#finish(error, this.#transport.handedBytes)
  }

  /**
   * Ends after what is queued is written, which may all reach the server from now on.
   *
   * @returns a promise that resolves when the socket is gone
   */
  end(error: GearmanError): Promise<void> {
    if (!this.#isOver) {
      this.#lingering = setTimeout(() => this.#transport.destroy(), LINGER_MS)
      this.#transport.end()
      this.#finish(error, this.#transport.position)
    }
    return this.#closed.promise
  }

  #onClose(error: Error | undefined): void {
    clearTimeout(this.#lingering)
    this.drop(error)
    this.#closed.resolve()
  }

  #finish(error: Error | undefined, sentBytes: number): void {
    this.#isOver = true
    this.#heartbeat?.stop()
    clearInterval(this.#probing)
    const { isMidPacket } = this.#decoder
    this.#decoder.stop()
    const failure = this.#listener.onEnd(error, isMidPacket)
    this.session.lost(failure, sentBytes)
  }

  #onPacket(type: number, body: Buffer): void {
    this.session.onPacket(type, body)
    if (!this.#hasReply) this.#onFirstReply()
  }

  #onLine(line: Buffer): void {
    this.session.onLine(line)
    if (!this.#hasReply) this.#onFirstReply()
  }

  #onFirstReply(): void {
    if (this.#isOver) return
    this.#hasReply = true
    this.#heartbeat = new Heartbeat({
      idleMs: this.#settings.heartbeatIntervalMs,
      deadlineMs: this.#settings.heartbeatTimeoutMs,
      server: this.#server,
      lastActivityMs: () => this.#transport.lastActivityMs,
      ping: () => this.session.ping(),
      onRoundTrip: (roundTripMs) => this.#listener.onRoundTrip(roundTripMs),
      onSilent: (error) => this.drop(error),
    })
    this.#startProbing()
    this.#listener.onRoundTrip(performance.now() - this.#startedAtMs)
    this.#listener.onFirstReply()
  }

  #startProbing(): void {
    const { queueProbeIntervalMs } = this.#settings
    if (queueProbeIntervalMs === Number.POSITIVE_INFINITY) return
    this.session.probeQueues()
    this.#probing = setInterval(() => this.session.probeQueues(), queueProbeIntervalMs)
    this.#probing.unref()
  }

  #onData(chunk: Buffer): void {
    if (this.#isOver) return
    try {
      this.#decoder.push(chunk)
      if (!this.#isOver) this.session.onReadEnd()
    } catch (error) {
      this.drop(this.#asProtocolError(error))
    }
  }

  /** What the codec throws does not know the server; whatever else is thrown is no error of the peer's making. */
  #asProtocolError(error: unknown): GearmanError {
    const isFinal = GearmanError.is(error) && !(error instanceof ProtocolError && !error.server)
    if (isFinal) return error
    const problem = error instanceof ProtocolError ? error.message : 'a packet could not be handled'
    const options = { cause: error, server: this.#server }
    return new ProtocolError(`${this.#server}: ${problem}`, options)
  }

  #link(): SessionLink {
    const transport = this.#transport
    return {
      server: this.#server,
      get position(): number {
        return transport.position
      },
      get unsentBytes(): number {
        return transport.unsentBytes
      },
      send: (type: number, args: readonly PacketArgument[]) => transport.send(type, args),
      sendBytes: (bytes: Uint8Array) => transport.sendBytes(bytes),
      fail: (error: GearmanError) => this.drop(error),
    }
  }
}
