import type { Peer } from '../queue/peer.ts'
import { requeue } from './failed-commands.ts'
import { create, drop, maxqueue } from './function-commands.ts'
import { getpid, verbose, version } from './info-commands.ts'
import { cancel, show } from './job-commands.ts'
import { list } from './list-commands.ts'
import { kick, pause, purge, resume } from './queue-commands.ts'
import { prioritystatus, status, workers } from './status-commands.ts'
import {
  OK,
  type TextCommand,
  type TextCommandContext,
  type TextReply,
  unknownCommand,
} from './text-command.ts'

/** `shutdown` and `shutdown graceful`: gone from gearmand since 1.1.15, missed by many. */
const shutdown: TextCommand = (words, { server }) => {
  server.shutdown(words[1]?.toLowerCase() === 'graceful')
  return OK
}

/** These stop the server or keep work from being done: not for everybody. */
const RESTRICTED: ReadonlySet<string> = new Set([
  'drop',
  'pause',
  'purge',
  'requeue',
  'resume',
  'shutdown',
])

const COMMANDS: ReadonlyMap<string, TextCommand> = new Map([
  ['cancel', cancel],
  ['create', create],
  ['drop', drop],
  ['getpid', getpid],
  ['kick', kick],
  ['list', list],
  ['maxqueue', maxqueue],
  ['pause', pause],
  ['prioritystatus', prioritystatus],
  ['purge', purge],
  ['requeue', requeue],
  ['resume', resume],
  ['show', show],
  ['shutdown', shutdown],
  ['status', status],
  ['verbose', verbose],
  ['version', version],
  ['workers', workers],
])

/**
 * Runs one text command (gearmand `libgearman-server/text.cc` server_run_text).
 *
 * @param line - without its line end, each byte as one character. Words are separated by spaces; command
 * words may be in any case.
 * @param peer - who gives it
 */
export function runTextCommand(line: string, context: TextCommandContext, peer: Peer): TextReply {
  const words = splitWords(line)
  const [command = ''] = words
  const name = command.toLowerCase()
  const run = COMMANDS.get(name)
  if (run === undefined) return unknownCommand(command)
  if (RESTRICTED.has(name) && !context.server.mayAdminister(peer)) return notAllowed(name, peer)
  return run(words, context)
}

function notAllowed(command: string, { address }: Peer): string {
  return `ERR NOT_ALLOWED The+command+${command}+is+not+allowed+from+${address}\r\n`
}

/**
 * Runs of spaces separate words. As in gearmand a space in front makes an empty command word, spaces at the end make an
 * empty last one, which counts, and a word ends at a NUL (`libgearman-server/plugins/protocol/gear/protocol.cc`).
 */
function splitWords(line: string): string[] {
  const words = line.split(/ +/)
  return line.includes('\0') ? words.map((word) => word.replace(/\0.*$/s, '')) : words
}
