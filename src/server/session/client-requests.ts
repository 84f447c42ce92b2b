import { PacketType } from '../../protocol/packets.ts'
import { ErrorReplies } from '../queue/error-replies.ts'
import { clientCount, type Job, JobState } from '../queue/job.ts'
import { Priority } from '../queue/priority.ts'
import { parseInt64 } from './c-numbers.ts'
import { endOfArgument, endOfText } from './request-arguments.ts'
import { RequestRefused } from './request-refused.ts'
import type { InPlaceHandler, RequestHandler } from './server-session.ts'

/** gearmand refuses more (`GEARMAN_UNIQUE_SIZE`), and breaks at exactly 64. Here 64 is whole. */
export const MAX_UNIQUE_BYTES = 64
/** `GEARMAN_JOB_HANDLE_SIZE` with its NUL. */
const MAX_HANDLE_BYTES = 63

const KNOWN = '1'
const UNKNOWN = '0'

function submitHandler(priority: Priority, isBackground: boolean): InPlaceHandler {
  return (session, bytes, start, end) => {
    const { maxArgumentBytes } = session.context
    const functionEnd = endOfArgument(bytes, start, maxArgumentBytes, end)
    const uniqueEnd = endOfArgument(bytes, functionEnd + 1, maxArgumentBytes, end)
    session.context.submissions.submit(session.peer, {
      unique: readUnique(bytes, functionEnd + 1, uniqueEnd),
      queue: session.functionNamed(bytes, start, functionEnd),
      reducer: '',
      priority,
      isBackground,
      runAtSeconds: 0,
      body: bytes,
      dataStart: uniqueEnd + 1,
      dataEnd: end,
    })
  }
}

/** SUBMIT_JOB_EPOCH is a background submission of normal priority. */
const submitEpoch: RequestHandler = (session, body) => {
  const { maxArgumentBytes } = session.context
  const functionEnd = endOfArgument(body, 0, maxArgumentBytes)
  const uniqueEnd = endOfArgument(body, functionEnd + 1, maxArgumentBytes)
  const epochEnd = endOfArgument(body, uniqueEnd + 1, maxArgumentBytes)
  const seconds = parseInt64(body.toString('latin1', uniqueEnd + 1, epochEnd))
  if (seconds === undefined) throw new RequestRefused(ErrorReplies.numberTooLarge)
  session.context.submissions.submit(session.peer, {
    unique: readUnique(body, functionEnd + 1, uniqueEnd),
    queue: session.functionNamed(body, 0, functionEnd),
    reducer: '',
    priority: Priority.Normal,
    isBackground: true,
    runAtSeconds: Math.max(0, seconds),
    body,
    dataStart: epochEnd + 1,
    dataEnd: body.length,
  })
}

/** The fourth argument of the reduce packets was once an aggregator; gearmand reads and ignores it. */
function submitReduceHandler(isBackground: boolean): RequestHandler {
  return (session, body) => {
    const { maxArgumentBytes } = session.context
    const functionEnd = endOfArgument(body, 0, maxArgumentBytes)
    const uniqueEnd = endOfArgument(body, functionEnd + 1, maxArgumentBytes)
    const reducerEnd = endOfArgument(body, uniqueEnd + 1, maxArgumentBytes)
    const aggregatorEnd = endOfArgument(body, reducerEnd + 1, maxArgumentBytes)
    session.context.submissions.submit(session.peer, {
      unique: readUnique(body, functionEnd + 1, uniqueEnd),
      reducer: readUnique(body, uniqueEnd + 1, reducerEnd),
      queue: session.functionNamed(body, 0, functionEnd),
      priority: Priority.Normal,
      isBackground,
      runAtSeconds: 0,
      body,
      dataStart: aggregatorEnd + 1,
      dataEnd: body.length,
    })
  }
}

function readUnique(body: Buffer, start: number, end: number): string {
  if (start === end) return ''
  if (end - start > MAX_UNIQUE_BYTES) throw new RequestRefused(ErrorReplies.uniqueTooLarge)
  return body.toString('latin1', start, end)
}

const getStatus: RequestHandler = (session, body) => {
  const end = endOfText(body)
  if (end > MAX_HANDLE_BYTES) throw new RequestRefused(ErrorReplies.handleTooLarge)
  const job = session.context.table.handles.find(body, 0, end)
  session.peer.output.send(PacketType.STATUS_RES, [body.subarray(0, end), ...statusOf(job)])
}

const getStatusUnique: RequestHandler = (session, body) => {
  const end = endOfText(body)
  if (end > MAX_UNIQUE_BYTES) throw new RequestRefused(ErrorReplies.uniqueTooLarge)
  const job = session.context.table.uniques.findUnique(body.toString('latin1', 0, end))
  session.peer.output.send(PacketType.STATUS_RES_UNIQUE, [
    body.subarray(0, end),
    ...statusOf(job),
    String(job === undefined ? 0 : clientCount(job)),
  ])
}

function statusOf(job: Job | undefined): [string, string, string, string] {
  if (job === undefined) return [UNKNOWN, UNKNOWN, '0', '0']
  const running = job.state === JobState.Running ? KNOWN : UNKNOWN
  return [KNOWN, running, String(job.numerator), String(job.denominator)]
}

/** What clients ask most: read where it lies. */
export const SUBMIT_REQUESTS: readonly (readonly [type: number, handler: InPlaceHandler])[] = [
  [PacketType.SUBMIT_JOB, submitHandler(Priority.Normal, false)],
  [PacketType.SUBMIT_JOB_BG, submitHandler(Priority.Normal, true)],
  [PacketType.SUBMIT_JOB_HIGH, submitHandler(Priority.High, false)],
  [PacketType.SUBMIT_JOB_HIGH_BG, submitHandler(Priority.High, true)],
  [PacketType.SUBMIT_JOB_LOW, submitHandler(Priority.Low, false)],
  [PacketType.SUBMIT_JOB_LOW_BG, submitHandler(Priority.Low, true)],
]

/** What else clients ask. */
export const CLIENT_REQUESTS: readonly (readonly [type: number, handler: RequestHandler])[] = [
  [PacketType.SUBMIT_JOB_EPOCH, submitEpoch],
  [PacketType.SUBMIT_REDUCE_JOB, submitReduceHandler(false)],
  [PacketType.SUBMIT_REDUCE_JOB_BACKGROUND, submitReduceHandler(true)],
  [PacketType.GET_STATUS, getStatus],
  [PacketType.GET_STATUS_UNIQUE, getStatusUnique],
]
