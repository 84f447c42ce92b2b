/** A key of a PHP array: an integer or a string. Integers beyond a number's exact range are bigint. */
export type PhpKey = number | bigint | string

/** PHP's integers have 64 bits. */
export const MIN_INTEGER: bigint = -(2n ** 63n)
/** PHP's integers have 64 bits. */
export const MAX_INTEGER: bigint = 2n ** 63n - 1n

const INTEGER = /^(0|-?[1-9]\d{0,18})$/
/** So many digits are always within 64 bits. */
const SAFE_LENGTH = 15

/** Whether PHP keeps a key as an integer: it does so with each text that is the plain decimal form of one. */
export function isIntegerKey(text: string): boolean {
  if (!INTEGER.test(text)) return false
  return text.length <= SAFE_LENGTH || isInteger(BigInt(text))
}

/** The key that PHP makes of a text. */
export function keyOf(text: string): PhpKey {
  if (!isIntegerKey(text)) return text
  return text.length <= SAFE_LENGTH ? Number(text) : narrow(BigInt(text))
}

/** Whether it fits PHP's 64 bits. */
export function isInteger(value: bigint): boolean {
  return value >= MIN_INTEGER && value <= MAX_INTEGER
}

/** An integer as a number where that is exact. */
export function narrow(value: bigint): number | bigint {
  const near = Number(value)
  return Number.isSafeInteger(near) ? near : value
}
