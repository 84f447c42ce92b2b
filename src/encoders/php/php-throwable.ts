import type { ErrorReport } from '../error-report.ts'
import { PhpObject } from './php-values.ts'

/** How many previous exceptions are followed. */
const MAX_CAUSES = 8
/** Where PHP's exceptions and errors keep their message: it is protected in both. */
const MESSAGE = '\0*\0message'

/** What a serialized `Throwable` of PHP says; `undefined` for anything else. */
export function readThrowable(value: unknown, depth = 0): ErrorReport | undefined {
  if (!(value instanceof PhpObject) || depth > MAX_CAUSES) return undefined
  const message = value.properties.get(MESSAGE)
  if (typeof message !== 'string') return undefined
  const code = value.get('code')
  const cause = readThrowable(value.get('previous'), depth + 1)
  const isCode = typeof code === 'string' || (typeof code === 'number' && code !== 0)
  return {
    name: value.className,
    message,
    ...(isCode && { code }),
    ...(cause !== undefined && { cause }),
  }
}
