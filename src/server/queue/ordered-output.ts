import { Fifo } from '../../core/fifo.ts'
import type { PacketArgument } from '../../protocol/packet-encoder.ts'
import { TextStream } from './text-stream.ts'

/** Where packets and text for a peer go. */
export interface PacketSink {
  /** One packet. */
  send(type: number, args: readonly PacketArgument[]): void
  /** One packet whose body is framed already. */
  /** A packet whose body, from `start` to `end` of `bytes`, is framed already. */
  sendBody(type: number, bytes: Uint8Array, start?: number, end?: number): void
  /** Bytes that are no packet: the answer to a text command. */
  sendBytes(bytes: Uint8Array): void
}

/** Says when a long answer goes on. */
export interface Pacer {
  /** Calls back once, in a later turn, when the peer has taken most of what it was sent. */
  whenTaken(callback: () => void): void
  /** More waits behind an answer that is not complete: {@link OrderedOutput.heldBytes} has grown. */
  onHeld(): void
}

/** For peers that take whatever they are sent. */
export const IMMEDIATE_PACER: Pacer = {
  whenTaken: setImmediate,
  onHeld: () => undefined,
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

/** What comes behind a reply that is not complete. */
interface HeldOutput {
  readonly bytes: number
  write(sink: PacketSink): void
}

type Held = HeldReply | TextStream | HeldOutput

/** What a packet or an entry costs beside the bytes that it holds. */
const ENTRY_BYTES = 128

/**
 * A peer's output, in the order of its requests: while a reply waits for a store, or a long text is on its way,
 * what comes after it on this connection waits too.
 */
export class OrderedOutput implements PacketSink {
  #sink: PacketSink
  #pacer: Pacer
  readonly #held = new Fifo<Held>()
  #heldBytes = 0
  /** A part of a text is being made, or waits for its turn. */
  #isStreaming = false
  readonly #resume: () => void = () => {
    const text = this.#held.peek()
    if (text instanceof TextStream) this.#writePart(text)
    this.#isStreaming = false
    this.#release()
  }
  #onSettled: (() => void) | undefined

  constructor(sink: PacketSink, pacer: Pacer = IMMEDIATE_PACER) {
    this.#sink = sink
    this.#pacer = pacer
  }

  /** How many bytes wait behind a reply that is not complete. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  send(type: number, args: readonly PacketArgument[]): void {
    if (this.#held.length === 0) this.#sink.send(type, args)
    else this.#holdOutput(sizeOf(args), (sink) => sink.send(type, args))
  }

  sendBody(type: number, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#held.length === 0) this.#sink.sendBody(type, bytes, start, end)
    else this.#holdOutput(end - start, (sink) => sink.sendBody(type, bytes, start, end))
  }

  sendBytes(bytes: Uint8Array): void {
    if (this.#held.length === 0) this.#sink.sendBytes(bytes)
    else this.#holdOutput(bytes.length, (sink) => sink.sendBytes(bytes))
  }

  /**
   * Sends the answer to a text command part by part, as the peer takes them. The first is made now, unless it
   * would have to wait: most texts have no other. What a command does begins now in any case.
   */
  sendText(text: TextStream): void {
    if (this.#held.length === 0 || text.mustFinish) this.sendBytes(text.nextPart())
    if (text.isDone) return
    this.#held.push(text)
    this.#release()
  }

  /** Keeps a place for a reply that comes later. */
  hold(): HeldReply {
    const reply = new HeldReply(() => this.#release())
    this.#held.push(reply)
    return reply
  }

  /** Calls back when no reply is owed any more: now, or once. */
  whenSettled(callback: () => void): void {
    if (this.#held.length === 0) callback()
    else this.#onSettled = callback
  }

  /** The peer is gone: whatever comes from now on is dropped. A command that was begun is carried out. */
  close(): void {
    this.#sink = NOWHERE
    this.#pacer = IMMEDIATE_PACER
    this.#heldBytes = 0
    this.#onSettled = undefined
    for (const held of this.#held.drain()) {
      if (held instanceof TextStream && held.mustFinish) this.#held.push(held)
    }
    if (this.#held.length === 0) return
    this.#isStreaming = true
    this.#pacer.whenTaken(this.#resume)
  }

  #holdOutput(size: number, write: (sink: PacketSink) => void): void {
    const bytes = size + ENTRY_BYTES
    this.#held.push({ bytes, write })
    this.#heldBytes += bytes
    this.#pacer.onHeld()
  }

  #release(): void {
    if (this.#isStreaming) return
    for (let next = this.#held.peek(); next !== undefined; next = this.#held.peek()) {
      if (next instanceof HeldReply) {
        if (!next.release(this.#sink)) return
      } else if (next instanceof TextStream) {
        // Never now: whoever fills the place of a reply is not done yet.
        this.#isStreaming = true
        this.#pacer.whenTaken(this.#resume)
        return
      } else {
        next.write(this.#sink)
        this.#heldBytes -= next.bytes
      }
      this.#held.shift()
    }
    const onSettled = this.#onSettled
    this.#onSettled = undefined
    onSettled?.()
  }

  #writePart(text: TextStream): void {
    const part = text.nextPart()
    if (part.length > 0) this.#sink.sendBytes(part)
    if (text.isDone) this.#held.shift()
  }
}

function sizeOf(args: readonly PacketArgument[]): number {
  return args.reduce((bytes, arg) => bytes + arg.length, 0)
}
