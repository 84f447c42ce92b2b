import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createDeferred, type Deferred } from '../core/deferred.ts'
import { Fifo } from '../core/fifo.ts'
import { sleep } from '../core/sleep.ts'
import type { FaultFlow } from './fault-flow.ts'

/** What waits in a pipe before its sender is made to wait. */
const MAX_WAITING_BYTES = 1024 * 1024

/** Bytes on their way; `undefined` is the end of the stream. */
interface Parcel {
  readonly bytes: Buffer | undefined
  readonly arrivedMs: number
}

/** One direction of one connection: bytes from one socket to the other, as a {@link FaultFlow} has it. */
export class FaultPipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #flow: FaultFlow
  readonly #waiting = new Fifo<Parcel>()
  readonly #stop = new AbortController()
  #waitingBytes = 0
  #arrival: Deferred<void> = createDeferred()

  constructor(from: Socket, to: Socket, flow: FaultFlow) {
    this.#from = from
    this.#to = to
    this.#flow = flow
    from.on('data', (bytes: Buffer) => this.#add(bytes))
    from.once('end', () => this.#add(undefined))
    to.once('close', () => this.#onClose())
    // After an orderly end, what is on its way still arrives.
    from.once('close', (hadError) => {
      if (hadError) this.#onClose()
    })
    this.#run().catch(() => to.destroy()) // stopped: its sockets are closed, or about to be
  }

  #onClose(): void {
    this.#stop.abort()
    this.#arrival.resolve()
    this.#from.resume() // and to nowhere: who is not read never sees its own end
  }

  #add(bytes: Buffer | undefined): void {
    if (this.#stop.signal.aborted) return
    if (this.#flow.isDropping && bytes !== undefined) {
      this.#flow.droppedBytes += bytes.length
      return
    }
    this.#waiting.push({ bytes, arrivedMs: performance.now() })
    this.#waitingBytes += bytes?.length ?? 0
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#from.pause()
    this.#arrival.resolve()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    for (;;) {
      const parcel = this.#waiting.shift()
      if (parcel === undefined) {
        this.#arrival = createDeferred()
        await this.#arrival.promise
      } else if (parcel.bytes === undefined) {
        await this.#delay(parcel)
        await this.#flow.untilThawed
        this.#to.end()
        return
      } else {
        await this.#delay(parcel)
        await this.#forward(parcel.bytes)
        this.#waitingBytes -= parcel.bytes.length
        if (this.#waitingBytes <= MAX_WAITING_BYTES) this.#from.resume()
      }
      signal.throwIfAborted()
    }
  }

  async #delay({ arrivedMs }: Parcel): Promise<void> {
    const leftMs = arrivedMs + this.#flow.delayMs - performance.now()
    if (this.#flow.delayMs > 0 && leftMs > 0) await sleep(leftMs, { signal: this.#stop.signal })
  }

  async #forward(bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      await this.#flow.untilThawed
      if (!this.#to.writable) return // one side was closed by halfClose(): there is nobody to write to
      const piece = bytes.subarray(start, Math.min(bytes.length, start + this.#flow.splitBytes))
      start += piece.length
      if (!this.#to.write(piece)) await once(this.#to, 'drain', { signal: this.#stop.signal })
      this.#flow.passedBytes += piece.length
      if (start < bytes.length) await nextRead()
    }
  }
}

/** One turn to end the one in work, and one in which a reader in this process can read. */
async function nextRead(): Promise<void> {
  await nextTurn()
  await nextTurn()
}
