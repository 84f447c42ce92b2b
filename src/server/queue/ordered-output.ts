import { Fifo } from '../../core/fifo.ts'
import type { PacketArgument } from '../../protocol/packet-encoder.ts'

/** Where packets and text for a peer go. */
export interface PacketSink {
  /** One packet. */
  send(type: number, args: readonly PacketArgument[]): void
  /** One packet whose body is framed already. */
  sendBody(type: number, body: Uint8Array): void
  /** Bytes that are no packet: the answer to a text command. */
  sendBytes(bytes: Uint8Array): void
}

/** What one reply goes through: a peer's output, or the place that was held for it. */
export type ReplySink = Pick<PacketSink, 'send'>

/** The place of a reply that waits for a store. */
export class HeldReply implements ReplySink {
  readonly #onFilled: () => void
  #type = 0
  #args: readonly PacketArgument[] | undefined

  /** @internal */
  constructor(onFilled: () => void) {
    this.#onFilled = onFilled
  }

  /** Fills the place, once. */
  send(type: number, args: readonly PacketArgument[]): void {
    this.#type = type
    this.#args = args
    this.#onFilled()
  }

  /** Passes the reply on; `false` while there is none. */
  release(sink: PacketSink): boolean {
    if (this.#args === undefined) return false
    sink.send(this.#type, this.#args)
    return true
  }
}

/** What is said to a peer that is gone, or that never gets anything by itself. */
export const NOWHERE: PacketSink = {
  send: () => undefined,
  sendBody: () => undefined,
  sendBytes: () => undefined,
}

type Held = HeldReply | ((sink: PacketSink) => void)

/**
 * A peer's output, in the order of its requests: while a reply waits for a store, what comes after it on
 * this connection waits too. Without a store nothing is ever held.
 */
export class OrderedOutput implements PacketSink {
  #sink: PacketSink
  readonly #held = new Fifo<Held>()
  #onSettled: (() => void) | undefined

  constructor(sink: PacketSink) {
    this.#sink = sink
  }

  send(type: number, args: readonly PacketArgument[]): void {
    if (this.#held.length === 0) this.#sink.send(type, args)
    else this.#held.push((sink) => sink.send(type, args))
  }

  sendBody(type: number, body: Uint8Array): void {
    if (this.#held.length === 0) this.#sink.sendBody(type, body)
    else this.#held.push((sink) => sink.sendBody(type, body))
  }

  sendBytes(bytes: Uint8Array): void {
    if (this.#held.length === 0) this.#sink.sendBytes(bytes)
    else this.#held.push((sink) => sink.sendBytes(bytes))
  }

  /** Keeps a place for a reply that comes later. */
  hold(): HeldReply {
    const reply = new HeldReply(() => this.#release())
    this.#held.push(reply)
    return reply
  }

  /** Calls back when no reply waits for a store: now, or once. */
  whenSettled(callback: () => void): void {
    if (this.#held.length === 0) callback()
    else this.#onSettled = callback
  }

  /** The peer is gone: whatever comes from now on is dropped. */
  close(): void {
    this.#sink = NOWHERE
    this.#held.drain()
    this.#onSettled = undefined
  }

  #release(): void {
    for (let next = this.#held.peek(); next !== undefined; next = this.#held.peek()) {
      if (next instanceof HeldReply) {
        if (!next.release(this.#sink)) return
      } else {
        next(this.#sink)
      }
      this.#held.shift()
    }
    const onSettled = this.#onSettled
    this.#onSettled = undefined
    onSettled?.()
  }
}
