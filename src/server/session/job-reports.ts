import type { TypedEmitter } from '../../core/typed-emitter.ts'
import type { Job } from '../queue/job.ts'
import type { JobObserver, JobOutcome, JobTable } from '../queue/job-table.ts'
import type { ServerEvents, ServerJob } from '../server-events.ts'

/**
 * Turns what happens to jobs into events. An event that nobody listens to costs one look-up.
 *
 * @param table - asked for at each event: the table is made with its observer
 */
export function createJobReports(
  events: TypedEmitter<ServerEvents>,
  table: () => JobTable,
  onFinished: () => void,
): JobObserver {
  return {
    onAccepted(job: Job): void {
      if (events.listenerCount('jobAccepted') > 0)
        events.emit('jobAccepted', describe(job, table()))
    },
    onStarted(job: Job): void {
      if (events.listenerCount('jobStarted') === 0 || job.worker === undefined) return
      const { id, address } = job.worker
      events.emit('jobStarted', { ...describe(job, table()), worker: { id, address } })
    },
    onFinished(job: Job, outcome: JobOutcome): void {
      onFinished()
      if (events.listenerCount('jobFinished') > 0) {
        events.emit('jobFinished', { ...describe(job, table()), outcome })
      }
    },
  }
}

function describe(job: Job, table: JobTable): ServerJob {
  return {
    handle: table.handles.format(job),
    functionName: job.queue.name,
    unique: job.unique,
    priority: job.priority,
    dataLength: job.length,
  }
}
