const PLAIN = /^[!-+\--[\]-~]*$/
/** What could end a line, hide in it or turn it around; our own escapes, and the comma between fields. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}\\,]/gu
const UNSAFE_BYTE = /[^ -~]|[\\,]/g
const CONTROL = /[\p{C}\p{Zl}\p{Zp}]/gu

/**
 * A name from a peer (function, unique id; one latin1 character for each byte) as it stands in a log line.
 * UTF-8 is shown as such, and nothing that a peer sends can end the line or forge a field of it.
 */
export function escapeName(bytes: string): string {
  if (PLAIN.test(bytes)) return bytes
  const text = Buffer.from(bytes, 'latin1').toString('utf8')
  // What is not UTF-8 is shown byte by byte.
  return text.includes('\uFFFD')
    ? bytes.replace(UNSAFE_BYTE, escapeCharacter)
    : text.replace(UNSAFE, escapeCharacter)
}

/** A text of ours that may hold words of others: one line, without control characters. */
export function escapeText(text: string): string {
  return text.replace(CONTROL, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
