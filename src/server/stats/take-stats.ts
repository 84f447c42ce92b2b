import type { FunctionQueue } from '../queue/function-queue.ts'
import type { JobTable } from '../queue/job-table.ts'
import type { Peer } from '../queue/peer.ts'
import { Priority } from '../queue/priority.ts'
import type { FunctionStats, JobGauges, JobTotals, ServerStats } from '../server-stats.ts'
import { snapshotOf } from './histogram.ts'
import { JobCounters } from './job-counters.ts'
import type { ServerReports } from './server-reports.ts'

const NO_TOTALS: JobTotals = new JobCounters().snapshot()

/** A connection, as far as it is counted. */
interface CountedConnection {
  readonly peer: Peer
  readonly sentBytes: number
  /** What the reports do not count before it is gone. */
  readonly receivedBytes?: number
}

/** A copy of all counts. */
export function takeStats(
  table: JobTable,
  reports: ServerReports,
  server: {
    readonly uptimeMs: number
    readonly connections: readonly CountedConnection[]
    readonly connectionCount: number
  },
): ServerStats {
  const functions = functionStats(table)
  let workers = 0
  let sent = reports.sentBytes
  let received = reports.receivedBytes
  for (const { peer, sentBytes, receivedBytes = 0 } of server.connections) {
    if (peer.abilities.length > 0) workers += 1
    sent += sentBytes
    received += receivedBytes
  }
  return {
    uptime: server.uptimeMs,
    connections: { open: server.connections.length, workers, total: server.connectionCount },
    traffic: { received, sent },
    refused: Object.fromEntries(reports.refused),
    ...sumGauges(functions),
    totals: reports.totals.snapshot(),
    functions,
  }
}

function functionStats(table: JobTable): FunctionStats[] {
  return Array.from(table.functions.values(), (queue) => ({
    name: queue.name,
    ...gaugesOf(queue),
    workers: queue.workers,
    totals: queue.counters === undefined ? NO_TOTALS : queue.counters.snapshot(),
    waitTime: snapshotOf(queue.counters?.waitTime),
    runTime: snapshotOf(queue.counters?.runTime),
  }))
}

function sumGauges(functions: readonly JobGauges[]): JobGauges {
  const sum = { queued: 0, delayed: 0, running: 0, storing: 0 }
  for (const one of functions) {
    sum.queued += one.queued
    sum.delayed += one.delayed
    sum.running += one.running
    sum.storing += one.storing
  }
  return sum
}

function gaugesOf(queue: FunctionQueue): JobGauges {
  const { total, running, delayed } = queue
  let waiting = 0
  for (const priority of Object.values(Priority)) waiting += queue.waiting(priority)
  return { queued: waiting - delayed, delayed, running, storing: total - waiting - running }
}
