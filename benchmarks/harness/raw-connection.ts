import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PacketDecoder } from '../../src/protocol/packet-decoder.ts'
import { PacketEncoder } from '../../src/protocol/packet-encoder.ts'
import { type PacketName, PacketType } from '../../src/protocol/packets.ts'

/** How many connections are dialled at once: gearmand lets 32 wait. */
const DIAL_AT_ONCE = 16

/** One packet as bytes. */
export function requestBytes(name: PacketName, ...args: (string | Buffer)[]): Buffer {
  const encoder = new PacketEncoder({ magic: 'request', textEncoding: 'latin1' })
  encoder.append(PacketType[name], args)
  return Buffer.concat(encoder.take())
}

/** A connection that sends prepared bytes: what a packet costs here must not hide what it costs the server. */
export class RawConnection {
  /** Called with each packet. */
  onPacket: (type: number, body: Buffer) => void = () => undefined
  readonly #socket: Socket
  #pieces: Buffer[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    const decoder = new PacketDecoder(
      {
        onPacket: (type, body) => this.onPacket(type, body),
        onLine: () => fail('a line of text'),
        onOversized: () => fail('a packet too large'),
        onForeignMagic: () => fail('a request'),
        onLineTooLong: () => fail('a long line'),
      },
      { magic: 'response', maxBodyBytes: 1024 * 1024, maxLineBytes: 1024 },
    )
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      decoder.push(chunk)
      this.flush()
    })
    socket.on('error', (error) => {
      throw error
    })
  }

  /** Opens one. */
  static async open(address: string): Promise<RawConnection> {
    const [host, port] = address.split(':')
    const socket = connect({ host: host ?? '', port: Number(port) })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Opens many. */
  static async openMany(address: string, count: number): Promise<RawConnection[]> {
    const connections: RawConnection[] = []
    while (connections.length < count) {
      const next = Math.min(DIAL_AT_ONCE, count - connections.length)
      const dialled = Array.from({ length: next }, () => RawConnection.open(address))
      connections.push(...(await Promise.all(dialled)))
    }
    return connections
  }

  /** Queues bytes. They leave with {@link flush}, or when the packets that came in are worked through. */
  queue(bytes: Buffer): void {
    this.#pieces.push(bytes)
  }

  /** Sends what is queued. */
  flush(): void {
    const [only] = this.#pieces
    if (only === undefined) return
    this.#socket.write(this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces))
    this.#pieces = []
  }

  /** Resolves when the server has worked through everything that was sent. */
  async sync(): Promise<void> {
    const { onPacket } = this
    await new Promise<void>((resolve) => {
      this.onPacket = (type) => {
        if (type === PacketType.ECHO_RES) resolve()
      }
      this.queue(requestBytes('ECHO_REQ', 'sync'))
      this.flush()
    })
    this.onPacket = onPacket
  }
}

function fail(what: string): never {
  throw new Error(`the server sent ${what}`)
}
