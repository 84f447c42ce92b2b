import { copyBytes } from '../../core/short-bytes.ts'

/** Where a job's bytes are. */
export interface Payload {
  /** The block they are in, possibly with others'. */
  readonly bytes: Buffer
  readonly offset: number
  readonly length: number
}

/** One block of memory for many small payloads; the last one that ends frees it. */
const BLOCK_BYTES = 8192
/** Larger ones get memory of their own. */
const SMALL_BYTES = 1024
/** Less than a fifth of the memory behind it is not the payload's. */
const OWN_MEMORY_RATIO = 1.25

const NOTHING: Payload = { bytes: Buffer.alloc(0), offset: 0, length: 0 }

/**
 * Copies payloads out of the socket's chunks, which are 64 KiB each and would all stay in memory as long
 * as one job of theirs waits. A `Buffer` object per job would cost as much as a small payload itself.
 */
export class PayloadArena {
  #block: Buffer = NOTHING.bytes
  #used = 0

  /**
   * The bytes of a body from `start` to `end`, in memory that outlives the call: copied, or left where they are
   * when they have their memory to themselves.
   */
  keep(body: Buffer, start: number, end: number = body.length): Payload {
    const length = end - start
    if (length === 0) return NOTHING
    if (length > SMALL_BYTES) return keepLarge(body, start, end)
    if (this.#block.length - this.#used < length) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.#used = 0
    }
    const block = this.#block
    const offset = this.#used
    copyBytes(body, start, end, block, offset)
    this.#used = offset + length
    return { bytes: block, offset, length }
  }
}

/** A body that spanned several chunks was gathered into memory of its own: that is not copied again. */
function keepLarge(body: Buffer, start: number, end: number): Payload {
  const length = end - start
  if (body.buffer.byteLength <= length * OWN_MEMORY_RATIO) {
    return { bytes: body, offset: start, length }
  }
  const copy = Buffer.allocUnsafeSlow(length)
  body.copy(copy, 0, start, end)
  return { bytes: copy, offset: 0, length }
}
