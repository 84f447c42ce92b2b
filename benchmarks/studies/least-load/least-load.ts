/**
 * `npm run bench -- least-load`: two servers, one of them behind a proxy that delays both ways: what share of the jobs
 * each strategy gives to the slow one, and how fast the jobs are done.
 */
import { GearmanClient, GearmanWorker, type ServerStrategyName } from 'gearman-sdk'
import { FaultProxy } from 'gearman-sdk/testing'
import type { BenchmarkServer } from '../../harness/servers.ts'
import type { Study, StudyOptions } from '../../harness/study.ts'

const DELAY_MS = 20
const STRATEGIES: readonly ServerStrategyName[] = ['least-load', 'round-robin', 'random']
/** How many jobs are under way at once. */
const WIDTHS = [1, 16]

interface Case {
  readonly strategy: ServerStrategyName
  readonly width: number
  readonly jobs: number
}

interface Figures {
  /** Part of the jobs that went to the slow server. */
  readonly slowShare: number
  readonly jobsPerSecond: number
  readonly medianMs: number
  readonly worstMs: number
}

/** How least load follows the speed of servers. */
export const leastLoad: Study = {
  name: 'least-load',
  title: 'what a slow server gets of the jobs, by strategy',
  async run(servers: readonly BenchmarkServer[], { isQuick }: StudyOptions): Promise<void> {
    const jobs = isQuick ? 100 : 400
    const rows: Record<string, string | number>[] = []
    for (const server of servers) {
      for (const width of WIDTHS) {
        for (const strategy of STRATEGIES) {
          rows.push(
            row(
              server,
              { strategy, width, jobs },
              await measure(server, { strategy, width, jobs }),
            ),
          )
        }
      }
    }
    console.log(`${jobs} jobs of no time; two servers, one ${DELAY_MS} ms away, each way`)
    console.table(rows)
  },
}

function row(
  server: BenchmarkServer,
  { strategy, width }: Case,
  figures: Figures,
): Record<string, string | number> {
  return {
    server: server.name,
    strategy,
    'at a time': width,
    'jobs of the slow server': `${Math.round(figures.slowShare * 100)} %`,
    'jobs/s': Math.round(figures.jobsPerSecond),
    'median ms': figures.medianMs.toFixed(1),
    'worst ms': figures.worstMs.toFixed(1),
  }
}

async function measure(server: BenchmarkServer, plan: Case): Promise<Figures> {
  const [fast, slow] = [await server.start(), await server.start()]
  try {
    await using proxy = await FaultProxy.start({ port: Number(slow.address.split(':').at(-1)) })
    await using worker = new GearmanWorker([fast.address, slow.address], { concurrency: 32 })
    worker.registerTask('nothing', () => '')
    void worker.work()
    await worker.ready({ all: true })
    await using client = new GearmanClient([fast.address, proxy.address], {
      strategy: plan.strategy,
    })
    await client.ready({ all: true })
    proxy.delay(DELAY_MS)
    return await submitAll(client, plan, proxy.address)
  } finally {
    await fast.stop()
    await slow.stop()
  }
}

async function submitAll(client: GearmanClient, plan: Case, slow: string): Promise<Figures> {
  const timesMs: number[] = []
  let slowJobs = 0
  let left = plan.jobs
  const startedAtMs = performance.now()
  const lanes = Array.from({ length: plan.width }, async () => {
    while (left > 0) {
      left -= 1
      const submittedAtMs = performance.now()
      const request = await client.submitJob('nothing', '')
      timesMs.push(performance.now() - submittedAtMs)
      if (request.job.connection?.server === slow) slowJobs += 1
    }
  })
  await Promise.all(lanes)
  const seconds = (performance.now() - startedAtMs) / 1000
  timesMs.sort((one, other) => one - other)
  return {
    slowShare: slowJobs / plan.jobs,
    jobsPerSecond: plan.jobs / seconds,
    medianMs: timesMs[Math.floor(timesMs.length / 2)] ?? Number.NaN,
    worstMs: timesMs.at(-1) ?? Number.NaN,
  }
}
