import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { GearmanClient, type GearmanClientOptions } from 'gearman-sdk'
import { seeded } from '../../helpers/seeded-random.ts'
import { FAULT_KINDS, planFaults } from './fault-plan.ts'
import { LoadClient } from './load-client.ts'
import { LoadRecord } from './load-record.ts'
import { LoadWorker } from './load-worker.ts'
import { type ServerProcess, StandingServer } from './standing-server.ts'

export const WORKERS = 10
export const CLIENTS = 4
/** Calls that one client has under way. */
const LOOPS = 6
const HEAP_SAMPLES = 4
const MEBIBYTE = 1024 * 1024

/** Losses are found in a second, so that a run has many of them. */
const CONNECTION = {
  connectTimeout: 1000,
  heartbeatInterval: 500,
  heartbeatTimeout: 500,
  reconnectMinDelay: 20,
  reconnectMaxDelay: 500,
}
const STRATEGIES = ['least-load', 'round-robin', 'random', 'least-load'] as const

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Clients and workers under load, while their servers and the network between them fail in all ways. */
export class StandingRun implements AsyncDisposable {
  readonly record: LoadRecord = new LoadRecord()
  readonly servers: readonly StandingServer[]
  readonly workers: readonly LoadWorker[]
  readonly clients: readonly GearmanClient[]
  /** The heap after a collection, in MiB: some samples under load, and the last one at rest. */
  readonly heaps: number[] = []
  readonly #seed: number
  readonly #working: Promise<void>[]

  private constructor(servers: readonly StandingServer[], seed: number) {
    this.servers = servers
    this.#seed = seed
    const random = seeded(seed + 1)
    const addresses = servers.map(({ proxies }) => proxies.workers.address)
    this.workers = Array.from({ length: WORKERS }, (_, index) => {
      const own = { concurrency: 1 + (index % 4), prefetch: index % 3, clientId: `worker-${index}` }
      return new LoadWorker(addresses, { ...CONNECTION, ...own }, this.record, random)
    })
    this.clients = Array.from({ length: CLIENTS }, (_, index) =>
      this.#createClient({ ...CONNECTION, strategy: STRATEGIES[index] }),
    )
    this.#working = this.workers.map(({ worker }) => worker.work())
  }

  /** Workers and clients that begin before their servers are all known to be there. */
  static async start(processes: readonly ServerProcess[], seed: number): Promise<StandingRun> {
    const servers: StandingServer[] = []
    for (const process of processes) servers.push(await StandingServer.start(process))
    return new StandingRun(servers, seed)
  }

  /** Lets everything happen for so long; resolves when all servers are well and every call has settled. */
  async play(durationMs: number): Promise<void> {
    const done = new AbortController()
    const sampling = setInterval(() => this.sampleHeap(), durationMs / HEAP_SAMPLES)
    const loads = this.clients.flatMap((client, index) =>
      Array.from({ length: LOOPS }, (_, loop) => {
        const random = seeded(this.#seed + 100 + index * LOOPS + loop)
        return new LoadClient(client, this.record, random).run(done.signal)
      }),
    )
    // Each server has a plan of its own, so that any number of them is down at once.
    const plans = this.servers.map((_, index) =>
      planFaults(seeded(this.#seed * 3 + index), durationMs),
    )
    try {
      const untilMs = performance.now() + durationMs
      await Promise.all(
        this.servers.map((server, index) => server.play(plans[index] ?? [], untilMs)),
      )
    } finally {
      clearInterval(sampling)
      done.abort()
      await Promise.all(loads)
    }
  }

  /** What is on the heap now. */
  sampleHeap(): void {
    collectGarbage()
    this.heaps.push(process.memoryUsage().heapUsed / MEBIBYTE)
  }

  /** What happened, in lines to print. */
  report(): string {
    const { record } = this
    const { accepted, lost, ran, ranTwice } = record.summary()
    const faults = FAULT_KINDS.map((kind) => {
      const count = this.servers.reduce((sum, server) => sum + (server.faults.get(kind) ?? 0), 0)
      return `${count} ${kind}`
    })
    const counts = [...record.counts].sort().map(([what, count]) => `  ${what}: ${count}`)
    return [
      `faults: ${faults.join(', ')}`,
      `${record.jobs} jobs, ${ran} ran, ${ranTwice} of them more than once; ` +
        `in the background ${accepted} accepted, ${lost.length} of them lost`,
      `slowest call ${Math.round(record.slowestMs)} ms, latest ${Math.round(record.latestMs)} ms after its deadline`,
      `heap in MiB: ${this.heaps.map((heap) => heap.toFixed(1)).join(', ')}`,
      `wrong: ${record.wrongCount}`,
      ...counts,
    ].join('\n')
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.clients.map((client) => client.shutdown()))
    await Promise.all(this.workers.map(({ worker }) => worker.shutdown()))
    await Promise.all(this.#working)
    await Promise.all(this.servers.map((server) => server.close()))
  }

  #createClient(options: GearmanClientOptions): GearmanClient {
    const addresses = this.servers.map(({ proxies }) => proxies.clients.address)
    const client = new GearmanClient(addresses, options)
    client.on('state', ({ to }) => this.record.count(`client: connection ${to}`))
    return client
  }
}
