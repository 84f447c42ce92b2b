import { ProtocolError } from '../errors.ts'
import {
  type AdminReply,
  malformedReply,
  okText,
  readCounter,
  readFlag,
  tableRows,
  throwServerError,
} from './admin-reply.ts'

/** One row of `status`: a function that the server knows. */
export interface TaskStatus {
  /** The task: what the protocol calls function. */
  readonly task: string
  /**
   * Jobs that the server holds, those that run included: gearmand's TOTAL under Python's name. It also counts
   * jobs that wait for their time, and those whose clients are gone until a worker passes over them.
   */
  readonly queued: number
  /** Jobs that a worker has now. */
  readonly running: number
  /** Workers that can do it, busy ones included. */
  readonly workers: number
}

/** One row of `prioritystatus`. Jobs that run are not counted here. */
export interface TaskPriorityStatus {
  /** The task: what the protocol calls function. */
  readonly task: string
  /** Jobs of high priority that wait. */
  readonly high: number
  /** Jobs of normal priority that wait. */
  readonly normal: number
  /** Jobs of low priority that wait. */
  readonly low: number
  /** Workers that can do it, busy ones included. */
  readonly workers: number
}

/**
 * One row of `workers`: an open connection. Clients are listed as well, and the admin client that asks;
 * those have no tasks.
 */
export interface WorkerConnection {
  /** The number of the server's socket. */
  readonly fileDescriptor: number
  /** The peer's address as the server prints it; gearmand garbles IPv6 addresses. */
  readonly ip: string
  /** The id that the worker gave itself; `-` when it gave none. */
  readonly clientId: string
  /** The tasks that it registered, the newest first. A name that holds a space comes out in pieces. */
  readonly tasks: readonly string[]
}

/** One row of `show jobs`. */
export interface QueuedJob {
  /** The handle of the job. */
  readonly handle: string
  /** How often a worker has lost it. */
  readonly retries: number
  /** Nobody waits for it any more: it was cancelled, or its clients are gone. Workers pass over it. */
  readonly ignored: boolean
  /** It was submitted in the background, hence is in the persistent store when there is one. */
  readonly queued: boolean
}

/** One row of `show unique jobs`. */
export interface UniqueJob {
  /** The unique id of a job; empty for a job without one. */
  readonly unique: string
}

/**
 * `version`. gearmand answers `OK 1.1.20`, some other servers only the number; here it is the number.
 *
 * @throws ServerError for an `ERR` line
 * @throws ProtocolError for anything else
 */
export function parseVersion(reply: AdminReply): string {
  const line = onlyLine(reply)
  const version = /^\d/.test(line) ? line : okText(reply, line)
  if (version === '') throw malformedReply(reply, line, 'OK VERSION')
  return version
}

/** `verbose`: the log level, such as `INFO`. Throws as {@link parseVersion} does. */
export function parseVerbose(reply: AdminReply): string {
  const line = onlyLine(reply)
  const level = okText(reply, line)
  if (level === '') throw malformedReply(reply, line, 'OK LEVEL')
  return level
}

/** `getpid`: the process id of the server. Throws as {@link parseVersion} does. */
export function parsePid(reply: AdminReply): number {
  const line = onlyLine(reply)
  const pid = readCounter(okText(reply, line))
  if (pid === undefined) throw malformedReply(reply, line, 'OK PID')
  return pid
}

/**
 * The commands that do something: `OK`. `drop function` answers one line for each function that it found.
 *
 * @throws ServerError for an `ERR` line, also when others are `OK`
 * @throws ProtocolError for anything else
 */
export function parseDone(reply: AdminReply): void {
  if (reply.lines.length === 0) throw missingLine(reply)
  for (const line of reply.lines) {
    throwServerError(reply, line)
    okText(reply, line)
  }
}

/**
 * `status`: `NAME TOTAL RUNNING WORKERS`, between tabs. A tab in a name is kept; columns behind are ignored.
 *
 * @throws ServerError for an `ERR` line
 * @throws ProtocolError for a row of another shape
 */
export function parseStatus(reply: AdminReply): TaskStatus[] {
  return tableRows(reply).map((row) => {
    const read = readNamedCounters(row, 3)
    if (read === undefined) throw malformedReply(reply, row, 'NAME\\tTOTAL\\tRUNNING\\tWORKERS')
    const [queued = 0, running = 0, workers = 0] = read.counters
    return { task: read.name, queued, running, workers }
  })
}

/** `prioritystatus`: `NAME HIGH NORMAL LOW WORKERS`, between tabs. Throws as {@link parseStatus} does. */
export function parsePriorityStatus(reply: AdminReply): TaskPriorityStatus[] {
  return tableRows(reply).map((row) => {
    const read = readNamedCounters(row, 4)
    if (read === undefined) throw malformedReply(reply, row, 'NAME\\tHIGH\\tNORMAL\\tLOW\\tWORKERS')
    const [high = 0, normal = 0, low = 0, workers = 0] = read.counters
    return { task: read.name, high, normal, low, workers }
  })
}

/**
 * `workers`: `FD IP ID : TASK TASK`, between spaces. An id may hold spaces: the tasks begin behind the last
 * ` : `. An id that holds a line end is put together again. Throws as {@link parseStatus} does.
 */
export function parseWorkers(reply: AdminReply): WorkerConnection[] {
  const workers: WorkerConnection[] = []
  let row: string | undefined
  for (const line of tableRows(reply)) {
    row = row === undefined ? line : `${row}\n${line}`
    if (!/ :(?: |$)/.test(row)) continue
    workers.push(parseWorker(reply, row))
    row = undefined
  }
  if (row !== undefined) throw malformedWorker(reply, row)
  return workers
}

/** `show jobs`: `HANDLE RETRIES IGNORE QUEUED`, between tabs. Throws as {@link parseStatus} does. */
export function parseJobs(reply: AdminReply): QueuedJob[] {
  return tableRows(reply).map((row) => {
    const [handle = '', ...columns] = row.split('\t')
    const retries = readCounter(columns[0])
    const ignored = readFlag(columns[1])
    const queued = readFlag(columns[2])
    if (handle === '' || retries === undefined || ignored === undefined || queued === undefined) {
      throw malformedReply(reply, row, 'HANDLE\\tRETRIES\\tIGNORE\\tQUEUED')
    }
    return { handle, retries, ignored, queued }
  })
}

/** `show unique jobs`: one unique id per line, whatever it holds. Throws as {@link parseStatus} does. */
export function parseUniqueJobs(reply: AdminReply): UniqueJob[] {
  return tableRows(reply).map((unique) => ({ unique }))
}

interface NamedCounters {
  readonly name: string
  readonly counters: readonly number[]
}

/** A name, then `count` numbers, then whatever else: the name ends where so many numbers follow first. */
function readNamedCounters(row: string, count: number): NamedCounters | undefined {
  const columns = row.split('\t')
  for (let start = 1; start + count <= columns.length; start += 1) {
    const counters = columns.slice(start, start + count).map(readCounter)
    if (counters.every((counter) => counter !== undefined)) {
      return { name: columns.slice(0, start).join('\t'), counters }
    }
  }
  return undefined
}

function parseWorker(reply: AdminReply, row: string): WorkerConnection {
  const front = /^(\d+) (\S+) /.exec(row)
  const fileDescriptor = readCounter(front?.[1])
  if (front === null || fileDescriptor === undefined) throw malformedWorker(reply, row)
  const rest = row.slice(front[0].length)
  const end = rest.endsWith(' :') ? rest.length - 2 : rest.lastIndexOf(' : ')
  if (end === -1) throw malformedWorker(reply, row)
  const tasks = rest
    .slice(end + 2)
    .split(' ')
    .filter((task) => task !== '')
  return { fileDescriptor, ip: front[2] ?? '', clientId: rest.slice(0, end), tasks }
}

function malformedWorker(reply: AdminReply, row: string): ProtocolError {
  return malformedReply(reply, row, 'FD IP ID : TASK ...')
}

function onlyLine(reply: AdminReply): string {
  const [line] = reply.lines
  if (line === undefined) throw missingLine(reply)
  throwServerError(reply, line)
  return line
}

function missingLine({ command, server }: AdminReply): ProtocolError {
  return new ProtocolError(`${server}: no line answers "${command}"`, { server })
}
