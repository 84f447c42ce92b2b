import { detach } from '../detach.ts'
import { parseFloat64, parseInteger } from './read-numbers.ts'
import { isUtf8, takeLatin1Line, takeLine } from './read-text.ts'
import { COST, type UnpickleState } from './unpickle-state.ts'

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
}
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|\n|([abfnrtv\\'"]))/g
const UNICODE_ESCAPE = /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g

/** INT: a number, or a bool as Python 2 and protocols 0 and 1 write it. */
export function int(state: UnpickleState): void {
  const line = takeLatin1Line(state)
  if (line === '01') state.push(true)
  else if (line === '00') state.push(false)
  else state.push(parseInteger(state, line))
}

export function long(state: UnpickleState): void {
  state.push(parseInteger(state, takeLatin1Line(state)))
}

export function float(state: UnpickleState): void {
  state.push(parseFloat64(state, takeLatin1Line(state)))
}

/** UNICODE: latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
export function unicode(state: UnpickleState): void {
  const line = takeLatin1Line(state)
  if (!line.includes('\\')) {
    state.push(line)
    return
  }
  const text = line.replace(UNICODE_ESCAPE, (_escape, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16)
    if (code > 0x10_ffff) throw state.fault('its line has a character that is none')
    return String.fromCodePoint(code)
  })
  state.push(text)
}

/** STRING: a `str` of Python 2 as its `repr` writes it. */
export function string(state: UnpickleState): void {
  const line = takeLatin1Line(state).trim()
  const quote = line[0]
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote) {
    throw state.fault('its line is no quoted string')
  }
  const text = line.slice(1, -1).replace(ESCAPE, (sequence, hex?: string, octal?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
    return String.fromCharCode(SIMPLE_ESCAPES[sequence.slice(1)] ?? 0)
  })
  state.push(decodeStr(state, Buffer.from(text, 'latin1')))
}

/** BINSTRING and SHORT_BINSTRING: a `str` of Python 2. */
export function binString(state: UnpickleState, size: number): void {
  if (size < 0) throw state.fault('its length is negative')
  const from = state.take(size)
  state.push(decodeStr(state, state.bytes.subarray(from, from + size)))
}

/** The `str` of Python 2 as the option `encoding` wants it. */
function decodeStr(state: UnpickleState, bytes: Buffer): string | Buffer {
  const { encoding } = state.options
  state.charge(COST.container)
  if (encoding === 'latin1') return bytes.toString('latin1')
  if (encoding === 'bytes') return detach(bytes)
  const text = bytes.toString('utf8')
  if (isUtf8(text) || Buffer.from(text, 'utf8').equals(bytes)) return text
  if (encoding === 'auto') return detach(bytes)
  throw state.fault("a str of Python 2 is not UTF-8: see the option 'encoding'")
}

/** The bytes of a `str` of Python 2 that was read by {@link decodeStr}, or `undefined` for what was none. */
export function bytesOfStr(state: UnpickleState, value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value
  if (typeof value !== 'string') return undefined
  return Buffer.from(value, state.options.encoding === 'latin1' ? 'latin1' : 'utf8')
}

/** The number in the line of PUT and GET. */
export function takeIndex(state: UnpickleState): number {
  const { from, to } = takeLine(state)
  const line = state.bytes.toString('latin1', from, Math.min(to, from + 20))
  if (!/^\d{1,15}$/.test(line)) throw state.fault('its line is no place in the memo')
  return Number(line)
}
