const COLON = 0x3a
const ZERO = 0x30
/** Fewer digits than the largest safe integer has. */
const MAX_DIGITS = 15

/**
 * N of a handle `PREFIX:N`, read in place: no string is made.
 *
 * Servers count their jobs (gearmand `libgearman-server/job.cc`, `H:HOST:N`).
 *
 * @param front - the prefix with its colon
 * @returns `undefined` when the handle begins with something else, or does not end with a number as it is written
 */
export function handleNumber(
  front: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const digitStart = start + front.length
  if (end <= digitStart || end - digitStart > MAX_DIGITS || bytes[digitStart] === ZERO) {
    return undefined
  }
  let number = 0
  for (let index = digitStart; index < end; index += 1) {
    const digit = (bytes[index] ?? COLON) - ZERO
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  for (let index = 0; index < front.length; index += 1) {
    if (bytes[start + index] !== front[index]) return undefined
  }
  return number
}

/** The prefix of a handle with its colon: a copy. Empty when it has no colon. */
export function handleFront(bytes: Uint8Array, start: number, end: number): Uint8Array {
  // Not `slice`, which makes a view of a Buffer.
  return Uint8Array.from(bytes.subarray(start, bytes.lastIndexOf(COLON, end - 1) + 1))
}
