import { checkInteger, checkLimit, show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { KeptLimits } from './queue/kept-outcomes.ts'

/** Which failed jobs a server keeps, as option {@link ServerOptions.keepFailed}. */
export interface KeepFailedOptions {
  /**
   * How many; the oldest go when there are more.
   * @defaultValue 10,000
   */
  readonly maxJobs?: number | undefined
  /**
   * How many bytes of data and exceptions; the oldest go when there are more, and one that is larger by itself
   * is not kept.
   * @defaultValue 64 MiB
   */
  readonly maxBytes?: number | undefined
  /**
   * For how many milliseconds after their end.
   * @defaultValue no limit
   */
  readonly maxAge?: number | undefined
}

/** Which results a server keeps, as option {@link ServerOptions.keepResults}. */
export interface KeepResultsOptions {
  /** For how many milliseconds after the end of a job. `Infinity` for as long as there is room. */
  readonly ttl: number
  /**
   * How many bytes of results and exceptions, with a few hundred for each job; the oldest go when there are more,
   * and one that is larger by itself is not kept.
   * @defaultValue 64 MiB
   */
  readonly maxBytes?: number | undefined
}

const DEFAULT_MAX_FAILED = 10_000
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024

/**
 * Checks the option `keepFailed`.
 *
 * @throws InvalidArgumentError naming what is wrong
 */
export function resolveKeepFailed(value: unknown): KeptLimits | undefined {
  if (value === undefined || value === false) return undefined
  if (value !== true && (typeof value !== 'object' || value === null)) {
    const problem = `must be true, false or an object of limits, not ${show(value)}`
    throw new InvalidArgumentError('keepFailed', problem)
  }
  const { maxJobs, maxBytes, maxAge }: KeepFailedOptions = value === true ? {} : value
  return {
    maxJobs: checkInteger('keepFailed.maxJobs', maxJobs ?? DEFAULT_MAX_FAILED, 1, 2 ** 24),
    maxBytes: checkInteger(
      'keepFailed.maxBytes',
      maxBytes ?? DEFAULT_MAX_BYTES,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    maxAgeMs: checkLimit('keepFailed.maxAge', maxAge ?? Number.POSITIVE_INFINITY, 1),
  }
}

/**
 * Checks the option `keepResults`.
 *
 * @throws InvalidArgumentError naming what is wrong
 */
export function resolveKeepResults(value: unknown): KeptLimits | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    throw new InvalidArgumentError('keepResults', `must be { ttl, maxBytes }, not ${show(value)}`)
  }
  const { ttl, maxBytes } = value as Partial<KeepResultsOptions>
  return {
    maxJobs: Number.POSITIVE_INFINITY,
    maxBytes: checkInteger(
      'keepResults.maxBytes',
      maxBytes ?? DEFAULT_MAX_BYTES,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    maxAgeMs: checkLimit('keepResults.ttl', ttl, 1),
  }
}
