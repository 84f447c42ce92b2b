import type { JobRejectReason, JobReturnReason, JobTotals } from '../server-stats.ts'
import { Histogram } from './histogram.ts'

/** Counts what happens to jobs. Plain numbers: counting allocates nothing. */
export class JobCounters {
  foreground = 0
  background = 0
  restored = 0
  coalesced = 0
  assigned = 0
  completed = 0
  failed = 0
  exceptions = 0
  lost = 0
  cancelled = 0
  abandoned = 0
  readonly rejected: Record<JobRejectReason, number> = {
    'queue-full': 0,
    'shutting-down': 0,
    'not-stored': 0,
  }
  readonly returned: Record<JobReturnReason, number> = {
    disconnected: 0,
    timeout: 0,
    unregistered: 0,
  }

  /** A copy for the outside. */
  snapshot(): JobTotals {
    return {
      accepted: { foreground: this.foreground, background: this.background },
      restored: this.restored,
      coalesced: this.coalesced,
      rejected: { ...this.rejected },
      assigned: this.assigned,
      returned: { ...this.returned },
      completed: this.completed,
      failed: this.failed,
      exceptions: this.exceptions,
      lost: this.lost,
      cancelled: this.cancelled,
      abandoned: this.abandoned,
    }
  }
}

/**
 * What is counted for one function, made with its first job: functions can be mentioned without end. The
 * histograms come with the first assignment.
 */
export class FunctionCounters extends JobCounters {
  waitTime: Histogram | undefined = undefined
  runTime: Histogram | undefined = undefined

  /** Counts how long a job waited. */
  observeWait(durationMs: number): void {
    this.waitTime ??= new Histogram()
    this.waitTime.observe(durationMs)
  }

  /** Counts how long a job ran. */
  observeRun(durationMs: number): void {
    this.runTime ??= new Histogram()
    this.runTime.observe(durationMs)
  }
}
