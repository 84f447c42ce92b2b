import { MAX_CLIENT_ID_BYTES } from '../../protocol/limits.ts'
import { PacketType } from '../../protocol/packets.ts'
import { ErrorReplies, type ErrorReply } from '../queue/error-replies.ts'
import type { Job } from '../queue/job.ts'
import type { Peer } from '../queue/peer.ts'
import { parseInt64, parseUint32 } from './c-numbers.ts'
import { endOfArgument, endOfText } from './request-arguments.ts'
import { RequestRefused } from './request-refused.ts'
import type { InPlaceHandler, RequestHandler, ServerSession } from './server-session.ts'

/** `GEARMAN_JOB_HANDLE_SIZE` with its NUL. */
const MAX_HANDLE_BYTES = 63
/** gearmand's buffer for the denominator of WORK_STATUS (`libgearman-server/server.cc`). */
const MAX_DENOMINATOR_BYTES = 11
/** What gearmand reads of it; the last place is for its NUL. */
const READ_DENOMINATOR_BYTES = 10
/** gearmand raises whatever is shorter. */
const MIN_TIMEOUT_MS = 1000
/** What a timer of Node can wait; longer is for ever. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

const canDo: RequestHandler = (session, body) => {
  checkLength(session, body)
  const { desk } = session.context
  desk.register(session.peer, session.functionNamed(body, 0, body.length), 0)
}

const canDoTimeout: RequestHandler = (session, body) => {
  const end = endOfArgument(body, 0, session.context.maxArgumentBytes)
  const timeoutMs = parseInt64(body.toString('latin1', end + 1))
  if (timeoutMs === undefined) throw new RequestRefused(ErrorReplies.numberTooLarge)
  session.context.desk.register(
    session.peer,
    session.functionNamed(body, 0, end),
    timeoutMs <= 0 || timeoutMs > MAX_TIMEOUT_MS ? 0 : Math.max(MIN_TIMEOUT_MS, timeoutMs),
  )
}

const cantDo: RequestHandler = (session, body) => {
  const queue = session.context.table.functions.get(body.toString('latin1'))
  if (queue !== undefined) session.context.desk.unregister(session.peer, queue)
}

const resetAbilities: RequestHandler = (session) => {
  session.context.desk.unregisterAll(session.peer)
}

const setClientId: RequestHandler = (session, body) => {
  checkLength(session, body)
  session.peer.clientId = body.toString('latin1', 0, Math.min(endOfText(body), MAX_CLIENT_ID_BYTES))
}

const preSleep: RequestHandler = (session) => session.context.desk.sleep(session.peer)

/** Tells a worker of its job: as much of it as the worker asked to see. */
type SendAssignment = (worker: Peer, handle: string, job: Job) => void

function grabHandler(sendAssignment: SendAssignment): RequestHandler {
  return ({ peer, context }) => {
    const job = context.desk.grab(peer)
    if (job === undefined) peer.output.send(PacketType.NO_JOB, [])
    else sendAssignment(peer, context.table.handles.format(job), job)
  }
}

const assignPlain: SendAssignment = (worker, handle, job) => {
  worker.output.send(PacketType.JOB_ASSIGN, [handle, job.queue.name, job])
}

const assignUnique: SendAssignment = (worker, handle, job) => {
  const args = [handle, job.queue.name, job.unique, job]
  worker.output.send(PacketType.JOB_ASSIGN_UNIQ, args)
}

/** A job without a reducer is assigned with JOB_ASSIGN_UNIQ here too: libgearman relies on it. */
const assignAll: SendAssignment = (worker, handle, job) => {
  if (job.reducer === '') {
    assignUnique(worker, handle, job)
    return
  }
  const args = [handle, job.queue.name, job.unique, job.reducer, job]
  worker.output.send(PacketType.JOB_ASSIGN_ALL, args)
}

/** WORK_DATA and WORK_WARNING are passed on and not kept. */
const workUpdate: RequestHandler = (session, body, type) => {
  const end = endOfArgument(body, 0, session.context.maxArgumentBytes)
  session.context.table.forward(ownJob(session, body, end, ErrorReplies.noSuchJob), type, body)
}

/** The texts are passed on as they are; the numbers are kept for GET_STATUS. */
const workStatus: RequestHandler = (session, body, type) => {
  const { table, maxArgumentBytes } = session.context
  const handleEnd = endOfArgument(body, 0, maxArgumentBytes)
  const numeratorEnd = endOfArgument(body, handleEnd + 1, maxArgumentBytes)
  const job = ownJob(session, body, handleEnd, ErrorReplies.noSuchJobForResult)
  const denominator = body.subarray(numeratorEnd + 1)
  if (denominator.length > MAX_DENOMINATOR_BYTES) {
    throw new RequestRefused(ErrorReplies.numberTooLarge)
  }
  job.numerator = parseUint32(body.subarray(handleEnd + 1, numeratorEnd))
  job.denominator = parseUint32(denominator.subarray(0, READ_DENOMINATOR_BYTES))
  table.forward(job, type, body)
}

const workComplete: InPlaceHandler = (session, bytes, start, end, type) => {
  const { table, maxArgumentBytes } = session.context
  const handleEnd = endOfArgument(bytes, start, maxArgumentBytes, end)
  const job = table.handles.find(bytes, start, handleEnd)
  if (job === undefined || job.worker !== session.peer) {
    throw new RequestRefused(ErrorReplies.noSuchJobForResult)
  }
  table.forward(job, type, bytes, start, end)
  table.end(job, 'completed', bytes, handleEnd + 1, end)
}

/** Some workers put a NUL behind the handle; clients get the handle without it. */
const workFail: RequestHandler = (session, body) => {
  const end = endOfText(body)
  if (end > MAX_HANDLE_BYTES) throw new RequestRefused(ErrorReplies.handleTooLarge)
  const job = ownJob(session, body, end, ErrorReplies.noSuchJobForResult)
  session.context.table.failClients(job)
  session.context.table.end(job, 'failed')
}

/**
 * An exception ends a job. Clients that did not ask for exceptions get WORK_FAIL, without the NUL that
 * gearmand leaves behind the handle there.
 */
const workException: RequestHandler = (session, body, type) => {
  const { table, maxArgumentBytes } = session.context
  const end = endOfArgument(body, 0, maxArgumentBytes)
  const job = ownJob(session, body, end, ErrorReplies.noSuchJobForException)
  for (let at = job.attachments; at !== undefined; at = at.nextOfJob) {
    if (at.client.wantsExceptions) at.client.output.sendBody(type, body)
    else table.sendFail(at.client, job)
  }
  table.end(job, 'exceptions', body, end + 1)
}

/**
 * A result that is too large to be taken is a failure of its job: without an answer its clients would
 * wait for ever. In-flight data and warnings are merely lost, and the worker is told.
 */
export function failOversizedResult(session: ServerSession, front: Buffer, type: number): void {
  if (type !== PacketType.WORK_COMPLETE && type !== PacketType.WORK_EXCEPTION) return
  const { table } = session.context
  const job = table.handles.find(front, 0, endOfText(front))
  if (job === undefined || job.worker !== session.peer) return
  table.failClients(job)
  table.end(job, 'failed')
}

/** Only the connection that runs a job may speak for it. */
function ownJob(session: ServerSession, body: Buffer, end: number, missing: ErrorReply): Job {
  const job = session.context.table.handles.find(body, 0, end)
  if (job === undefined || job.worker !== session.peer) throw new RequestRefused(missing)
  return job
}

function checkLength(session: ServerSession, body: Buffer): void {
  if (body.length > session.context.maxArgumentBytes) {
    throw new RequestRefused(ErrorReplies.argumentTooLarge)
  }
}

/** What workers report most: read where it lies. */
export const RESULT_REPORTS: readonly (readonly [type: number, handler: InPlaceHandler])[] = [
  [PacketType.WORK_COMPLETE, workComplete],
]

/** What else workers ask and report. */
export const WORKER_REQUESTS: readonly (readonly [type: number, handler: RequestHandler])[] = [
  [PacketType.CAN_DO, canDo],
  [PacketType.CAN_DO_TIMEOUT, canDoTimeout],
  [PacketType.CANT_DO, cantDo],
  [PacketType.RESET_ABILITIES, resetAbilities],
  [PacketType.SET_CLIENT_ID, setClientId],
  [PacketType.PRE_SLEEP, preSleep],
  [PacketType.GRAB_JOB, grabHandler(assignPlain)],
  [PacketType.GRAB_JOB_UNIQ, grabHandler(assignUnique)],
  [PacketType.GRAB_JOB_ALL, grabHandler(assignAll)],
  [PacketType.WORK_DATA, workUpdate],
  [PacketType.WORK_WARNING, workUpdate],
  [PacketType.WORK_STATUS, workStatus],
  [PacketType.WORK_FAIL, workFail],
  [PacketType.WORK_EXCEPTION, workException],
]
