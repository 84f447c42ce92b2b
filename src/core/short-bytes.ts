/** Whether `bytes` holds `known` from `start` to `end`. For short texts: no call out of JavaScript. */
export function isSameAs(
  known: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (known.length !== end - start) return false
  for (let index = 0; index < known.length; index += 1) {
    if (known[index] !== bytes[start + index]) return false
  }
  return true
}

/** Up to here a loop copies faster than a call out of JavaScript, which needs a view as well. */
const SHORT_BYTES = 96

/** Copies what lies from `start` to `end` of `from` to `at` of `to`: mostly few bytes. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): void {
  if (end - start > SHORT_BYTES) {
    to.set(from.subarray(start, end), at)
    return
  }
  const shift = at - start
  for (let index = start; index < end; index += 1) to[index + shift] = from[index] ?? 0
}
