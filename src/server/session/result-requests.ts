import type { ResultState } from '../../protocol/own-packets.ts'
import { PacketType } from '../../protocol/packets.ts'
import { ErrorReplies } from '../queue/error-replies.ts'
import { type Job, JobState } from '../queue/job.ts'
import type { JobTable } from '../queue/job-table.ts'
import type { StoredOutcome, StoredOutcomeKind } from '../stores/queue-store.ts'
import { endOfArgument, endOfText } from './request-arguments.ts'
import { RequestRefused } from './request-refused.ts'
import type { RequestHandler } from './server-session.ts'

const STATES: { readonly [Kind in StoredOutcomeKind]: ResultState } = {
  completed: 'complete',
  failed: 'failed',
  lost: 'failed',
  exception: 'exception',
}

/** What is known of the job that is asked for: it is there, or it is over. */
interface Found {
  readonly job: Job | undefined
  readonly outcome: StoredOutcome | undefined
}

/** By handle, or when that is empty by unique id. Of a job that is queued again nothing older is told. */
const getResult: RequestHandler = (session, body) => {
  const { context, peer } = session
  const { table, maxArgumentBytes } = context
  if (!peer.knowsOwnPackets) throw new RequestRefused(ErrorReplies.notExpected)
  if (!table.outcomes.keepsResults) throw new RequestRefused(ErrorReplies.resultsNotKept)
  const handleEnd = endOfArgument(body, 0, maxArgumentBytes)
  const uniqueEnd = handleEnd + 1 + endOfText(body.subarray(handleEnd + 1))
  const unique = body.toString('latin1', handleEnd + 1, uniqueEnd)
  const { job, outcome } =
    handleEnd > 0 ? findByHandle(table, body, handleEnd) : findByUnique(table, unique)
  const key = job?.number ?? outcome?.job.key
  const handle = key === undefined ? body.subarray(0, handleEnd) : table.handles.formatNumber(key)
  const state = job === undefined ? stateOf(outcome) : stateOfJob(job)
  const data = job === undefined && outcome !== undefined ? outcome.output : ''
  peer.output.send(PacketType.RESULT_RES, [handle, unique, state, data])
}

function findByHandle(table: JobTable, body: Buffer, end: number): Found {
  const number = table.handles.parse(body, 0, end)
  const outcome = number === undefined ? undefined : table.outcomes.findResult(number)
  return { job: table.handles.find(body, 0, end), outcome }
}

function findByUnique(table: JobTable, unique: string): Found {
  return {
    job: table.uniques.findUnique(unique),
    outcome: table.outcomes.findUniqueResult(unique),
  }
}

function stateOfJob(job: Job): ResultState {
  return job.state === JobState.Running ? 'running' : 'queued'
}

function stateOf(outcome: StoredOutcome | undefined): ResultState {
  return outcome === undefined ? 'unknown' : STATES[outcome.kind]
}

/** What clients ask of this package's servers only. */
export const RESULT_REQUESTS: readonly (readonly [type: number, handler: RequestHandler])[] = [
  [PacketType.GET_RESULT, getResult],
]
