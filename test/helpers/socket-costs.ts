import { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { PacketDecoder } from '../../src/protocol/packet-decoder.ts'
import { type PacketName, packetName } from '../../src/protocol/packets.ts'

/** What went over one socket of this process. */
export interface SocketCosts {
  /** Whether it was dialled here, and not accepted. */
  readonly isDialled: boolean
  /** How often bytes were handed to the kernel. */
  readonly writes: number
  /** How many packets of a kind were sent. */
  sent(name: PacketName): number
  /** How many came in. */
  received(name: PacketName): number
}

type WriteMethod = (this: Socket, ...args: never[]) => void

/**
 * Counts, for one test, writes and packets of all sockets of this process whose one end is `port`. Costs are counted
 * instead of timed: they are the same on any machine.
 */
export function watchSockets(port: number): { readonly all: readonly SocketCosts[] } {
  const counters = new Map<Socket, SocketCounter>()
  const counterOf = (socket: Socket): SocketCounter | undefined => {
    const isDialled = socket.remotePort === port
    if (!isDialled && socket.localPort !== port) return undefined
    const known = counters.get(socket) ?? new SocketCounter(socket, isDialled)
    counters.set(socket, known)
    return known
  }
  patch('_write', (socket, [chunk]) => counterOf(socket)?.onWrite([{ chunk }]))
  patch('_writev', (socket, [chunks]) => counterOf(socket)?.onWrite(chunks as Chunks))
  return {
    get all() {
      return [...counters.values()]
    },
  }
}

type Chunks = readonly { readonly chunk: unknown }[]

function patch(
  name: '_write' | '_writev',
  look: (socket: Socket, args: readonly unknown[]) => void,
): void {
  const prototype = Socket.prototype as unknown as Record<string, WriteMethod>
  const original = prototype[name]
  if (original === undefined) throw new Error(`Node has no Socket.prototype.${name}`)
  prototype[name] = function (this: Socket, ...args: never[]): void {
    look(this, args)
    original.apply(this, args)
  }
  onTestFinished(() => {
    prototype[name] = original
  })
}

class SocketCounter implements SocketCosts {
  readonly isDialled: boolean
  writes = 0
  readonly #out: PacketCounter
  readonly #in: PacketCounter

  constructor(socket: Socket, isDialled: boolean) {
    this.isDialled = isDialled
    this.#out = new PacketCounter(isDialled ? 'request' : 'response')
    this.#in = new PacketCounter(isDialled ? 'response' : 'request')
    watchReads(socket, (chunk) => this.#in.decoder.push(chunk))
  }

  onWrite(chunks: Chunks): void {
    this.writes += 1
    for (const { chunk } of chunks) if (Buffer.isBuffer(chunk)) this.#out.decoder.push(chunk)
  }

  sent(name: PacketName): number {
    return this.#out.counts.get(name) ?? 0
  }

  received(name: PacketName): number {
    return this.#in.counts.get(name) ?? 0
  }
}

type ReadCallback = (byteCount: number, block: Buffer) => boolean

/** A socket that reads to a block of its own (`onread`) gives no data as a stream does, and is watched where Node keeps the callback. */
function watchReads(socket: Socket, look: (chunk: Buffer) => void): void {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'kBufferCb',
  )
  const callbacks = socket as unknown as Record<symbol, ReadCallback | null | undefined>
  const read = symbol === undefined ? undefined : callbacks[symbol]
  if (symbol === undefined || typeof read !== 'function') {
    socket.on('data', look)
    return
  }
  callbacks[symbol] = (byteCount, block) => {
    look(Buffer.from(block.subarray(0, byteCount)))
    return read(byteCount, block)
  }
}

class PacketCounter {
  readonly counts = new Map<string, number>()
  readonly decoder: PacketDecoder

  constructor(magic: 'request' | 'response') {
    const count = (type: number): void => {
      this.counts.set(packetName(type), (this.counts.get(packetName(type)) ?? 0) + 1)
    }
    this.decoder = new PacketDecoder(
      { onPacket: count, onLine: () => undefined },
      { magic, maxBodyBytes: 1 << 30 },
    )
  }
}
