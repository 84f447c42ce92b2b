import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { MAX_FUNCTION_BYTES, MAX_UNIQUE_BYTES } from '../protocol/limits.ts'

/**
 * Checks a task name: 1 to 512 bytes of UTF-8 without NUL.
 *
 * @throws InvalidArgumentError otherwise
 */
export function checkTask(task: unknown): string {
  return checkName('task', task, 1, MAX_FUNCTION_BYTES)
}

/**
 * Checks a unique id: at most 63 bytes of UTF-8 without NUL. gearmand corrupts the payload of a job
 * whose unique id has exactly 64.
 *
 * @throws InvalidArgumentError otherwise
 */
export function checkUnique(unique: unknown): string {
  return checkName('unique', unique, 0, MAX_UNIQUE_BYTES)
}

/**
 * Checks a text that is an argument of a packet: its length in bytes of UTF-8, and no NUL.
 *
 * @throws InvalidArgumentError otherwise
 */
export function checkName(
  name: string,
  value: unknown,
  minBytes: number,
  maxBytes: number,
): string {
  if (typeof value !== 'string') {
    throw new InvalidArgumentError(name, `must be a string, not ${show(value)}`)
  }
  // Three bytes per unit at most: the short text that nearly all are need not be measured.
  const bytes = value.length * 3 <= maxBytes ? value.length : Buffer.byteLength(value)
  if (bytes < minBytes || bytes > maxBytes) {
    throw new InvalidArgumentError(name, `must have ${minBytes} to ${maxBytes} bytes, not ${bytes}`)
  }
  if (value.includes('\0')) throw new InvalidArgumentError(name, 'must not hold a NUL')
  return value
}
