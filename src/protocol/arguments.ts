import { ProtocolError } from '../errors.ts'
import { packetInfo, packetName } from './packets.ts'

/** Up to here a loop finds the NUL faster than a call out of JavaScript. */
const NEAR_BYTES = 96

/**
 * Views of a body's arguments, without copies. The last argument takes all that remains.
 *
 * @throws ProtocolError when the body holds fewer arguments than the packet has
 */
export function splitArguments(type: number, body: Buffer): Buffer[] {
  const count = packetInfo(type)?.argumentCount ?? 0
  const args: Buffer[] = []
  if (count === 0) return args
  let start = 0
  for (let index = 1; index < count; index += 1) {
    const end = argumentEnd(type, body, start)
    args.push(body.subarray(start, end))
    start = end + 1
  }
  args.push(body.subarray(start))
  return args
}

/**
 * Where the argument that begins at `start` ends: the index of the NUL behind it. The body ends at `bodyEnd`.
 *
 * @throws ProtocolError when there is none
 */
export function argumentEnd(
  type: number,
  bytes: Buffer,
  start: number,
  bodyEnd: number = bytes.length,
): number {
  const end = nulIn(bytes, start, bodyEnd)
  if (end !== -1) return end
  throw new ProtocolError(`truncated ${packetName(type)}: an argument of it is missing`)
}

/** The index of the first NUL from `start` on and before `end`; -1 when there is none. */
export function nulIn(bytes: Buffer, start: number, end: number): number {
  const near = Math.min(end, start + NEAR_BYTES)
  for (let index = start; index < near; index += 1) if (bytes[index] === 0) return index
  const found = bytes.indexOf(0, near)
  return found < end ? found : -1
}

/**
 * The handle at the front of a WORK_* packet whose `end` is where it stops.
 *
 * Handles are ASCII; latin1 keeps any byte, so that what comes back is what was sent.
 */
export function readHandle(bytes: Buffer, end: number, start = 0): string {
  return bytes.toString('latin1', start, end)
}

/** An argument that is text for people: UTF-8. */
export function readText(body: Buffer, start: number, end: number = body.length): string {
  return body.toString('utf8', start, end)
}
