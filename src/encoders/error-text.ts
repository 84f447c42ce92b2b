import { isUtf8 } from 'node:buffer'
import { readFrozenText } from './frozen-text.ts'
import { readUtf8 } from './text.ts'

/**
 * The text of an exception, also of one that Perl froze: there, what is not UTF-8 is Latin-1.
 *
 * @throws EncodingError when it is not UTF-8
 */
export function readErrorText(bytes: Buffer): string {
  const frozen = readFrozenText(bytes)
  if (frozen === undefined) return readUtf8(bytes)
  return isUtf8(frozen) ? readUtf8(frozen) : frozen.toString('latin1')
}
