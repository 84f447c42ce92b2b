import { type AdminReply, malformedReply, readCounter, tableRows } from './admin-reply.ts'

/**
 * Why a background job is over.
 *
 * - `failed`: its worker said so, or its result was too large.
 * - `exception`: its worker sent an exception.
 * - `lost`: too many workers were lost with it (server option `jobRetries`).
 */
export type FailedJobReason = 'failed' | 'exception' | 'lost'

/** One row of `list failed`. */
export interface FailedJob {
  /** The handle that it had, and has again when it is queued again. */
  readonly handle: string
  /** The task: what the protocol calls function. */
  readonly task: string
  /** The unique id that its client gave it; may be empty. Control characters come as `?`. */
  readonly unique: string
  /** Why it is over. */
  readonly reason: FailedJobReason
  /** Its priority, which it has again when it is queued again. */
  readonly priority: 'high' | 'normal' | 'low'
  /** When the server took it, in milliseconds since 1970. */
  readonly acceptedAt: number
  /** When it failed, in milliseconds since 1970. */
  readonly failedAt: number
  /** How often a worker has lost it. */
  readonly retries: number
  /** How many bytes its worker gets. */
  readonly bytes: number
  /** The first 4096 bytes of the exception, as the worker's encoder made them; `undefined` without one. */
  readonly exception: Buffer | undefined
  /** How many bytes the exception has. */
  readonly exceptionBytes: number
}

const ROW =
  'HANDLE\\tTASK\\tREASON\\tPRIORITY\\tACCEPTED\\tFAILED\\tRETRIES\\tBYTES\\tEXCEPTIONBYTES\\tEXCEPTION\\tUNIQUE'
const REASONS: readonly FailedJobReason[] = ['failed', 'exception', 'lost']
const PRIORITIES: readonly FailedJob['priority'][] = ['high', 'normal', 'low']

/**
 * `list failed`, a command of the bundled server. Columns behind the known ones are ignored.
 *
 * @throws ServerError for an `ERR` line
 * @throws ProtocolError for a row of another shape
 */
export function parseFailedList(reply: AdminReply): FailedJob[] {
  return tableRows(reply).map((row) => {
    const job = readFailedJob(row.split('\t'))
    if (job === undefined) throw malformedReply(reply, row, ROW)
    return job
  })
}

function readFailedJob(columns: readonly string[]): FailedJob | undefined {
  const [handle = '', task = '', reasonText, priorityText, acceptedText, failedText] = columns
  const [retriesText, bytesText, exceptionBytesText, exceptionText = '', unique] = columns.slice(6)
  const reason = REASONS.find((known) => known === reasonText)
  const priority = PRIORITIES.find((known) => known === priorityText)
  const acceptedAt = readTime(acceptedText)
  const failedAt = readTime(failedText)
  if (handle === '' || reason === undefined || priority === undefined) return undefined
  if (acceptedAt === undefined || failedAt === undefined || unique === undefined) return undefined
  const counts = [retriesText, bytesText, exceptionBytesText].map(readCounter)
  if (counts.includes(undefined) || !/^(-|[A-Za-z\d+/]+={0,2})$/.test(exceptionText))
    return undefined
  const [retries = 0, bytes = 0, exceptionBytes = 0] = counts
  const exception = exceptionText === '-' ? undefined : Buffer.from(exceptionText, 'base64')
  return {
    ...{ handle, task, unique, reason, priority, acceptedAt, failedAt },
    ...{ retries, bytes, exception, exceptionBytes },
  }
}

/** Seconds with three places, as milliseconds. */
function readTime(text = ''): number | undefined {
  return /^\d{1,12}\.\d{3}$/.test(text) ? Number(text.replace('.', '')) : undefined
}
