import type { Socket } from 'node:net'
import { createDeferred, type Deferred } from '../core/deferred.ts'
import { Fifo } from '../core/fifo.ts'
import { splitArguments } from '../protocol/arguments.ts'
import { PacketDecoder } from '../protocol/packet-decoder.ts'
import { encodePacket, type PacketArgument } from '../protocol/packet-encoder.ts'
import { type PacketName, PacketType, packetName } from '../protocol/packets.ts'
import { resetSocket } from './reset-socket.ts'

/** A packet that the other side sent. */
export interface ReceivedPacket {
  /** Its type number. */
  readonly type: number
  /** Its name, as gearmand's PROTOCOL document prints it; `type 99` for one that has none. */
  readonly name: string
  /** Its arguments. */
  readonly args: Buffer[]
}

/** What came waits for who asks, and who asks waits for what comes. */
class Inbox<T> {
  readonly #arrived = new Fifo<T>()
  readonly #waiting = new Fifo<{ readonly what: string; readonly item: Deferred<T> }>()
  #failure: Error | undefined

  put(item: T): void {
    const first = this.#waiting.shift()
    if (first === undefined) this.#arrived.push(item)
    else first.item.resolve(item)
  }

  take(what: string): Promise<T> {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift() as T)
    const item = createDeferred<T>()
    this.#waiting.push({ what, item })
    if (this.#failure !== undefined) this.fail(this.#failure)
    return item.promise
  }

  fail(cause: Error): void {
    this.#failure ??= cause
    for (const { what, item } of this.#waiting.drain()) {
      item.reject(new Error(`no ${what} came: ${cause.message}`, { cause }))
    }
  }
}

/** The server's end of one connection, in the hands of a test. {@link FakeServer} makes them. */
export class FakePeer {
  /** Settles when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>
  /** Everything that came, the packets answered automatically included. */
  readonly received: ReceivedPacket[] = []
  readonly #socket: Socket
  readonly #packets = new Inbox<ReceivedPacket>()
  readonly #lines = new Inbox<string>()

  /** @internal */
  constructor(socket: Socket, options: { readonly autoAnswer: boolean }) {
    this.#socket = socket
    const decoder = new PacketDecoder(
      {
        onPacket: (type, body) => this.#onPacket(type, Buffer.from(body), options.autoAnswer),
        onLine: (line) => this.#lines.put(line.toString()),
      },
      { magic: 'request', maxBodyBytes: 0xffff_ffff },
    )
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      try {
        decoder.push(chunk)
      } catch (error) {
        this.#fail(error as Error)
        decoder.stop()
      }
    })
    socket.on('error', (error) => this.#fail(error))
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#fail(new Error('the connection was closed'))
        resolve()
      })
    })
  }

  /** The next packet; rejects when it is another one than `name`, or the connection ends before it. */
  async expect(name: PacketName): Promise<ReceivedPacket> {
    const packet = await this.#packets.take(name)
    if (packet.name !== name) throw new Error(`expected ${name}, got ${packet.name}`)
    return packet
  }

  /** The next packet, whatever it is. */
  nextPacket(): Promise<ReceivedPacket> {
    return this.#packets.take('packet')
  }

  /** The next line of text. */
  nextLine(): Promise<string> {
    return this.#lines.take('line')
  }

  /**
   * Sends one packet, as a response.
   *
   * @throws EncodingError when the number of arguments is wrong, or one but the last holds a NUL
   */
  send(name: PacketName, args: readonly PacketArgument[] = []): void {
    this.sendBytes(encodePacket('response', PacketType[name], args))
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /** Sends a line of text and ends it with `\n`. */
  sendLine(text: string): void {
    this.sendBytes(Buffer.from(`${text}\n`))
  }

  /** Stops reading: the kernel's buffers fill up, then the other side's. */
  pause(): void {
    this.#socket.pause()
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume()
  }

  /** Closes with a reset: the other side gets ECONNRESET. */
  reset(): void {
    resetSocket(this.#socket)
  }

  /** Closes after what was sent. */
  end(): void {
    this.#socket.end()
  }

  #onPacket(type: number, body: Buffer, autoAnswer: boolean): void {
    const packet = { type, name: packetName(type), args: splitArguments(type, body) }
    this.received.push(packet)
    if (autoAnswer && type === PacketType.OPTION_REQ) this.send('OPTION_RES', [body])
    else if (autoAnswer && type === PacketType.ECHO_REQ) this.send('ECHO_RES', [body])
    else this.#packets.put(packet)
  }

  #fail(error: Error): void {
    this.#packets.fail(error)
    this.#lines.fail(error)
  }
}
