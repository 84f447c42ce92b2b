import type { AnyEncoder } from '../encoders/data-encoder.ts'
import { detachFrom } from '../encoders/detach.ts'
import { argumentEnd } from '../protocol/arguments.ts'
import { RESULT_STATES } from '../protocol/own-packets.ts'
import { PacketType } from '../protocol/packets.ts'
import type { WaitOptions } from './client-options.ts'

/** What holds for each {@link JobResult}. */
export interface JobResultSource {
  /** The handle of the job; `undefined` when a server that was asked for a unique id knows none. */
  readonly handle: string | undefined
  /** The server that answered, as `host:port`. */
  readonly server: string
}

/** A {@link JobResult} without data. */
export interface JobWithoutResult extends JobResultSource {
  /** See {@link JobResult}. */
  readonly state: 'unknown' | 'queued' | 'running' | 'failed'
}

/** The {@link JobResult} of a job that is complete. */
export interface CompleteJobResult<Result = unknown> extends JobResultSource {
  /** See {@link JobResult}. */
  readonly state: 'complete'
  /** What its worker returned, decoded. */
  readonly result: Result
}

/** The {@link JobResult} of a job whose worker threw. */
export interface ExceptionJobResult extends JobResultSource {
  /** See {@link JobResult}. */
  readonly state: 'exception'
  /** What its worker threw, decoded; a Buffer when it cannot be. */
  readonly exception: unknown
}

/**
 * What became of a background job.
 *
 * - `unknown`: the server never had it, keeps its result no longer, or it was cancelled.
 * - `queued`, `running`: it is not over.
 * - `complete`: `result` is what its worker returned.
 * - `failed`: its worker said so, or too many workers were lost with it.
 * - `exception`: `exception` is what its worker threw, as in {@link JobExceptionError}; a Buffer when it cannot
 *   be decoded.
 */
export type JobResult<Result = unknown> =
  | JobWithoutResult
  | CompleteJobResult<Result>
  | ExceptionJobResult

/** What {@link GearmanClient.getJobResult} takes. */
export interface JobResultOptions<Task extends string = string> extends WaitOptions {
  /** The task of the job, whose encoder decodes the result. Default: the encoder of tasks without one of their own. */
  readonly task?: Task | undefined
}

/** RESULT_RES, with its data as it came. */
export interface RawJobResult extends JobResultSource {
  readonly state: JobResult['state']
  readonly data: Buffer
}

/**
 * Reads RESULT_RES.
 *
 * @returns `undefined` when it makes no sense
 */
export function readResult(body: Buffer, server: string): RawJobResult | undefined {
  const type = PacketType.RESULT_RES
  const handleEnd = argumentEnd(type, body, 0)
  const uniqueEnd = argumentEnd(type, body, handleEnd + 1)
  const stateEnd = argumentEnd(type, body, uniqueEnd + 1)
  const name = body.toString('latin1', uniqueEnd + 1, stateEnd)
  const state = RESULT_STATES.find((known) => known === name)
  if (state === undefined) return undefined
  const handle = handleEnd === 0 ? undefined : body.toString('latin1', 0, handleEnd)
  return { handle, server, state, data: detachFrom(body, stateEnd + 1) }
}

/**
 * Decodes what a server has kept.
 *
 * @throws EncodingError for a result that cannot be decoded
 */
export function decodeResult(raw: RawJobResult, encoder: AnyEncoder): JobResult {
  const { handle, server, state, data } = raw
  if (state === 'complete') return { handle, server, state, result: encoder.decode(data) }
  if (state !== 'exception') return { handle, server, state }
  return { handle, server, state, exception: decodeException(data, encoder) }
}

function decodeException(data: Buffer, encoder: AnyEncoder): unknown {
  try {
    return encoder.decodeError(data)
  } catch {
    // Kept as bytes (design 3.7).
    return data
  }
}
