import { ProtocolError, ServerError } from '../errors.ts'

/** The answer to one text command, complete, as the parsers take it. */
export interface AdminReply {
  /** The command as it is typed, for errors. */
  readonly command: string
  /** The server as `host:port`, for errors. */
  readonly server: string
  /** The lines without their ends; a table's closing dot is one of them. */
  readonly lines: readonly string[]
}

/** The line that ends a table. */
export const TABLE_END = '.'

/**
 * Whether a line can only be the error that comes in place of a table: none of the tables whose end is a
 * lone dot has a row that begins like that and holds no tab.
 */
export function isErrorLine(line: string): boolean {
  return (line === 'ERR' || line.startsWith('ERR ')) && !line.includes('\t')
}

/**
 * The rows of a table.
 *
 * @throws ServerError when there is an `ERR` line in place of the table
 * @throws ProtocolError when the closing dot is missing
 */
export function tableRows(reply: AdminReply): readonly string[] {
  const { lines, command, server } = reply
  if (lines.at(-1) === TABLE_END) return lines.slice(0, -1)
  const [first] = lines
  if (lines.length === 1 && first !== undefined) throwServerError(reply, first)
  throw new ProtocolError(
    `${server}: the table of "${command}" ends without its dot after ${lines.length} lines`,
    { server },
  )
}

/**
 * Throws what an `ERR` line says; any other line is let through.
 *
 * gearmand writes `ERR CODE text+with+plus+signs`, or `ERR text with spaces` without a code: then the code
 * is `ERR` (`libgearman-server/text.cc`). Other servers also write `%` escapes.
 */
export function throwServerError({ server }: AdminReply, line: string): void {
  if (line !== 'ERR' && !line.startsWith('ERR ')) return
  const said = line.slice(4).trim()
  const space = said.indexOf(' ')
  const word = space === -1 ? said : said.slice(0, space)
  const isCode = /^[A-Z][A-Z0-9_]*$/.test(word) || /^[a-z]+(?:_[a-z]+)+$/.test(word)
  if (!isCode) throw new ServerError('ERR', said, { server })
  throw new ServerError(word, decodeText(space === -1 ? '' : said.slice(space + 1)), { server })
}

/**
 * What follows `OK`.
 *
 * @throws ProtocolError when the line does not begin with it
 */
export function okText(reply: AdminReply, line: string): string {
  if (line === 'OK') return ''
  if (!line.startsWith('OK ')) throw malformedReply(reply, line, 'OK')
  return line.slice(3).trim()
}

/** A decimal number, zero or more; `undefined` for any other text. */
export function readCounter(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  return Number(text)
}

/** A flag: `1` or `0`; `undefined` for any other text. */
export function readFlag(text: string | undefined): boolean | undefined {
  if (text === '1') return true
  return text === '0' ? false : undefined
}

/** The error about a line of another shape than `shape`. Tells its shape, never its content. */
export function malformedReply(reply: AdminReply, line: string, shape: string): ProtocolError {
  const { command, server } = reply
  const columns = line.split('\t').length
  const got = `${line.length} characters${columns === 1 ? '' : ` in ${columns} columns`}`
  return new ProtocolError(`${server}: "${command}" must answer ${shape}, not ${got}`, { server })
}

/** `An+incomplete+set` to `An incomplete set`. Text with spaces is not encoded. */
function decodeText(text: string): string {
  if (text.includes(' ')) return text
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced // A `%` that is no escape: gearmand does not escape anything else.
  }
}
