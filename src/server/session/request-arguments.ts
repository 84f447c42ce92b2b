import { nulIn } from '../../protocol/arguments.ts'
import { ErrorReplies } from '../queue/error-replies.ts'
import { RequestRefused } from './request-refused.ts'

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
  const end = nulIn(bytes, start, bodyEnd)
  if (end === -1) throw new RequestRefused(ErrorReplies.truncated)
  if (end - start > maxBytes) throw new RequestRefused(ErrorReplies.argumentTooLarge)
  return end
}

/** Where a last argument ends for a server that reads it as a C string: at its first NUL, or its end. */
export function endOfText(body: Buffer): number {
  const end = body.indexOf(0)
  return end === -1 ? body.length : end
}
