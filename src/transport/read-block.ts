import type { OnReadOpts } from 'node:net'

/** What a socket reads at once at most: as much as Node's own block has. */
const BLOCK_BYTES = 65_536

/**
 * The memory that one socket reads to, again and again: what came is told before the next read. Node's own way takes a block
 * for each read, and a stream in between: a third of what a small packet costs.
 */
export class ReadBlock {
  /** The option of Node's sockets (`onread`). */
  readonly option: OnReadOpts
  #onData: (chunk: Buffer) => void = () => undefined

  constructor() {
    const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
    this.option = {
      buffer,
      callback: (byteCount: number): boolean => {
        this.#onData(byteCount === buffer.length ? buffer : buffer.subarray(0, byteCount))
        return true
      },
    }
  }

  /** From now on `onData` gets what comes, whose memory is used again afterwards. Until then it is lost. */
  listen(onData: (chunk: Buffer) => void): void {
    this.#onData = onData
  }
}
