import { ReportingProgram } from '../harness/reporting-program.ts'
import type { RunningServer } from '../harness/servers.ts'
import type { Library } from '../peers/libraries.ts'
import { onServer } from './on-server.ts'
import type { Contestant, Sample } from './scenario.ts'
import { fillQueue } from './server-contestants.ts'
import type { ServerKind } from './server-kinds.ts'
import type { WatchedProcesses } from './watched-processes.ts'

/** What a client's or worker's program reports. */
interface Report {
  readonly jobs: number
  readonly allJobs?: number
  readonly ms: number
  readonly p50Ms?: number
  readonly p99Ms?: number
  readonly bytesPerJob?: number
}

/** A closed loop of foreground jobs. */
export interface ClosedLoop {
  readonly inFlight: number
  readonly payloadBytes: number
  /** How many jobs at once the worker may have, where its library can have several. */
  readonly concurrency: number
  /** Another worker than that of the library. */
  readonly worker?: Library
  /** Jobs of another task that are queued meanwhile. */
  readonly queued?: number
}

const MIB = 1024 * 1024
const SMALL_BYTES = 16

/** Foreground jobs through a library's client and worker; the value is jobs per second. */
export function closedLoop(
  library: Library,
  server: ServerKind,
  { inFlight, payloadBytes, concurrency, worker = library, queued = 0 }: ClosedLoop,
): Contestant {
  return onServer(library, server, async (running, watched, { warmUpMs, measuredMs, share }) => {
    const where = hostAndPort(running)
    if (queued > 0) {
      const jobs = queued * share
      await fillQueue(running, { functionName: 'other', jobs, payloadBytes: 100 })
    }
    const working = await ReportingProgram.start(
      `${worker.name}'s worker`,
      worker.worker([...where, String(concurrency), '0']),
    )
    try {
      watched.add('worker', working.pid)
      const args = ['closed', inFlight, payloadBytes, warmUpMs, measuredMs].map(String)
      return await runClient(library, [...where, ...args], watched, perSecond)
    } finally {
      await working.stop()
    }
  })
}

/** {@link closedLoop}, one at a time, with the latency of the slowest hundredth in milliseconds as value. */
export function slowestHundredth(
  name: string,
  library: Library,
  server: ServerKind,
  queued: number,
): Contestant {
  const one = { inFlight: 1, payloadBytes: SMALL_BYTES, concurrency: 1, queued }
  const loop = closedLoop(library, server, one)
  return {
    ...loop,
    name,
    run: async (effort) => {
      const sample = await loop.run({ ...effort, measuredMs: effort.measuredMs * 4 })
      return { ...sample, value: sample.p99Ms ?? Number.NaN }
    },
  }
}

/** {@link closedLoop} with the payload's megabytes, there and back, as value. */
export function transfer(library: Library, server: ServerKind, payloadMib: number): Contestant {
  const payloadBytes = payloadMib * MIB
  const loop = closedLoop(library, server, { inFlight: 1, payloadBytes, concurrency: 1 })
  return {
    ...loop,
    run: async (effort) => {
      // One round trip must fit several times.
      const measuredMs = effort.measuredMs * (payloadMib > 4 ? 4 : 2)
      const sample = await loop.run({ ...effort, measuredMs })
      return { ...sample, value: sample.value * payloadMib * 2 }
    },
  }
}

/** Background jobs as fast as the library takes them: in batches of a thousand where it has such a call, or one by one. */
export function background(
  library: Library,
  server: ServerKind,
  jobs: number,
  unique: 'unique' | 'no-unique',
  mode: 'background' | 'background-single' = 'background',
): Contestant {
  return onServer(library, server, async (running, watched, { share }) => {
    const args = [mode, jobs * share, SMALL_BYTES, unique].map(String)
    return await runClient(library, [...hostAndPort(running), ...args], watched, perSecond)
  })
}

/** A queue of background jobs that one worker works off; the value is jobs per second. */
export function drain(
  library: Library,
  server: ServerKind,
  queued: number,
  measured: number,
): Contestant {
  return onServer(library, server, async (running, watched, { share }) => {
    await fillQueue(running, { jobs: queued * share, payloadBytes: SMALL_BYTES })
    const worker = await ReportingProgram.start(
      `${library.name}'s worker`,
      library.worker([...hostAndPort(running), '64', String(measured * share)]),
    )
    try {
      watched.add('worker', worker.pid)
      const { jobs, allJobs = jobs, ms } = await worker.next<Report>()
      return { value: (jobs / ms) * 1000, allJobs, processes: watched.samples() }
    } finally {
      await worker.stop()
    }
  })
}

/** Memory of a client with so many foreground jobs that nobody works on; the value is bytes per job. */
export function pendingMemory(library: Library, server: ServerKind, jobs: number): Contestant {
  return onServer(library, server, async (running, watched, { share }) => {
    const args = ['pending', jobs * share, SMALL_BYTES].map(String)
    const where = hostAndPort(running)
    return await runClient(
      library,
      [...where, ...args],
      watched,
      ({ bytesPerJob = Number.NaN }) => {
        return bytesPerJob
      },
    )
  })
}

async function runClient(
  library: Library,
  args: readonly string[],
  watched: WatchedProcesses,
  toValue: (report: Report) => number,
): Promise<Sample> {
  const client = await ReportingProgram.start(`${library.name}'s client`, library.client(args))
  try {
    watched.add('client', client.pid)
    const report = await client.next<Report>()
    const { allJobs, p50Ms, p99Ms } = report
    return {
      value: toValue(report),
      ...(allJobs === undefined ? {} : { allJobs }),
      ...(p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p99Ms }),
      processes: watched.samples(),
    }
  } finally {
    await client.stop()
  }
}

function perSecond({ jobs, ms }: Report): number {
  return (jobs / ms) * 1000
}

/** Of a list of servers the host is all but the last port: only the program of this SDK is given such. */
function hostAndPort({ address }: RunningServer): [host: string, port: string] {
  const colon = address.lastIndexOf(':')
  return [address.slice(0, colon), address.slice(colon + 1)]
}
