import type { JobTable } from '../queue/job-table.ts'
import type { Peer } from '../queue/peer.ts'
import { TextStream } from '../queue/text-stream.ts'

/** What text commands see of the server beyond its jobs. */
export interface ServerView {
  /** All open connections, the oldest first. */
  peers(): Iterable<Peer>
  /** Whether a peer may give the commands that stop the server or keep work from being done. */
  mayAdminister(peer: Peer): boolean
  /** What `verbose` answers. */
  readonly verbose: string
  /** Stops the server, after the current command has been answered. */
  shutdown(isGraceful: boolean): void
}

/** What a text command works with. */
export interface TextCommandContext {
  readonly table: JobTable
  readonly server: ServerView
}

/** The answer to a text command, line ends included. One that may be long, or take long, is a stream. */
export type TextReply = string | TextStream

/**
 * One text command: words in, reply out.
 *
 * `words[0]` is the command as it was typed; each character is one byte.
 */
export type TextCommand = (words: readonly string[], context: TextCommandContext) => TextReply

/** A table of one row for each entry; it ends with a line that holds a dot. */
export function formatTable<Entry>(
  entries: Iterable<Entry>,
  formatRow: (entry: Entry) => string,
): TextStream {
  return new TextStream(tableRows(entries, formatRow))
}

function* tableRows<Entry>(
  entries: Iterable<Entry>,
  formatRow: (entry: Entry) => string,
): Generator<string> {
  for (const entry of entries) yield formatRow(entry)
  yield '.\n'
}

/**
 * A name inside a table. A name may hold any byte; a tab or line end among them would forge columns and
 * rows, which gearmand lets happen.
 */
export function formatName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\0-\x1f\x7f]/.test(name) ? name.replace(/[\0-\x1f\x7f]/g, '?') : name
}

/** What the commands that do something answer. */
export const OK = 'OK\r\n'

/** What the commands of ours about one function answer when there is none of that name. */
export const UNKNOWN_FUNCTION = 'ERR UNKNOWN_FUNCTION\r\n'

/** The reply to a command that nobody knows, or that lacks words; it is not separated from its text. */
export function unknownCommand(command: string): string {
  return `ERR UNKNOWN_COMMAND Unknown+server+command${command}\r\n`
}

/** The reply of the commands that name what is missing. */
export function incompleteArguments(command: string): string {
  return `ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+${command}\r\n`
}
