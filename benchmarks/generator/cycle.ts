import { report } from '../peers/node/report.ts'
import type { FastConnection } from './fast-connection.ts'
import { FastWorker } from './fast-worker.ts'
import { Latencies } from './latencies.ts'
import { PacketCode, packet } from './prepared-packets.ts'

/** Foreground jobs in a closed loop. */
export interface Cycle {
  readonly clients: readonly FastConnection[]
  readonly workers: readonly FastConnection[]
  /** Grabs that each worker keeps under way. */
  readonly grabs: number
  /** Jobs in flight, over all clients. */
  readonly inFlight: number
  readonly data: Buffer
  /** Each worker knows so many; jobs are for each of them in turn. */
  readonly functions: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

const LARGE_BYTES = 64 * 1024
/** A server is warm after so many jobs, or so many times the warm-up. */
const WARM_JOBS = 20_000
const LONGEST_WARM_UP = 5

/** Works in a closed loop, and reports how many jobs were done; with one job for each client in flight, how long they took. */
export async function cycle({
  clients,
  workers,
  grabs,
  inFlight,
  data,
  functions,
  warmUpMs,
  measuredMs,
}: Cycle): Promise<void> {
  const names = Array.from({ length: functions }, (_, index) => `function-${index}`)
  for (const connection of workers) new FastWorker(connection, names, grabs, data).start()
  const jobs = names.map((name) => packet('SUBMIT_JOB', name, '', data))
  report({ ready: true })
  const loop = new Loop(jobs, warmUpMs, measuredMs)
  const each = Math.max(1, Math.floor(inFlight / clients.length))
  for (const client of clients) loop.start(client, each)
  await loop.over
  report({ jobs: loop.done, allJobs: loop.allJobs, ms: measuredMs, ...loop.latencies.summary() })
}

/** Clients that send a job for each answer. */
class Loop {
  /** Resolves when the time is over. */
  readonly over: Promise<void>
  readonly latencies: Latencies = new Latencies()
  done = 0
  allJobs = 0
  readonly #jobs: readonly Buffer[]
  readonly #warmUpMs: number
  readonly #measuredMs: number
  readonly #beginMs: number = performance.now()
  #endMs: number = Number.POSITIVE_INFINITY
  #warmUpJobs = 0
  #isWarm = false
  #lastJob = 0
  #end: () => void = () => undefined

  constructor(jobs: readonly Buffer[], warmUpMs: number, measuredMs: number) {
    this.#jobs = jobs
    this.#warmUpMs = warmUpMs
    this.#measuredMs = measuredMs
    this.over = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  start(client: FastConnection, inFlight: number): void {
    let answers = 0
    let sentMs = performance.now()
    client.onPacket = (type) => {
      if (type === PacketCode.WORK_COMPLETE) answers += 1
    }
    client.onReadEnd = () => {
      if (answers === 0) return
      const nowMs = performance.now()
      this.#count(answers, nowMs, inFlight === 1 ? nowMs - sentMs : undefined)
      sentMs = nowMs
      for (; answers > 0; answers -= 1) this.#sendOne(client)
    }
    for (let sent = 0; sent < inFlight; sent += 1) this.#sendOne(client)
    client.flush()
  }

  #count(answers: number, nowMs: number, latencyMs: number | undefined): void {
    this.allJobs += answers
    if (!this.#isWarm) {
      this.#warmUp(answers, nowMs)
    } else if (nowMs > this.#endMs) {
      this.#end()
    } else {
      this.done += answers
      if (latencyMs !== undefined) this.latencies.add(latencyMs)
    }
  }

  #warmUp(answers: number, nowMs: number): void {
    this.#warmUpJobs += answers
    const spentMs = nowMs - this.#beginMs
    const isEnough = this.#warmUpJobs > WARM_JOBS && spentMs > this.#warmUpMs
    this.#isWarm = isEnough || spentMs > this.#warmUpMs * LONGEST_WARM_UP
    this.#endMs = nowMs + this.#measuredMs
  }

  #sendOne(client: FastConnection): void {
    this.#lastJob = (this.#lastJob + 1) % this.#jobs.length
    const job = this.#jobs[this.#lastJob]
    if (job === undefined) return
    if (job.length > LARGE_BYTES) client.sendLarge(job)
    else client.append(job)
  }
}
