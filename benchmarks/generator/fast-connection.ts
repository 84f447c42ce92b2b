import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEADER_BYTES = 12
/** How many connections are dialled at once: gearmand lets 32 wait. */
const DIAL_AT_ONCE = 16
const BLOCK_BYTES = 256 * 1024
/** Of a body as large as this only the front is looked at: it is counted, not joined. */
const LARGE_BODY_BYTES = 64 * 1024
const FRONT_BYTES = 512

/**
 * A connection that costs next to nothing, so that it is the server that is measured: bytes that are prepared go out, one
 * write for each read, and what comes in is told by type and place.
 */
export class FastConnection {
  /** Called with each packet: its type, and where its body is. A large body ends with its front. */
  onPacket: (type: number, chunk: Buffer, start: number, end: number) => void = () => undefined
  /** Called behind all packets of a read. */
  onReadEnd: () => void = () => undefined
  readonly #socket: Socket
  #rest: Buffer | undefined
  #skippedBytes = 0
  #block: Buffer = Buffer.alloc(0)
  #blockStart = 0
  #blockEnd = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk)
      this.onReadEnd()
      this.flush()
    })
    socket.on('error', (error) => {
      throw error
    })
    socket.on('close', () => {
      throw new Error('the server has closed a connection')
    })
  }

  /** Opens one. */
  static async open(host: string, port: number): Promise<FastConnection> {
    const socket = connect({ host, port })
    await once(socket, 'connect')
    return new FastConnection(socket)
  }

  /** Opens many. */
  static async openMany(host: string, port: number, count: number): Promise<FastConnection[]> {
    const connections: FastConnection[] = []
    while (connections.length < count) {
      const next = Math.min(DIAL_AT_ONCE, count - connections.length)
      const dialled = Array.from({ length: next }, () => FastConnection.open(host, port))
      connections.push(...(await Promise.all(dialled)))
    }
    return connections
  }

  /** Copies bytes to what is sent next. */
  append(bytes: Buffer): void {
    this.reserve(bytes.length)
    bytes.copy(this.#block, this.#blockEnd)
    this.#blockEnd += bytes.length
  }

  /** Copies a part of what was read to what is sent next. */
  appendPart(chunk: Buffer, start: number, end: number): void {
    this.reserve(end - start)
    chunk.copy(this.#block, this.#blockEnd, start, end)
    this.#blockEnd += end - start
  }

  /** Makes room for so many bytes that are sent next. */
  reserve(bytes: number): void {
    if (this.#blockEnd + bytes <= this.#block.length) return
    this.flush()
    this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes))
    this.#blockStart = 0
    this.#blockEnd = 0
  }

  /** Sends bytes behind those that are waiting, without a copy. */
  sendLarge(bytes: Buffer): void {
    this.#socket.cork()
    this.flush()
    this.#socket.write(bytes)
    this.#socket.uncork()
  }

  /** Sends what is waiting. */
  flush(): void {
    if (this.#blockEnd === this.#blockStart) return
    this.#socket.write(this.#block.subarray(this.#blockStart, this.#blockEnd))
    this.#blockStart = this.#blockEnd
  }

  #read(chunk: Buffer): void {
    let data = chunk
    let at = 0
    if (this.#skippedBytes > 0) {
      at = Math.min(this.#skippedBytes, chunk.length)
      this.#skippedBytes -= at
    }
    if (this.#rest !== undefined) {
      data = Buffer.concat([this.#rest, chunk])
      this.#rest = undefined
    }
    while (data.length - at >= HEADER_BYTES) {
      const bodyBytes = data.readUInt32BE(at + 8)
      const start = at + HEADER_BYTES
      const isLarge = bodyBytes > LARGE_BODY_BYTES
      const end = start + (isLarge ? FRONT_BYTES : bodyBytes)
      if (end > data.length) break
      // The largest type is 42.
      this.onPacket(data[at + 7] ?? 0, data, start, end)
      at = start + bodyBytes
      if (at > data.length) {
        this.#skippedBytes = at - data.length
        return
      }
    }
    if (at < data.length) this.#rest = data.subarray(at)
  }
}
