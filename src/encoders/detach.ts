import { copyBytes } from '../core/short-bytes.ts'

/** Bytes that keep more foreign memory alive than this, and than their own size, are copied. */
const MAX_FOREIGN_BYTES = 8192

/** Small copies share blocks of this size: `Buffer` has a pool as well, but of 64 KiB in newer Node.js. */
const BLOCK_BYTES = 8192
const MAX_SHARED_BYTES = BLOCK_BYTES / 2

/** So few bytes are copied in less time than it takes to ask for the memory that they lie in, a call out of JavaScript. */
const FEW_BYTES = 128

let block = Buffer.alloc(0)
let blockUsed = 0
/** The copy that was made last: mostly what is asked for next. */
let lastCopy: Buffer | undefined

/**
 * The same bytes for somebody who keeps them: a small part of a large block, such as a chunk that a socket
 * read, is copied out of it. What owns most of its memory is not.
 */
export function detach(bytes: Buffer): Buffer {
  if (bytes === lastCopy) return bytes
  const foreignBytes = bytes.buffer.byteLength - bytes.length
  if (foreignBytes <= MAX_FOREIGN_BYTES || foreignBytes <= bytes.length) return bytes
  const copy = allocate(bytes.length)
  copy.set(bytes)
  return copy
}

/**
 * What stands in `bytes` from `start` to `end`, as {@link detach} gives it: the payload behind the other arguments of a packet.
 */
export function detachFrom(bytes: Buffer, start: number, end: number = bytes.length): Buffer {
  const length = end - start
  if (length > FEW_BYTES) {
    const foreignBytes = bytes.buffer.byteLength - length
    if (foreignBytes <= MAX_FOREIGN_BYTES || foreignBytes <= length) {
      return bytes.subarray(start, end)
    }
  }
  const copy = allocate(length)
  copyBytes(bytes, start, end, copy, 0)
  lastCopy = length > MAX_SHARED_BYTES ? undefined : copy
  return copy
}

function allocate(size: number): Buffer {
  if (size > MAX_SHARED_BYTES) return Buffer.allocUnsafeSlow(size)
  if (block.length - blockUsed < size) {
    block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
    blockUsed = 0
  }
  blockUsed += size
  return block.subarray(blockUsed - size, blockUsed)
}
