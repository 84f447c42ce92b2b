/**
 * Load from one process, which holds the connections of all clients and workers:
 *
 *     generator.ts HOST PORT submit FUNCTION JOBS SIZE unique|no-unique CONNECTIONS WINDOW LONGEST_MS
 *     generator.ts HOST PORT cycle  CLIENTS WORKERS GRABS IN_FLIGHT SIZE FUNCTIONS WARM_UP_MS MEASURED_MS
 *     generator.ts HOST PORT drain  JOBS WORKERS GRABS
 *
 * `submit` sends background jobs, WINDOW of them under way on each connection; `cycle` keeps foreground jobs in flight, and
 * works on them; `drain` takes jobs of the function `sink`. What is
 * counted begins behind a tenth that warms up, or a time.
 */
import { endWithParent, report } from '../peers/node/report.ts'
import { cycle } from './cycle.ts'
import { FastConnection } from './fast-connection.ts'
import { FastWorker } from './fast-worker.ts'
import { submit } from './submit.ts'

const [host = '', port = '', mode = '', ...args] = process.argv.slice(2)
const open = (count: number): Promise<FastConnection[]> =>
  FastConnection.openMany(host, Number(port), count)

const MODES: Readonly<Record<string, () => Promise<void>>> = {
  submit: async () => {
    const [functionName = '', jobs, size, unique, connections, window, longestMs] = args
    await submit({
      functionName,
      jobs: Number(jobs),
      data: Buffer.alloc(Number(size), 'x'),
      isUnique: unique === 'unique',
      connections: await open(Number(connections)),
      window: Number(window),
      longestMs: Number(longestMs),
    })
  },
  cycle: async () => {
    const [clients = 1, workers = 1, grabs = 1, inFlight = 1, size = 16, functions = 1] =
      args.map(Number)
    const [warmUpMs = 0, measuredMs = 0] = args.slice(6).map(Number)
    await cycle({
      clients: await open(clients),
      workers: await open(workers),
      grabs,
      inFlight,
      data: Buffer.alloc(size, 'x'),
      functions,
      warmUpMs,
      measuredMs,
    })
  },
  drain: async () => {
    const [jobs = 0, workers = 1, grabs = 1] = args.map(Number)
    await drain(jobs, await open(workers), grabs)
  },
}

endWithParent()
const run = MODES[mode]
if (run === undefined) throw new Error(`no mode ${mode}`)
await run()

async function drain(
  jobs: number,
  connections: readonly FastConnection[],
  grabs: number,
): Promise<void> {
  report({ ready: true })
  const warmUpJobs = Math.floor(jobs / 10)
  let done = 0
  let startMs = 0
  await new Promise<void>((resolve) => {
    const onJob = (): void => {
      if (done === warmUpJobs) startMs = performance.now()
      done += 1
      if (done === jobs) resolve()
    }
    for (const connection of connections) {
      new FastWorker(connection, ['sink'], grabs, Buffer.alloc(0), onJob).start()
    }
  })
  report({ jobs: jobs - warmUpJobs, allJobs: jobs, ms: performance.now() - startMs })
}
