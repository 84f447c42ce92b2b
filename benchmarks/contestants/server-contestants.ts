import { type BuiltProgram, builtProgram } from '../harness/built-programs.ts'
import { residentMib } from '../harness/process-usage.ts'
import { ReportingProgram } from '../harness/reporting-program.ts'
import type { RunningServer } from '../harness/servers.ts'
import { onServer } from './on-server.ts'
import type { Contestant, Sample } from './scenario.ts'
import type { ServerKind } from './server-kinds.ts'
import { WatchedProcesses } from './watched-processes.ts'

/** What makes the load. */
export const GENERATOR: BuiltProgram = builtProgram(
  new URL('../generator/generator.ts', import.meta.url),
)
/** The name of the load generator where it stands beside libraries. */
export const GENERATOR_NAME = 'load generator'
const NO_LIMIT_MS = 1e9
const BYTES_PER_MIB = 1024 * 1024

/** Background jobs for a server. */
export interface Submission {
  /** Workers of the suite know `echo` and `sink`. Default: `sink`. */
  readonly functionName?: string
  readonly jobs: number
  readonly payloadBytes: number
  readonly unique?: 'unique' | 'no-unique'
  /** How many connections, and how many jobs are under way on each. */
  readonly connections?: number
  readonly window?: number
  readonly longestMs?: number
}

/** A closed loop of foreground jobs. */
export interface Cycle {
  /** Connections that submit. Default 1. */
  readonly clients?: number
  readonly workers: number
  /** Grabs that each worker keeps under way. */
  readonly grabs: number
  readonly inFlight: number
  readonly payloadBytes: number
  /** How many each worker knows; jobs are for each in turn. Default 1. */
  readonly functions?: number
}

interface Report {
  readonly jobs: number
  readonly allJobs: number
  readonly ms: number
  readonly p50Ms?: number
  readonly p99Ms?: number
}

/** Background jobs as fast as the server takes them; the value is jobs per second. */
export function submission(server: ServerKind, options: Submission): Contestant {
  return onServer(server, server, async (running, watched, { share }) => {
    const args = submitArguments({ ...options, jobs: options.jobs * share })
    return await generate(running, args, watched)
  })
}

/** Foreground jobs; the value is jobs per second. */
export function cycle(server: ServerKind, options: Cycle): Contestant {
  const { clients = 1, workers, grabs, inFlight, payloadBytes, functions = 1 } = options
  return onServer(server, server, async (running, watched, { warmUpMs, measuredMs }) => {
    const shape = [clients, workers, grabs, inFlight, payloadBytes, functions]
    const args = ['cycle', ...shape, warmUpMs, measuredMs]
    return await generate(running, args.map(String), watched)
  })
}

/** A queue that one worker works off, 64 grabs under way; the value is jobs per second. */
export function drainQueue(server: ServerKind, jobs: number): Contestant {
  return onServer(server, server, async (running, watched, { share }) => {
    await fillQueue(running, { jobs: jobs * share, payloadBytes: 16 })
    return await generate(running, ['drain', jobs * share, 1, 64].map(String), watched)
  })
}

/**
 * A contestant that measures a server, as one that takes part among libraries: what the server does for a client and a worker
 * that cost next to nothing is the most that any library can get.
 */
export function asCeiling(contestant: Contestant): Contestant {
  return { ...contestant, name: GENERATOR_NAME }
}

/** Memory of a server with so many jobs queued; the value is bytes per job. */
export function queueMemory(server: ServerKind, jobs: number): Contestant {
  return onServer(server, server, async (running, watched, { share }) => {
    const before = residentMib(running.pid)
    await fillQueue(running, { jobs: jobs * share, payloadBytes: 100 })
    const bytes = (residentMib(running.pid) - before) * BYTES_PER_MIB
    return { value: bytes / (jobs * share), processes: watched.samples() }
  })
}

/** Queues background jobs. */
export async function fillQueue(running: RunningServer, submission: Submission): Promise<void> {
  await generate(running, submitArguments(submission), new WatchedProcesses())
}

function submitArguments({
  functionName = 'sink',
  jobs,
  payloadBytes,
  unique = 'no-unique',
  connections = 1,
  window = 1000,
  longestMs = NO_LIMIT_MS,
}: Submission): string[] {
  return ['submit', functionName, jobs, payloadBytes, unique, connections, window, longestMs].map(
    String,
  )
}

async function generate(
  { address }: RunningServer,
  args: readonly string[],
  watched: WatchedProcesses,
): Promise<Sample> {
  const generator = await ReportingProgram.start('the load generator', {
    file: process.execPath,
    args: [GENERATOR.path, ...address.split(':'), ...args],
  })
  try {
    watched.add('generator', generator.pid)
    const { jobs, ms, ...more } = await generator.next<Report>()
    return { value: (jobs / ms) * 1000, ...more, processes: watched.samples() }
  } finally {
    await generator.stop()
  }
}
