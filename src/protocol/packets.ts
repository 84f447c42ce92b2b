/**
 * Every binary packet of the Gearman protocol, in one table.
 *
 * The arguments of a packet are joined by NUL bytes; only the last one may itself hold NULs. Names are
 * those of the PROTOCOL document; where the document and gearmand differ, the table follows gearmand
 * (`libgearman/command.cc`): SUBMIT_REDUCE_JOB has four arguments before the data, of which the fourth is
 * ignored; the first argument of STATUS_RES_UNIQUE is the unique id.
 *
 * From 1000 on they are this package's own: sent only to a peer that asked with OPTION_REQ `gearman-sdk`, or that
 * answered it with OPTION_RES. gearmand closes the connection on a type that it does not know.
 *
 * `magic` says which header a packet travels under: `request` (`\0REQ`, from a client or worker), `response`
 * (`\0RES`, from the server), or `both` (a worker's report, which the server passes on to clients).
 */
export const PACKETS = {
  CAN_DO: { code: 1, magic: 'request', args: ['function'] },
  CANT_DO: { code: 2, magic: 'request', args: ['function'] },
  RESET_ABILITIES: { code: 3, magic: 'request', args: [] },
  PRE_SLEEP: { code: 4, magic: 'request', args: [] },
  // 5 is unused: gearmand answers ERROR INVALID_COMMAND.
  NOOP: { code: 6, magic: 'response', args: [] },
  SUBMIT_JOB: { code: 7, magic: 'request', args: ['function', 'unique', 'data'] },
  JOB_CREATED: { code: 8, magic: 'response', args: ['handle'] },
  GRAB_JOB: { code: 9, magic: 'request', args: [] },
  NO_JOB: { code: 10, magic: 'response', args: [] },
  JOB_ASSIGN: { code: 11, magic: 'response', args: ['handle', 'function', 'data'] },
  WORK_STATUS: { code: 12, magic: 'both', args: ['handle', 'numerator', 'denominator'] },
  WORK_COMPLETE: { code: 13, magic: 'both', args: ['handle', 'data'] },
  WORK_FAIL: { code: 14, magic: 'both', args: ['handle'] },
  GET_STATUS: { code: 15, magic: 'request', args: ['handle'] },
  ECHO_REQ: { code: 16, magic: 'request', args: ['data'] },
  ECHO_RES: { code: 17, magic: 'response', args: ['data'] },
  SUBMIT_JOB_BG: { code: 18, magic: 'request', args: ['function', 'unique', 'data'] },
  ERROR: { code: 19, magic: 'response', args: ['code', 'text'] },
  STATUS_RES: {
    code: 20,
    magic: 'response',
    args: ['handle', 'known', 'running', 'numerator', 'denominator'],
  },
  SUBMIT_JOB_HIGH: { code: 21, magic: 'request', args: ['function', 'unique', 'data'] },
  SET_CLIENT_ID: { code: 22, magic: 'request', args: ['id'] },
  CAN_DO_TIMEOUT: { code: 23, magic: 'request', args: ['function', 'timeout'] },
  ALL_YOURS: { code: 24, magic: 'request', args: [] },
  WORK_EXCEPTION: { code: 25, magic: 'both', args: ['handle', 'data'] },
  OPTION_REQ: { code: 26, magic: 'request', args: ['option'] },
  OPTION_RES: { code: 27, magic: 'response', args: ['option'] },
  WORK_DATA: { code: 28, magic: 'both', args: ['handle', 'data'] },
  WORK_WARNING: { code: 29, magic: 'both', args: ['handle', 'data'] },
  GRAB_JOB_UNIQ: { code: 30, magic: 'request', args: [] },
  JOB_ASSIGN_UNIQ: { code: 31, magic: 'response', args: ['handle', 'function', 'unique', 'data'] },
  SUBMIT_JOB_HIGH_BG: { code: 32, magic: 'request', args: ['function', 'unique', 'data'] },
  SUBMIT_JOB_LOW: { code: 33, magic: 'request', args: ['function', 'unique', 'data'] },
  SUBMIT_JOB_LOW_BG: { code: 34, magic: 'request', args: ['function', 'unique', 'data'] },
  SUBMIT_JOB_SCHED: {
    code: 35,
    magic: 'request',
    args: ['function', 'unique', 'minute', 'hour', 'mday', 'month', 'wday', 'data'],
  },
  SUBMIT_JOB_EPOCH: { code: 36, magic: 'request', args: ['function', 'unique', 'epoch', 'data'] },
  SUBMIT_REDUCE_JOB: {
    code: 37,
    magic: 'request',
    args: ['function', 'unique', 'reducer', 'aggregator', 'data'],
  },
  SUBMIT_REDUCE_JOB_BACKGROUND: {
    code: 38,
    magic: 'request',
    args: ['function', 'unique', 'reducer', 'aggregator', 'data'],
  },
  GRAB_JOB_ALL: { code: 39, magic: 'request', args: [] },
  JOB_ASSIGN_ALL: {
    code: 40,
    magic: 'response',
    args: ['handle', 'function', 'unique', 'reducer', 'data'],
  },
  GET_STATUS_UNIQUE: { code: 41, magic: 'request', args: ['unique'] },
  STATUS_RES_UNIQUE: {
    code: 42,
    magic: 'response',
    args: ['unique', 'known', 'running', 'numerator', 'denominator', 'clients'],
  },
  // One of the two is empty.
  GET_RESULT: { code: 1000, magic: 'request', args: ['handle', 'unique'] },
  RESULT_RES: { code: 1001, magic: 'response', args: ['handle', 'unique', 'state', 'data'] },
} as const

/** The name of a packet, as the PROTOCOL document prints it. */
export type PacketName = keyof typeof PACKETS

/** The names of a packet's arguments, in wire order. */
export type ArgumentName<Name extends PacketName> = (typeof PACKETS)[Name]['args'][number]

type PacketTypes = { readonly [Name in PacketName]: (typeof PACKETS)[Name]['code'] }

/** Packet name to type number: `PacketType.JOB_CREATED === 8`. */
export const PacketType: PacketTypes = Object.fromEntries(
  Object.entries(PACKETS).map(([name, { code }]) => [name, code]),
  // The entries of PACKETS, one by one: fromEntries cannot know their literal types.
) as PacketTypes

/** What the codec needs of one packet, looked up by type number. */
export interface PacketInfo {
  /** The name of the packet. */
  readonly name: PacketName
  /** The header it travels under. */
  readonly magic: 'request' | 'response' | 'both'
  /** How many arguments it has. */
  readonly argumentCount: number
}

const INFO_BY_TYPE: readonly (PacketInfo | undefined)[] = indexByType()

function indexByType(): (PacketInfo | undefined)[] {
  const table: (PacketInfo | undefined)[] = []
  for (const [name, { code, magic, args }] of Object.entries(PACKETS)) {
    table[code] = { name: name as PacketName, magic, argumentCount: args.length }
  }
  return table
}

/** The packet of a type number; `undefined` for one that is not in the table. */
export function packetInfo(type: number): PacketInfo | undefined {
  return INFO_BY_TYPE[type]
}

/** The name of a packet type for messages: `JOB_CREATED`, or `type 99`. */
export function packetName(type: number): string {
  return INFO_BY_TYPE[type]?.name ?? `type ${type}`
}
