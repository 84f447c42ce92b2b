import { isAbandoned, type Job } from '../queue/job.ts'
import {
  formatName,
  formatTable,
  OK,
  type TextCommand,
  type TextCommandContext,
  unknownCommand,
} from './text-command.ts'

/** `show jobs` and `show unique jobs`. */
export const show: TextCommand = (words, context) => {
  const [command = '', ...what] = words
  if (what.length === 0) return unknownCommand(command)
  const wanted = what.join(' ').toLowerCase()
  const { handles } = context.table
  if (wanted === 'jobs') return formatTable(handles, (job) => formatJob(job, context))
  if (wanted === 'unique jobs') return formatTable(handles, formatUnique)
  return 'ERR UNKNOWN_SHOW_ARGUMENTS\r\n'
}

/** `HANDLE RETRIES IGNORE QUEUED`: IGNORE = nobody wants it, QUEUED = a background submission wants it. */
function formatJob(job: Job, { table }: TextCommandContext): string {
  const flags = `${isIgnored(job) ? 1 : 0}\t${job.isDurable && !job.isCancelled ? 1 : 0}`
  return `${table.handles.format(job)}\t${job.retries}\t${flags}\n`
}

function formatUnique({ unique }: Job): string {
  return `${formatName(unique)}\n`
}

function isIgnored(job: Job): boolean {
  return job.isCancelled || isAbandoned(job)
}

/** `cancel job HANDLE` */
export const cancel: TextCommand = (words, { table }) => {
  const [command = '', what, handle, ...more] = words
  if (handle === undefined) return unknownCommand(command)
  if (what?.toLowerCase() !== 'job' || more.length > 0) return 'ERR UNKNOWN_ERROR\r\n'
  const bytes = Buffer.from(handle, 'latin1')
  const job = table.handles.find(bytes, 0, bytes.length)
  if (job === undefined) return 'ERR UNKNOWN_JOB\r\n'
  table.cancel(job)
  return OK
}
