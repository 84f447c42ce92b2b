import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'

/**
 * What a server answers to a text command.
 *
 * - `line`: one line.
 * - `table`: rows until a line that holds nothing but a dot, or one `ERR` line in their place.
 * - `fenced`: lines whose end cannot be told from the lines themselves. An ECHO_REQ is sent behind the
 *   command; its ECHO_RES marks the end, since the replies of a connection come in order.
 */
export type AdminReplyKind = 'line' | 'table' | 'fenced'

/** What is known of one text command. */
export interface AdminCommandInfo {
  /** The words that make the command. */
  readonly words: readonly string[]
  /** The words that must follow, by name. */
  readonly required: readonly string[]
  /** The words that may follow those. */
  readonly optional: readonly string[]
  /** What comes back. */
  readonly reply: AdminReplyKind
  /** Sending it twice does the same as sending it once. */
  readonly isRepeatable: boolean
}

/**
 * Every text command, in one table: PROTOCOL, "Administrative Protocol", and gearmand
 * `libgearman-server/text.cc` (`server_run_text`), where `prioritystatus`, `show`, `cancel`, `create`, `drop`,
 * `getpid`, `verbose` and the limits per priority of `maxqueue` come from.
 *
 * `show unique jobs` is fenced because unique ids may hold anything: an empty line, a lone dot, `ERR`.
 * `drop function` is fenced because gearmand drops every function of that name in any case, and answers
 * one line for each. `shutdown` is gone from gearmand since 1.1.15; other servers still have it. `list`, `pause`,
 * `resume`, `purge`, `kick` and `requeue` are the bundled server's own; gearmand answers `ERR UNKNOWN_COMMAND`.
 */
export const ADMIN_COMMANDS = {
  version: { words: ['version'], required: [], optional: [], reply: 'line', isRepeatable: true },
  getpid: { words: ['getpid'], required: [], optional: [], reply: 'line', isRepeatable: true },
  verbose: { words: ['verbose'], required: [], optional: [], reply: 'line', isRepeatable: true },
  status: { words: ['status'], required: [], optional: [], reply: 'table', isRepeatable: true },
  prioritystatus: {
    words: ['prioritystatus'],
    required: [],
    optional: [],
    reply: 'table',
    isRepeatable: true,
  },
  workers: { words: ['workers'], required: [], optional: [], reply: 'table', isRepeatable: true },
  showJobs: {
    words: ['show', 'jobs'],
    required: [],
    optional: [],
    reply: 'table',
    isRepeatable: true,
  },
  showUniqueJobs: {
    words: ['show', 'unique', 'jobs'],
    required: [],
    optional: [],
    reply: 'fenced',
    isRepeatable: true,
  },
  cancelJob: {
    words: ['cancel', 'job'],
    required: ['handle'],
    optional: [],
    reply: 'line',
    isRepeatable: false,
  },
  createFunction: {
    words: ['create', 'function'],
    required: ['task'],
    optional: [],
    reply: 'line',
    isRepeatable: true,
  },
  dropFunction: {
    words: ['drop', 'function'],
    required: ['task'],
    optional: [],
    reply: 'fenced',
    isRepeatable: false,
  },
  maxqueue: {
    words: ['maxqueue'],
    required: ['task'],
    optional: ['high', 'normal', 'low'],
    reply: 'line',
    isRepeatable: true,
  },
  listFunctions: {
    words: ['list', 'functions'],
    required: [],
    optional: [],
    reply: 'table',
    isRepeatable: true,
  },
  listJobs: {
    words: ['list', 'jobs'],
    required: ['task'],
    optional: ['limit'],
    reply: 'table',
    isRepeatable: true,
  },
  pauseFunction: {
    words: ['pause', 'function'],
    required: ['task'],
    optional: [],
    reply: 'line',
    isRepeatable: true,
  },
  resumeFunction: {
    words: ['resume', 'function'],
    required: ['task'],
    optional: [],
    reply: 'line',
    isRepeatable: true,
  },
  purgeFunction: {
    words: ['purge', 'function'],
    required: ['task'],
    optional: [],
    reply: 'line',
    isRepeatable: false,
  },
  kickFunction: {
    words: ['kick', 'function'],
    required: ['task'],
    optional: ['count'],
    reply: 'line',
    isRepeatable: false,
  },
  kickJob: {
    words: ['kick', 'job'],
    required: ['handle'],
    optional: [],
    reply: 'line',
    isRepeatable: false,
  },
  listFailed: {
    words: ['list', 'failed'],
    required: [],
    optional: ['task', 'limit'],
    reply: 'table',
    isRepeatable: true,
  },
  requeueFailed: {
    words: ['requeue', 'failed'],
    required: ['which'],
    optional: [],
    reply: 'line',
    isRepeatable: false,
  },
  purgeFailed: {
    words: ['purge', 'failed'],
    required: ['which'],
    optional: [],
    reply: 'line',
    isRepeatable: false,
  },
  shutdown: {
    words: ['shutdown'],
    required: [],
    optional: ['graceful'],
    reply: 'line',
    isRepeatable: false,
  },
} as const

/** The name of a text command. */
export type AdminCommandName = keyof typeof ADMIN_COMMANDS

/** What the table says of a command. */
export function adminCommandInfo(name: AdminCommandName): AdminCommandInfo {
  return ADMIN_COMMANDS[name]
}

/** A command as it is typed, without its arguments: `show unique jobs`. */
export function adminCommandText(name: AdminCommandName): string {
  return ADMIN_COMMANDS[name].words.join(' ')
}

/**
 * One text command as bytes.
 *
 * The line ends with `\r\n`, as gearadmin's do: gearmand takes two bytes off the end of a line that holds
 * `create function`, whatever they are (`libgearman-server/text.cc`).
 *
 * @throws InvalidArgumentError for a wrong number of arguments, or one that is not a word
 */
export function encodeAdminCommand(
  name: AdminCommandName,
  args: readonly (string | number)[] = [],
): Buffer {
  const { words, required, optional } = adminCommandInfo(name)
  const names = [...required, ...optional]
  if (args.length < required.length || args.length > names.length) {
    throw new InvalidArgumentError(
      'arguments',
      `of "${words.join(' ')}" must be ${required.length} to ${names.length}, not ${args.length}`,
    )
  }
  const checked = args.map((arg, index) => checkWord(names[index] ?? 'argument', String(arg)))
  return Buffer.from(`${[...words, ...checked].join(' ')}\r\n`)
}

/**
 * Checks that a text is one word of a command: not empty, no white space of ASCII, no NUL.
 *
 * @throws InvalidArgumentError otherwise
 */
export function checkWord(name: string, word: string): string {
  if (word === '' || /[\0\t\n\v\f\r ]/.test(word)) {
    throw new InvalidArgumentError(
      name,
      `must be one word without white space and NUL, to be sent as text: ${show(word)}`,
    )
  }
  return word
}
