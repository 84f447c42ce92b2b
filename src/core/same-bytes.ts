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
