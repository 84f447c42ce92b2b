import { ErrorReplies } from '../queue/error-replies.ts'
import { RequestRefused } from './request-refused.ts'

/** Up to here a loop finds the NUL faster than a call out of JavaScript. */
const NEAR_BYTES = 96

/**
 * Where the argument that begins at `start` ends: the index of the NUL behind it. Never looks beyond the
 * packet, whose body ends at `bodyEnd`; gearmand does (`libgearman-server/packet.cc`).
 *
 * @throws RequestRefused when there is none, or the argument is over the limit
 */
export function endOfArgument(
  bytes: Buffer,
  start: number,
  maxBytes: number,
  bodyEnd: number = bytes.length,
): number {
  const near = Math.min(bodyEnd, start + NEAR_BYTES)
  for (let index = start; index < near; index += 1) if (bytes[index] === 0) return index
  const end = bytes.indexOf(0, near)
  if (end === -1 || end >= bodyEnd) throw new RequestRefused(ErrorReplies.truncated)
  if (end - start > maxBytes) throw new RequestRefused(ErrorReplies.argumentTooLarge)
  return end
}

/** Where a last argument ends for a server that reads it as a C string: at its first NUL, or its end. */
export function endOfText(body: Buffer): number {
  const end = body.indexOf(0)
  return end === -1 ? body.length : end
}
