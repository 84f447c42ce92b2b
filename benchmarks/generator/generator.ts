/**
 * Load from one process, which holds the connections of all clients and workers:
 *
 *     generator.ts HOST PORT submit  FUNCTION JOBS SIZE unique|no-unique CONNECTIONS WINDOW LONGEST_MS
 *     generator.ts HOST PORT cycle   WORKERS GRABS IN_FLIGHT SIZE WARM_UP_MS MEASURED_MS
 *     generator.ts HOST PORT drain   JOBS WORKERS GRABS
 *
 * `submit` sends background jobs, WINDOW of them under way on each connection; `cycle` keeps foreground jobs in flight, and
 * works on them; `drain` takes jobs of the function `sink`.
 */
import { endWithParent, report } from '../peers/node/report.ts'
import { FastConnection } from './fast-connection.ts'
import { FastWorker } from './fast-worker.ts'
import { PacketCode, packet, uniqueSubmissions } from './prepared-packets.ts'

const [host = '', port = '', mode = '', ...args] = process.argv.slice(2)
const open = (): Promise<FastConnection> => FastConnection.open(host, Number(port))
const openMany = (count: number): Promise<FastConnection[]> =>
  Promise.all(Array.from({ length: count }, open))

const MODES: Readonly<Record<string, () => Promise<void>>> = {
  submit: async () => {
    const [functionName = '', jobs, size, unique, connections, window, longestMs] = args
    await submit({
      functionName,
      jobs: Number(jobs),
      data: Buffer.alloc(Number(size), 'x'),
      isUnique: unique === 'unique',
      connections: await openMany(Number(connections)),
      window: Number(window),
      longestMs: Number(longestMs),
    })
  },
  cycle: async () => {
    const [workers, grabs, inFlight, size, warmUpMs, measuredMs] = args.map(Number)
    await cycle(workers ?? 1, grabs ?? 1, inFlight ?? 1, size ?? 16, warmUpMs ?? 0, measuredMs ?? 0)
  },
  drain: async () => {
    const [jobs = 0, workers = 1, grabs = 1] = args.map(Number)
    await drain(jobs, workers, grabs)
  },
}

endWithParent()
await MODES[mode]?.()

interface Submit {
  readonly functionName: string
  readonly jobs: number
  readonly data: Buffer
  readonly isUnique: boolean
  readonly connections: readonly FastConnection[]
  readonly window: number
  readonly longestMs: number
}

async function submit({
  functionName,
  jobs,
  data,
  isUnique,
  connections,
  window,
  longestMs,
}: Submit): Promise<void> {
  const next = isUnique
    ? uniqueSubmissions('SUBMIT_JOB_BG', functionName, data)
    : (
        (bytes) => () =>
          bytes
      )(packet('SUBMIT_JOB_BG', functionName, '', data))
  report({ ready: true })
  const startMs = performance.now()
  let unsent = jobs
  let accepted = 0
  const send = (connection: FastConnection, count: number): void => {
    for (let index = Math.min(count, unsent); index > 0; index -= 1) {
      connection.append(next())
      unsent -= 1
    }
  }
  await new Promise<void>((resolve, reject) => {
    for (const connection of connections) {
      let answers = 0
      connection.onPacket = (type) => {
        if (type !== PacketCode.JOB_CREATED) reject(new Error(`packet ${type}, not JOB_CREATED`))
        answers += 1
      }
      connection.onReadEnd = () => {
        accepted += answers
        if (performance.now() - startMs > longestMs || accepted >= jobs) {
          unsent = 0
          resolve()
        }
        send(connection, answers)
        answers = 0
      }
      send(connection, window)
      connection.flush()
    }
  })
  report({ jobs: accepted, ms: performance.now() - startMs })
}

async function cycle(
  workerCount: number,
  grabs: number,
  inFlight: number,
  size: number,
  warmUpMs: number,
  measuredMs: number,
): Promise<void> {
  const data = Buffer.alloc(size, 'x')
  const workers = await openMany(workerCount)
  for (const connection of workers) new FastWorker(connection, 'echo', grabs, data).start()
  const client = await open()
  const job = packet('SUBMIT_JOB', 'echo', '', data)
  const isLarge = size > 64 * 1024
  report({ ready: true })
  const startMs = performance.now() + warmUpMs
  const endMs = startMs + measuredMs
  let jobs = 0
  let answers = 0
  const send = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      if (isLarge) client.sendLarge(job)
      else client.append(job)
    }
  }
  await new Promise<void>((resolve) => {
    client.onPacket = (type) => {
      if (type === PacketCode.WORK_COMPLETE) answers += 1
    }
    client.onReadEnd = () => {
      const nowMs = performance.now()
      if (nowMs > endMs) resolve()
      else if (nowMs > startMs) jobs += answers
      send(answers)
      answers = 0
    }
    send(inFlight)
    client.flush()
  })
  report({ jobs, ms: measuredMs })
}

async function drain(jobs: number, workerCount: number, grabs: number): Promise<void> {
  const connections = await openMany(workerCount)
  report({ ready: true })
  let done = 0
  let startMs = 0
  await new Promise<void>((resolve) => {
    const onJob = (): void => {
      if (done === 0) startMs = performance.now()
      done += 1
      if (done === jobs) resolve()
    }
    for (const connection of connections) {
      new FastWorker(connection, 'sink', grabs, Buffer.alloc(0), onJob).start()
    }
  })
  report({ jobs, ms: performance.now() - startMs })
}
