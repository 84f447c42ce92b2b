import {
  type AdminReply,
  malformedReply,
  okText,
  readCounter,
  readFlag,
  tableRows,
  throwServerError,
} from './admin-reply.ts'

/** One row of `list functions`. */
export interface TaskDetails {
  /** The task: what the protocol calls function. */
  readonly task: string
  /** No worker gets a job of it until it is resumed. */
  readonly paused: boolean
  /** Jobs that wait for a worker. */
  readonly waiting: number
  /** Jobs that wait for their time (`runAt`). */
  readonly delayed: number
  /** Jobs that a worker has now. */
  readonly running: number
  /** Workers that can do it, busy ones included. */
  readonly workers: number
  /** With how many jobs of the task new ones of each priority are refused; `undefined` for no limit. */
  readonly maxqueue: {
    /** For {@link PRIORITY_HIGH}. */
    readonly high: number | undefined
    /** For {@link PRIORITY_NONE}. */
    readonly normal: number | undefined
    /** For {@link PRIORITY_LOW}. */
    readonly low: number | undefined
  }
}

/**
 * Where a job of `list jobs` is.
 *
 * - `waiting`: for a worker.
 * - `delayed`: for its time.
 * - `running`: a worker has it.
 * - `storing`: on its way into the persistent store; its client has no answer yet.
 * - `cancelled`: a worker has it, and nobody wants it any more.
 */
export type ListedJobState = 'waiting' | 'delayed' | 'running' | 'storing' | 'cancelled'

/** One row of `list jobs`. */
export interface JobDetails {
  /** The handle of the job. */
  readonly handle: string
  /** The unique id that its client gave it; may be empty. Control characters come as `?`. */
  readonly unique: string
  /** Where it is. */
  readonly state: ListedJobState
  /** Its priority: that of the submission which made it. */
  readonly priority: 'high' | 'normal' | 'low'
  /** A background submission made it or joined it. */
  readonly background: boolean
  /** How many foreground submissions wait for it. */
  readonly clients: number
  /** How long ago the server took it, in milliseconds. */
  readonly age: number
  /** How often a worker has lost it. */
  readonly retries: number
  /** How many bytes its worker gets. */
  readonly bytes: number
  /** When it is due, in milliseconds since 1970; `undefined` for at once. */
  readonly runAt: number | undefined
  /** The connection that runs it, by the `fileDescriptor` of `getWorkers()`; `undefined` while none does. */
  readonly worker: number | undefined
}

const FUNCTION_ROW = 'NAME\\tSTATE\\tWAITING\\tDELAYED\\tRUNNING\\tWORKERS\\tHIGH\\tNORMAL\\tLOW'
const JOB_ROW =
  'HANDLE\\tSTATE\\tPRIORITY\\tBACKGROUND\\tCLIENTS\\tAGE\\tRETRIES\\tBYTES\\tRUNAT\\tWORKER\\tUNIQUE'
const STATES: readonly ListedJobState[] = ['waiting', 'delayed', 'running', 'storing', 'cancelled']
const PRIORITIES: readonly JobDetails['priority'][] = ['high', 'normal', 'low']

/**
 * `list functions`, a command of the bundled server. Columns behind the known ones are ignored.
 *
 * @throws ServerError for an `ERR` line
 * @throws ProtocolError for a row of another shape
 */
export function parseFunctionList(reply: AdminReply): TaskDetails[] {
  return tableRows(reply).map((row) => {
    const [task = '', state = '', ...columns] = row.split('\t')
    const counts = columns.slice(0, 7).map(readCounter)
    if (!/^(active|paused)$/.test(state) || counts.length < 7 || counts.includes(undefined)) {
      throw malformedReply(reply, row, FUNCTION_ROW)
    }
    const [waiting = 0, delayed = 0, running = 0, workers = 0, ...limits] = counts
    const [high, normal, low] = limits.map((limit) => (limit === 0 ? undefined : limit))
    const maxqueue = { high, normal, low }
    return { task, paused: state === 'paused', waiting, delayed, running, workers, maxqueue }
  })
}

/** `list jobs`, a command of the bundled server. Throws as {@link parseFunctionList} does. */
export function parseJobList(reply: AdminReply): JobDetails[] {
  return tableRows(reply).map((row) => {
    const job = readJob(row.split('\t'))
    if (job === undefined) throw malformedReply(reply, row, JOB_ROW)
    return job
  })
}

/** `OK N`, as `purge` and `kick` answer. Throws as {@link parseFunctionList} does. */
export function parseCount(reply: AdminReply): number {
  const [line = ''] = reply.lines
  throwServerError(reply, line)
  const count = readCounter(okText(reply, line))
  if (count === undefined) throw malformedReply(reply, line, 'OK N')
  return count
}

function readJob(columns: readonly string[]): JobDetails | undefined {
  const [handle = '', stateText, priorityText, flag, clientsText, ageText, ...rest] = columns
  const [retriesText, bytesText, runAtText, workerText = '', unique] = rest
  const state = STATES.find((known) => known === stateText)
  const priority = PRIORITIES.find((known) => known === priorityText)
  const background = readFlag(flag)
  const age = readMilliseconds(ageText)
  if (handle === '' || state === undefined || priority === undefined) return undefined
  if (background === undefined || age === undefined || unique === undefined) return undefined
  const counts = [clientsText, retriesText, bytesText, runAtText].map(readCounter)
  const worker = workerText === '-' ? undefined : readCounter(workerText)
  if (counts.includes(undefined) || (worker === undefined && workerText !== '-')) return undefined
  const [clients = 0, retries = 0, bytes = 0, seconds = 0] = counts
  const runAt = seconds === 0 ? undefined : seconds * 1000
  return {
    ...{ handle, unique, state, priority, background, clients },
    ...{ age, retries, bytes, runAt, worker },
  }
}

/** Seconds with three places, as milliseconds. */
function readMilliseconds(text = ''): number | undefined {
  return /^\d{1,12}\.\d{3}$/.test(text) ? Number(text.replace('.', '')) : undefined
}
