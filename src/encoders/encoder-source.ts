import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { AnyEncoder } from './data-encoder.ts'

/** Where an encoder comes from: an instance, or a class that is made without arguments. */
export type EncoderSource<E extends AnyEncoder = AnyEncoder> = E | (new () => E)

const METHODS = ['encode', 'decode', 'encodeError', 'decodeError'] as const

/**
 * The encoder that a source stands for. An encoder of another copy of this package counts as one.
 *
 * @param source - an instance, or a class made without arguments
 * @param argument - how the error names it
 * @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for anything else
 */
export function toEncoder<E extends AnyEncoder>(
  source: EncoderSource<E>,
  argument = 'dataEncoder',
): E {
  const encoder: unknown = typeof source === 'function' ? construct(source, argument) : source
  if (isEncoder<E>(encoder)) return encoder
  throw new InvalidArgumentError(
    argument,
    `must be a DataEncoder or a class of one, not ${show(source)}`,
  )
}

function construct(source: new () => AnyEncoder, argument: string): unknown {
  try {
    return new source()
  } catch (cause) {
    // biome-ignore lint/style/useErrorCause: it is passed on; this class takes it third
    throw new InvalidArgumentError(argument, 'cannot be made without arguments', { cause })
  }
}

function isEncoder<E extends AnyEncoder>(value: unknown): value is E {
  if (typeof value !== 'object' || value === null) return false
  const methods = value as Partial<Record<(typeof METHODS)[number], unknown>>
  return METHODS.every((name) => typeof methods[name] === 'function')
}
