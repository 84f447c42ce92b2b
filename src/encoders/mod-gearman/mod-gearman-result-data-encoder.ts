import { EncodingError } from '../../errors.ts'
import { DataEncoder } from '../data-encoder.ts'
import { ModGearmanEnvelope, type ModGearmanOptions } from './envelope.ts'
import { type FieldTable, type FieldValues, readFields, writeFields } from './fields.ts'

/** The result of a check, for a monitoring core that has mod_gearman. Times are milliseconds. */
export interface ModGearmanResult extends FieldValues {
  /** The host that was checked. */
  readonly hostName: string
  /** Left out: the result is the host's own. */
  readonly serviceDescription?: string | undefined
  /** 0 OK, 1 warning, 2 critical, 3 unknown; of a host 0 is up. */
  readonly returnCode: number
  /**
   * What the plugin printed. Line breaks travel as the two characters `\n`, so that a backslash before an `n` comes out
   * as a line break.
   */
  readonly output: string
  /** `nextCheck` of the job: milliseconds since 1970. The core makes its latency of it. */
  readonly coreStartTime?: number | undefined
  /** When the command was started: milliseconds since 1970. */
  readonly startTime?: number | undefined
  /** When the command had ended: milliseconds since 1970. */
  readonly finishTime?: number | undefined
  /** Whether the command ended by itself. */
  readonly exitedOk?: boolean | undefined
  /** Whether it was ended because it ran for too long. */
  readonly earlyTimeout?: boolean | undefined
  /** Milliseconds that are added to the latency. */
  readonly latency?: number | undefined
  /** Who ran it. */
  readonly source?: string | undefined
  /** `passive`: nobody asked for this check. */
  readonly type?: 'active' | 'passive' | undefined
}

const EMPTY = Buffer.alloc(0)
/** In the order of mod_gearman's worker, but that the output is last. */
const FIELDS: FieldTable = [
  ['type', 'type', 'text'],
  ['host_name', 'hostName', 'text'],
  ['core_start_time', 'coreStartTime', 'time'],
  ['start_time', 'startTime', 'time'],
  ['finish_time', 'finishTime', 'time'],
  ['latency', 'latency', 'seconds'],
  ['return_code', 'returnCode', 'integer'],
  ['exited_ok', 'exitedOk', 'flag'],
  ['early_timeout', 'earlyTimeout', 'flag'],
  ['source', 'source', 'text'],
  ['service_description', 'serviceDescription', 'text'],
  ['output', 'output', 'lines'],
]

/**
 * Results of checks, which workers of mod_gearman submit as background jobs of the task that the check names as its
 * `resultQueue`, and passive results of anybody.
 */
export class ModGearmanResultDataEncoder extends DataEncoder<
  ModGearmanResult | undefined,
  ModGearmanResult
> {
  readonly #envelope: ModGearmanEnvelope

  /** @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for no usable key */
  constructor(options: ModGearmanOptions) {
    super()
    this.#envelope = new ModGearmanEnvelope(options)
  }

  /**
   * `undefined`, which is what the callback of a worker returns, is an empty payload.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) without a host, return code or output, and for a value that does
   * not fit on one line
   */
  encode(value: ModGearmanResult | undefined): Uint8Array {
    if (value === undefined) return EMPTY
    return this.#envelope.seal(writeFields(FIELDS, checkResult(value)))
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when it is no result of mod_gearman, or encrypted with another key
   */
  decode(bytes: Buffer): ModGearmanResult {
    return checkResult(readFields(FIELDS, this.#envelope.open(bytes)))
  }
}

function checkResult(value: unknown): ModGearmanResult {
  const { hostName, returnCode, output } = Object(value) as Partial<
    Record<keyof ModGearmanResult, unknown>
  >
  const isWhole = typeof hostName === 'string' && hostName !== '' && typeof output === 'string'
  if (isWhole && typeof returnCode === 'number') return value as ModGearmanResult
  throw new EncodingError('a result of mod_gearman must have a host, a return code and an output')
}
