import { TextDecoder, toUSVString } from 'node:util'
import { EncodingError } from '../errors.ts'

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Text as UTF-8.
 *
 * @throws EncodingError for half a surrogate pair: UTF-8 cannot hold it, and it would arrive as U+FFFD
 */
export function writeUtf8(text: string): Buffer {
  if (toUSVString(text) !== text) {
    throw new EncodingError(
      `a string of ${text.length} UTF-16 units holds half a surrogate pair, which UTF-8 cannot carry`,
    )
  }
  return Buffer.from(text, 'utf8')
}

/**
 * UTF-8 as text; nothing is dropped or replaced, a byte order mark included.
 *
 * @throws EncodingError when the bytes are not UTF-8, or longer than a string can be
 */
export function readUtf8(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new EncodingError(`a payload of ${bytes.length} bytes is not UTF-8 text`, { cause })
  }
}
