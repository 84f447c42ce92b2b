import type { UnpickleState } from './unpickle-state.ts'

/** Shorter strings are put together here: a call into the engine takes longer. */
const SHORT_BYTES = 24
/** An array for each length of short strings, to be filled with their characters. */
const CHARACTERS: readonly number[][] = /* @__PURE__ */ Array.from(
  { length: SHORT_BYTES + 1 },
  (_, length) => new Array<number>(length).fill(0),
)
const REPLACEMENT = '\ufffd'

/**
 * UTF-8 as Python's pickle writes it, where halves of a surrogate pair have a form of their own (`surrogatepass`).
 *
 * @param from - the first byte
 * @param to - the byte after the last
 */
export function readText(state: UnpickleState, from: number, to: number): string {
  const { bytes } = state
  const characters = CHARACTERS[to - from]
  if (characters === undefined) return readLongText(state, from, to)
  for (let index = 0; index < characters.length; index += 1) {
    const byte = bytes[from + index] as number
    if (byte > 0x7f) return readLongText(state, from, to)
    characters[index] = byte
  }
  return String.fromCharCode.apply(null, characters)
}

function readLongText(state: UnpickleState, from: number, to: number): string {
  const text = state.bytes.toString('utf8', from, to)
  // A replacement character stands for a fault, or was there before.
  if (!text.includes(REPLACEMENT)) return text
  const units: string[] = []
  let at = from
  while (at < to) {
    const { code, size } = codePoint(state, at, to)
    units.push(String.fromCodePoint(code))
    at += size
  }
  return units.join('')
}

/** Whether some bytes are text by the rules of {@link readText}, halves of a pair excepted. */
export function isUtf8(text: string): boolean {
  return !text.includes(REPLACEMENT)
}

function codePoint(
  state: UnpickleState,
  at: number,
  to: number,
): { readonly code: number; readonly size: number } {
  const first = state.bytes[at] as number
  if (first < 0x80) return { code: first, size: 1 }
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  let code = first & (0x7f >> size)
  for (let next = at + 1; next < at + size; next += 1) {
    const byte = next < to ? (state.bytes[next] as number) : 0
    if ((byte & 0xc0) !== 0x80) throw invalid(state, at)
    code = (code << 6) | (byte & 0x3f)
  }
  const smallest = [0x80, 0x80, 0x80, 0x800, 0x1_0000][size] as number
  if (first < 0xc0 || first > 0xf7 || code < smallest || code > 0x10_ffff) throw invalid(state, at)
  return { code, size }
}

function invalid(state: UnpickleState, at: number): Error {
  return state.fault(`the byte at offset ${at} is not UTF-8`)
}

/** Takes a line of text without its end. */
export function takeLine(state: UnpickleState): { readonly from: number; readonly to: number } {
  const from = state.position
  const to = state.bytes.indexOf(0x0a, from)
  if (to < 0) throw state.fault('the line that it takes has no end')
  state.position = to + 1
  return { from, to }
}

/** Takes a line of characters up to U+00FF. */
export function takeLatin1Line(state: UnpickleState): string {
  const { from, to } = takeLine(state)
  return state.bytes.toString('latin1', from, to)
}
