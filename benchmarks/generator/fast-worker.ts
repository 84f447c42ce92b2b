import type { FastConnection } from './fast-connection.ts'
import { PacketCode, packet } from './prepared-packets.ts'

const GRAB = packet('GRAB_JOB')
const PRE_SLEEP = packet('PRE_SLEEP')

/** A worker that keeps so many grabs under way while there are jobs, and sleeps when there are none. */
export class FastWorker {
  readonly #connection: FastConnection
  readonly #grabs: number
  readonly #result: Buffer
  readonly #onJob: (() => void) | undefined
  /** WORK_COMPLETE without its length, and the length. */
  readonly #front = packet('WORK_COMPLETE', '', '').subarray(0, 8)
  readonly #length = Buffer.alloc(4)
  #outstanding = 0
  #mayHaveWork = true

  constructor(
    connection: FastConnection,
    functionNames: readonly string[],
    grabs: number,
    result: Buffer,
    onJob?: () => void,
  ) {
    this.#connection = connection
    this.#grabs = grabs
    this.#result = result
    this.#onJob = onJob
    for (const name of functionNames) connection.append(packet('CAN_DO', name))
    connection.onPacket = (type, chunk, start) => this.#onPacket(type, chunk, start)
    connection.onReadEnd = () => this.#refill()
  }

  /** Begins to grab. */
  start(): void {
    this.#refill()
    this.#connection.flush()
  }

  #onPacket(type: number, chunk: Buffer, start: number): void {
    if (type === PacketCode.JOB_ASSIGN) {
      this.#outstanding -= 1
      this.#mayHaveWork = true
      this.#complete(chunk, start)
      this.#onJob?.()
    } else if (type === PacketCode.NO_JOB) {
      this.#outstanding -= 1
      this.#mayHaveWork = false
    } else if (type === PacketCode.NOOP) {
      this.#mayHaveWork = true
    } else {
      throw new Error(`packet ${type} for a worker`)
    }
  }

  #complete(chunk: Buffer, start: number): void {
    const end = chunk.indexOf(0, start) + 1
    this.#length.writeUInt32BE(end - start + this.#result.length)
    this.#connection.append(this.#front)
    this.#connection.append(this.#length)
    this.#connection.appendPart(chunk, start, end)
    if (this.#result.length > 64 * 1024) this.#connection.sendLarge(this.#result)
    else this.#connection.append(this.#result)
  }

  #refill(): void {
    if (this.#mayHaveWork) {
      for (; this.#outstanding < this.#grabs; this.#outstanding += 1) this.#connection.append(GRAB)
    } else if (this.#outstanding === 0) {
      this.#connection.append(PRE_SLEEP)
    }
  }
}
