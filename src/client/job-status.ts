import { argumentEnd } from '../protocol/arguments.ts'
import { PacketType } from '../protocol/packets.ts'

/** What a server says of a job. */
export interface JobStatus {
  /** The handle that was asked for; `undefined` when the question was about a unique id. */
  readonly handle: string | undefined
  /** The unique id that was asked for; `undefined` when the question was about a handle. */
  readonly unique: string | undefined
  /** The server that answered, as `host:port`. */
  readonly server: string
  /** Whether the server has the job; of finished jobs it knows nothing. */
  readonly known: boolean
  /** Whether a worker has the job. */
  readonly running: boolean
  /** How far it is, as the worker reported it last; 0 before. */
  readonly numerator: number
  /** Of how much. */
  readonly denominator: number
  /** How many foreground submissions wait for it; only in answers about a unique id. */
  readonly clients: number | undefined
  /** When this arrived, in milliseconds since 1970. */
  readonly timeReceived: number
}

/**
 * Reads STATUS_RES or STATUS_RES_UNIQUE (PROTOCOL, "Client Responses").
 *
 * The first argument of the latter is the unique id, whatever the document says.
 */
export function readStatus(type: number, body: Buffer, server: string): JobStatus {
  const fields = body.toString('utf8').split('\0')
  const isUnique = type === PacketType.STATUS_RES_UNIQUE
  const [key = '', known, running, numerator, denominator, clients] = fields
  return {
    handle: isUnique ? undefined : key,
    unique: isUnique ? key : undefined,
    server,
    known: known === '1',
    running: running === '1',
    numerator: toNumber(numerator),
    denominator: toNumber(denominator),
    clients: isUnique ? toNumber(clients) : undefined,
    timeReceived: Date.now(),
  }
}

/** Reads WORK_STATUS: the worker's own report, passed on. Workers may send fractions. */
export function readWorkStatus(body: Buffer, handle: string, server: string): JobStatus {
  const start = argumentEnd(PacketType.WORK_STATUS, body, 0) + 1
  const end = argumentEnd(PacketType.WORK_STATUS, body, start)
  return {
    handle,
    unique: undefined,
    server,
    known: true,
    running: true,
    numerator: toNumber(body.toString('latin1', start, end)),
    denominator: toNumber(body.toString('latin1', end + 1)),
    clients: undefined,
    timeReceived: Date.now(),
  }
}

/** Servers pass on whatever a worker wrote there; what is no number counts as 0. */
function toNumber(text: string | undefined): number {
  const value = Number.parseFloat(text ?? '')
  return Number.isFinite(value) ? value : 0
}
