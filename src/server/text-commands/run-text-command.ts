import { create, drop, maxqueue } from './function-commands.ts'
import { getpid, verbose, version } from './info-commands.ts'
import { cancel, show } from './job-commands.ts'
import { prioritystatus, status, workers } from './status-commands.ts'
import { OK, type TextCommand, type TextCommandContext, unknownCommand } from './text-command.ts'

/** `shutdown` and `shutdown graceful`: gone from gearmand since 1.1.15, missed by many. */
const shutdown: TextCommand = (words, { server }) => {
  server.shutdown(words[1]?.toLowerCase() === 'graceful')
  return OK
}

const COMMANDS: ReadonlyMap<string, TextCommand> = new Map([
  ['cancel', cancel],
  ['create', create],
  ['drop', drop],
  ['getpid', getpid],
  ['maxqueue', maxqueue],
  ['prioritystatus', prioritystatus],
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
 * @returns the reply, line ends included
 */
export function runTextCommand(line: string, context: TextCommandContext): string {
  const words = splitWords(line)
  const [command = ''] = words
  const run = COMMANDS.get(command.toLowerCase())
  return run === undefined ? unknownCommand(command) : run(words, context)
}

/** A leading space makes an empty command word, as in gearmand; other runs of spaces are one. */
function splitWords(line: string): string[] {
  const [command = '', ...rest] = line.split(' ')
  return [command, ...rest.filter((word) => word !== '')]
}
