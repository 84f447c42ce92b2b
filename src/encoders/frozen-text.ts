/** Storable's format 2 in network order, as `nfreeze` writes it: the minor version follows (perl Storable.xs). */
const MAJOR = 0x05
const MIN_BYTES = 4

/** Storable's marks for text: the length in one byte or in four; bytes or UTF-8. */
const SHORT_BYTES = 0x0a
const LONG_BYTES = 0x01
const SHORT_UTF8 = 0x17
const LONG_UTF8 = 0x18

/**
 * The text that Perl froze. `Gearman::Worker` sends what its callback died of as `nfreeze(\$text)`, whatever the
 * format of the data. Anything else is `undefined`: objects of Perl are not thawed.
 */
export function readFrozenText(bytes: Buffer): Buffer | undefined {
  if (bytes.length < MIN_BYTES || bytes[0] !== MAJOR) return undefined
  const mark = bytes[2]
  const isShort = mark === SHORT_BYTES || mark === SHORT_UTF8
  if (!isShort && mark !== LONG_BYTES && mark !== LONG_UTF8) return undefined
  const start = isShort ? MIN_BYTES : MIN_BYTES + 3
  if (bytes.length < start) return undefined
  const length = isShort ? bytes.readUInt8(3) : bytes.readUInt32BE(3)
  return bytes.length === start + length ? bytes.subarray(start) : undefined
}
