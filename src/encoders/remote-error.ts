import type { ErrorReport } from './error-report.ts'

/** How many causes are followed. */
const MAX_CAUSES = 8
/** `Name: message`, where the name is that of an error: JavaScript's, Python's, PHP's or Perl's, with its namespace. */
const NAMED = /^([A-Za-z_][\w\\.:$]*(?:Error|Exception|Warning|Interrupt|Exit))(?:: ([\s\S]*))?$/

/**
 * What a worker threw, as an error again: the `cause` of a `JobExceptionError`. Made of the structure that
 * JSON, MessagePack and PHP data have, or of a text like `ValueError: out of range`. Its stack is the worker's own
 * affair: it has none.
 */
export class RemoteError extends Error {
  /** The error's own `code`, where the worker sent one. */
  declare readonly code?: string | number

  constructor({ name, message, code, cause }: ErrorReport, depth = 0) {
    const isFollowed = cause !== undefined && depth < MAX_CAUSES
    super(message, isFollowed ? { cause: new RemoteError(cause, depth + 1) } : undefined)
    this.name = name
    if (code !== undefined) this.code = code
    // The one of this process would lead to where it was rebuilt.
    this.stack = message === '' ? name : `${name}: ${message}`
  }
}

/** The error that an exception stands for; `undefined` when it says nothing that could be one. */
export function rebuildError(exception: unknown): Error | undefined {
  if (exception instanceof Error) return exception
  const report = typeof exception === 'string' ? readText(exception) : readReport(exception, 0)
  return report === undefined ? undefined : new RemoteError(report)
}

function readText(text: string): ErrorReport {
  const trimmed = text.trimEnd()
  const [, name, message = ''] = NAMED.exec(trimmed) ?? []
  return name === undefined ? { name: 'Error', message: trimmed } : { name, message }
}

/** Whatever another program sent: only what is as it should be is taken. */
function readReport(value: unknown, depth: number): ErrorReport | undefined {
  if (typeof value !== 'object' || value === null || depth > MAX_CAUSES) return undefined
  const { name, message, code, cause } = value as Partial<Record<keyof ErrorReport, unknown>>
  if (typeof message !== 'string') return undefined
  const below = typeof cause === 'string' ? readText(cause) : readReport(cause, depth + 1)
  return {
    name: typeof name === 'string' && name !== '' ? name : 'Error',
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(below !== undefined && { cause: below }),
  }
}
