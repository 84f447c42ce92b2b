/**
 * A client over a library for Node:
 *
 *     client.ts LIBRARY HOST PORT closed IN_FLIGHT SIZE WARM_UP_MS MEASURED_MS
 *     client.ts LIBRARY HOST PORT background|background-single JOBS SIZE [unique|no-unique]
 *     client.ts LIBRARY HOST PORT pending JOBS SIZE
 */
import type { ClientAdapter, NodeLibrary } from './adapter.ts'
import { endWithParent, report } from './report.ts'

const [name = '', host = '', port = '', mode = '', first = '1', size = '16', third, fourth] =
  process.argv.slice(2)
const { library } = (await import(`./${name}.ts`)) as { readonly library: NodeLibrary }

/** How much processor time a process has had when its code is compiled, and how long that may take. */
const WARM_PROCESSOR_MS = 1000
const LONGEST_WARM_UP = 5
/** The part of background jobs that warms up, in front of those that are measured. */
const WARM_UP_SHARE = 0.2
/** Background jobs under way at once. */
const WINDOW = 1000

const RUNS: Readonly<Record<string, (client: ClientAdapter) => Promise<object>>> = {
  closed: (client) => closedLoop(client, Number(first), Number(third), Number(fourth)),
  background: (client) =>
    background(
      client.backgroundMany === undefined ? singly(client) : inBatches(client.backgroundMany),
    ),
  'background-single': (client) => background(singly(client)),
  pending: (client) => pending(client, Number(first)),
}
const payload = Buffer.alloc(Number(size), 'x')

endWithParent()
const run = RUNS[mode]
if (run === undefined) throw new Error(`no mode ${mode}`)
const connected = await library.connectClient(host, Number(port))
report({ ready: true })
report(await run(connected))

/**
 * So many jobs in flight all the time; the first of these loops times each of its jobs. The clock starts when the code is
 * warm, also on a machine that gives it little time, and runs from one completion to another, since there may be few of them.
 */
async function closedLoop(
  client: ClientAdapter,
  inFlight: number,
  warmUpMs: number,
  measuredMs: number,
): Promise<object> {
  const isWarm = warmth(warmUpMs)
  const latencies: number[] = []
  let jobs = 0
  let allJobs = 0
  let firstMs = 0
  let endMs = Number.POSITIVE_INFINITY
  let lastMs = 0
  const onCompletion = (nowMs: number): void => {
    if (firstMs === 0) {
      firstMs = nowMs
      endMs = nowMs + measuredMs
    } else if (nowMs <= endMs || jobs === 0) {
      jobs += 1
      lastMs = nowMs
    }
  }
  const loop = async (isTimed: boolean): Promise<void> => {
    let startMs = performance.now()
    while (startMs <= endMs || jobs === 0) {
      const result = await client.call(payload)
      if (result.length !== payload.length) throw new Error('a result has the wrong length')
      const nowMs = performance.now()
      allJobs += 1
      if (isWarm(nowMs)) {
        if (isTimed) latencies.push(nowMs - startMs)
        onCompletion(nowMs)
      }
      startMs = nowMs
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, index) => loop(index === 0)))
  latencies.sort((left, right) => left - right)
  const at = (part: number): number => latencies[Math.floor((latencies.length - 1) * part)] ?? 0
  return { jobs, allJobs, ms: lastMs - firstMs, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** Whether code that began to run now is warm at a time. */
function warmth(warmUpMs: number): (nowMs: number) => boolean {
  const startMs = performance.now()
  let isOver = false
  return (nowMs) => {
    if (isOver || nowMs < startMs + warmUpMs) return isOver
    const { user, system } = process.cpuUsage()
    const isCompiled = user + system > WARM_PROCESSOR_MS * 1000
    isOver = isCompiled || nowMs > startMs + warmUpMs * LONGEST_WARM_UP
    return isOver
  }
}

/** Submits so many background jobs; resolves when all are accepted. */
type SubmitJobs = (count: number) => Promise<void>

/** As fast as the library lets, until the last job is accepted. */
async function background(submit: SubmitJobs): Promise<object> {
  const jobs = Number(first)
  await submit(jobs * WARM_UP_SHARE)
  const startMs = performance.now()
  await submit(jobs)
  return { jobs, allJobs: jobs * (1 + WARM_UP_SHARE), ms: performance.now() - startMs }
}

/** A call for each job, a thousand of them under way. */
function singly(client: ClientAdapter): SubmitJobs {
  return async (count) => {
    let unsent = count
    const loop = async (): Promise<void> => {
      while (unsent > 0) {
        unsent -= 1
        await client.background(payload, unique())
      }
    }
    await Promise.all(Array.from({ length: WINDOW }, loop))
  }
}

/** A call for a thousand jobs. */
function inBatches(submitMany: NonNullable<ClientAdapter['backgroundMany']>): SubmitJobs {
  return async (count) => {
    for (let left = count; left > 0; left -= WINDOW) {
      await submitMany(payload, unique(), Math.min(left, WINDOW))
    }
  }
}

function unique(): string | undefined {
  return third === 'no-unique' ? '' : undefined
}

/**
 * Memory with so many jobs that nobody works on, per job, without garbage. Half as many are pending before it is looked at for
 * the first time: what the engine takes for any busy process (its young generation alone has 32 MiB) belongs to no job.
 */
async function pending(client: ClientAdapter, jobs: number): Promise<object> {
  await submitForNobody(client, jobs / 2)
  const before = memory()
  await submitForNobody(client, jobs)
  const after = memory()
  return {
    jobs,
    bytesPerJob: (after.rss - before.rss) / jobs,
    heapBytesPerJob: (after.heapUsed - before.heapUsed) / jobs,
  }
}

async function submitForNobody(client: ClientAdapter, jobs: number): Promise<void> {
  for (let submitted = 0; submitted < jobs; submitted += 1) {
    client.submitForNobody(payload)
    // The libraries write in turns of the event loop, and read answers.
    if (submitted % WINDOW === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await settled()
}

function memory(): NodeJS.MemoryUsage {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage()
}

/** Resolves when nothing is read or written any more. */
async function settled(): Promise<void> {
  const QUIET_MS = 1000
  let last = process.cpuUsage()
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
    const used = process.cpuUsage(last)
    last = process.cpuUsage()
    if (used.user + used.system < 20_000) return
  }
}
