import { EncodingError } from '../../errors.ts'
import { DataEncoder } from '../data-encoder.ts'
import { ModGearmanEnvelope, type ModGearmanOptions } from './envelope.ts'
import { type FieldTable, type FieldValues, readFields, writeFields } from './fields.ts'

/** What a job of mod_gearman is about. */
export type ModGearmanJobType = 'host' | 'service' | 'eventhandler' | 'notification'

/** A job that a monitoring core gives to mod_gearman's workers: a command to run. Times are milliseconds. */
export interface ModGearmanJob extends FieldValues {
  /** What is to be run. */
  readonly type: ModGearmanJobType
  /** The command to run. It comes from whoever has the key: run it only where that is meant. */
  readonly commandLine: string
  /** The task that takes the result, of a host or service check: `check_results`. */
  readonly resultQueue?: string | undefined
  /** The task that this job was submitted as, such as `service` or `hostgroup_web`. */
  readonly targetQueue?: string | undefined
  /** The host that it is about. */
  readonly hostName?: string | undefined
  /** Of a service check. */
  readonly serviceDescription?: string | undefined
  /** When the check was to begin: milliseconds since 1970. */
  readonly startTime?: number | undefined
  /** When the check was due: milliseconds since 1970. A result carries it back as `coreStartTime`. */
  readonly nextCheck?: number | undefined
  /** When the core made the job: milliseconds since 1970. */
  readonly coreTime?: number | undefined
  /** How long the command may run: milliseconds; written as whole seconds, rounded up. */
  readonly timeout?: number | undefined
  /** Of a notification: who is told. */
  readonly contact?: string | undefined
  /** Of a notification. */
  readonly pluginOutput?: string | undefined
  /** Of a notification. */
  readonly longPluginOutput?: string | undefined
}

/** In the order in which mod_gearman writes them (neb_module/mod_gearman.c). */
const FIELDS: FieldTable = [
  ['type', 'type', 'text'],
  ['result_queue', 'resultQueue', 'text'],
  ['target_queue', 'targetQueue', 'text'],
  ['host_name', 'hostName', 'text'],
  ['service_description', 'serviceDescription', 'text'],
  ['start_time', 'startTime', 'time'],
  ['next_check', 'nextCheck', 'time'],
  ['core_time', 'coreTime', 'time'],
  ['timeout', 'timeout', 'whole seconds'],
  ['contact', 'contact', 'text'],
  ['command_line', 'commandLine', 'text'],
  ['plugin_output', 'pluginOutput', 'lines'],
  ['long_plugin_output', 'longPluginOutput', 'lines'],
]
const EMPTY = Buffer.alloc(0)
const TYPES = new Set<unknown>(['host', 'service', 'eventhandler', 'notification'])

/**
 * Jobs of mod_gearman, which Naemon, Nagios and Icinga give to their workers as tasks like `host`, `service`,
 * `hostgroup_NAME`, `eventhandler` and `notification`. For a worker of such tasks, and for who submits them. The
 * result of a check is a job of its own: see {@link ModGearmanResultDataEncoder}. A callback returns nothing.
 */
export class ModGearmanJobDataEncoder extends DataEncoder<
  ModGearmanJob | undefined,
  ModGearmanJob
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
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) for an unknown type, no command, or a value that does not fit on
   * one line
   */
  encode(value: ModGearmanJob | undefined): Uint8Array {
    if (value === undefined) return EMPTY
    return this.#envelope.seal(writeFields(FIELDS, checkJob(value)))
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when it is no job of mod_gearman, or encrypted with another key
   */
  decode(bytes: Buffer): ModGearmanJob {
    return checkJob(readFields(FIELDS, this.#envelope.open(bytes)))
  }
}

function checkJob(value: unknown): ModGearmanJob {
  const { type, commandLine } = Object(value) as Partial<Record<keyof ModGearmanJob, unknown>>
  if (!TYPES.has(type)) {
    throw new EncodingError(
      `a job of mod_gearman must have one of the types ${[...TYPES].join(', ')}`,
    )
  }
  if (typeof commandLine !== 'string' || commandLine === '') {
    throw new EncodingError('a job of mod_gearman must have a command line')
  }
  return value as ModGearmanJob
}
