import { readFileSync } from 'node:fs'
import { type BenchmarkProcess, startProcess } from '../../harness/processes.ts'
import type { BenchmarkServer, RunningServer } from '../../harness/servers.ts'
import type { Study } from '../../harness/study.ts'
import type { LoadCommand, LoadReport, LoadShape } from './load-shape.ts'

const JOBS = Number(process.env['LOAD_JOBS'] ?? 1_000_000)
const BUCKETS = 10
const ROUND_TRIPS_IN_FLIGHT = 100

const SHAPES: readonly LoadShape[] = [
  {
    title: 'one client, one worker, one function',
    clients: 1,
    workers: 1,
    functions: 1,
    window: 256,
  },
  {
    title: '2,000 connections: 1,800 clients, 200 workers of 500 functions each',
    clients: 1800,
    workers: 200,
    functions: 500,
    window: 8,
  },
]

/** What one server did under one load. */
interface LoadFigures {
  readonly submitRates: readonly number[]
  readonly grabRates: readonly number[]
  readonly tripsPerSecond: number
  readonly idleKib: number
  readonly connectedKib: number
  readonly fullKib: number
  readonly drainedKib: number
}

/**
 * A queue of a million jobs of 100 bytes: does submitting or grabbing slow down as it grows, and what memory does
 * it take? LOAD_JOBS in the environment makes it shorter.
 */
export const load: Study = {
  name: 'load',
  title: 'a queue of a million jobs, as it grows and as it is drained',
  async run(servers) {
    for (const shape of SHAPES) {
      console.log(`\n${shape.title}; ${JOBS.toLocaleString('en')} jobs of 100 bytes`)
      const figures: LoadFigures[] = []
      for (const server of servers) figures.push(await measure(server, shape))
      printFigures(servers, figures)
    }
  },
}

async function measure(kind: BenchmarkServer, shape: LoadShape): Promise<LoadFigures> {
  const server = await kind.start()
  const idleKib = residentKib(server)
  const args = [server.address, JSON.stringify(shape)]
  const client = startProcess(new URL('./load-client.ts', import.meta.url), args)
  const worker = startProcess(new URL('./load-worker.ts', import.meta.url), args)
  try {
    await Promise.all([client.next<LoadReport>(), worker.next<LoadReport>()])
    const connectedKib = residentKib(server)
    const submitRates = await rates(client, { name: 'submit', jobs: JOBS, buckets: BUCKETS })
    const fullKib = residentKib(server)
    const grabRates = await rates(worker, { name: 'grab', jobs: JOBS, buckets: BUCKETS })
    const drainedKib = residentKib(server)
    tell(worker, { name: 'serve' })
    await worker.next<LoadReport>()
    tell(client, { name: 'trips', inFlight: ROUND_TRIPS_IN_FLIGHT })
    const tripsPerSecond = rateOf(await client.next<LoadReport>())
    return {
      submitRates,
      grabRates,
      tripsPerSecond,
      idleKib,
      connectedKib,
      fullKib,
      drainedKib,
    }
  } finally {
    await Promise.all([client.stop(), worker.stop(), server.stop()])
  }
}

async function rates(side: BenchmarkProcess, command: LoadCommand): Promise<number[]> {
  tell(side, command)
  const found: number[] = []
  while (found.length < BUCKETS) found.push(rateOf(await side.next<LoadReport>()))
  return found
}

function tell(side: BenchmarkProcess, command: LoadCommand): void {
  side.send(command)
}

function rateOf(report: LoadReport): number {
  return report.name === 'rate' ? report.perSecond : Number.NaN
}

/** The memory of a server's process, as Linux tells it. */
function residentKib({ pid }: RunningServer): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1])
}

function printFigures(servers: readonly BenchmarkServer[], figures: readonly LoadFigures[]): void {
  const row = (title: string, of: (one: LoadFigures) => number): Record<string, string> => ({
    figure: title,
    ...Object.fromEntries(
      servers.map(({ name }, index) => {
        const one = figures[index]
        return [name, one === undefined ? '' : Math.round(of(one)).toLocaleString('en')]
      }),
    ),
  })
  const bucket = (index: number): string =>
    `jobs ${index * (100 / BUCKETS)} to ${(index + 1) * (100 / BUCKETS)} %`
  const buckets = Array.from({ length: BUCKETS }, (_, index) => index)
  console.table([
    ...buckets.map((at) => row(`submitted/s, ${bucket(at)}`, (one) => one.submitRates[at] ?? 0)),
    ...buckets.map((at) => row(`grabbed/s, ${bucket(at)}`, (one) => one.grabRates[at] ?? 0)),
    row('round trips/s, 100 in flight, workers asleep', (one) => one.tripsPerSecond),
    row('memory at the start, MiB', ({ idleKib }) => idleKib / 1024),
    row('memory with all connections, MiB', ({ connectedKib }) => connectedKib / 1024),
    row('memory with all jobs, MiB', ({ fullKib }) => fullKib / 1024),
    row('memory for one job, bytes', (one) => ((one.fullKib - one.connectedKib) * 1024) / JOBS),
    row('memory when all jobs are done, MiB', ({ drainedKib }) => drainedKib / 1024),
  ])
}
