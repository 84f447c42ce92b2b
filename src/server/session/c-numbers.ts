const MINUS = 0x2d
const PLUS = 0x2b
const ZERO = 0x30
const UINT32 = 2n ** 32n
const INT64_MAX = 2n ** 63n - 1n

/**
 * The number at the front of a text, read as C's `strtoll` does: leading white space and a sign are
 * allowed, whatever follows the digits is ignored, no digits at all is 0. Clients rely on it.
 *
 * @returns `undefined` when it does not fit 64 bits
 */
export function parseInt64(text: string): number | undefined {
  const value = parseBig(text)
  return value > INT64_MAX || value < -INT64_MAX - 1n ? undefined : Number(value)
}

/** As C's `atoi`, stored as unsigned 32 bits: what gearmand keeps of a WORK_STATUS. */
export function parseUint32(bytes: Buffer): number {
  return parseShort(bytes) ?? Number(BigInt.asUintN(32, clamp(parseBig(bytes.toString('latin1')))))
}

/** Up to nine digits and nothing else: the usual case, without a string. */
function parseShort(bytes: Buffer): number | undefined {
  if (bytes.length === 0 || bytes.length > 9) return undefined
  let value = 0
  for (const byte of bytes) {
    const digit = byte - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

function parseBig(text: string): bigint {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, '')
  const first = trimmed.charCodeAt(0)
  const digits = /^\d+/.exec(first === MINUS || first === PLUS ? trimmed.slice(1) : trimmed)?.[0]
  if (digits === undefined) return 0n
  const value = BigInt(digits.length > 20 ? digits.replace(/^0+/, '').slice(0, 21) || '0' : digits)
  return first === MINUS ? -value : value
}

/** `strtol` stops at the ends of its range. */
function clamp(value: bigint): bigint {
  if (value > INT64_MAX) return INT64_MAX
  return value < -INT64_MAX - 1n ? -INT64_MAX - 1n : value % (UINT32 * UINT32)
}
