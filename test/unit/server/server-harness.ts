import { TypedEmitter } from '../../../src/core/typed-emitter.ts'
import { type PacketArgument, viewOf } from '../../../src/protocol/packet-encoder.ts'
import {
  type PacketName,
  PacketType,
  packetInfo,
  packetName,
} from '../../../src/protocol/packets.ts'
import type { Clock, Timer } from '../../../src/server/queue/clock.ts'
import { JobTable, type JobTableOptions } from '../../../src/server/queue/job-table.ts'
import type { Pacer, PacketSink } from '../../../src/server/queue/ordered-output.ts'
import { Peer } from '../../../src/server/queue/peer.ts'
import { Submissions } from '../../../src/server/queue/submissions.ts'
import { WorkerDesk } from '../../../src/server/queue/worker-desk.ts'
import type { ServerEvents } from '../../../src/server/server-events.ts'
import type { ServerStats } from '../../../src/server/server-stats.ts'
import { ServerSession, type SessionContext } from '../../../src/server/session/server-session.ts'
import { ServerReports } from '../../../src/server/stats/server-reports.ts'
import { takeStats } from '../../../src/server/stats/take-stats.ts'
import type { QueueChanges, QueueStore } from '../../../src/server/stores/queue-store.ts'

/** Time in the hands of a test. */
export class HandClock implements Clock {
  readonly #startMs: number
  #nowMs: number
  #timers: { readonly atMs: number; readonly callback: () => void }[] = []

  constructor(nowMs = 1_000_000_000_000) {
    this.#startMs = nowMs
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  elapsedMs(): number {
    return this.#nowMs - this.#startMs
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#timers.push(timer)
    return timer
  }

  clearTimer(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }

  /** How many timers are set. */
  get timerCount(): number {
    return this.#timers.length
  }

  /** Lets time pass, and calls what is due, in order. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const [next] = this.#timers
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((one, other) => one.atMs - other.atMs)
      if (next === undefined) break
      this.clearTimer(next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.callback()
    }
    this.#nowMs = untilMs
  }
}

/** What a peer got, in words. */
class RecordingSink implements PacketSink {
  readonly received: string[] = []

  send(type: number, args: readonly PacketArgument[]): void {
    if (packetInfo(type)?.argumentCount !== args.length) throw new Error('wrong arguments')
    this.received.push([packetName(type), ...args.map(show)].join(' '))
  }

  sendBody(type: number, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const body = bytes.subarray(start, end)
    this.received.push([packetName(type), ...show(body).split('\0')].join(' '))
  }

  sendBytes(bytes: Uint8Array): void {
    this.received.push(show(bytes))
  }
}

function show(arg: PacketArgument): string {
  return typeof arg === 'string' ? arg : viewOf(arg).toString('latin1')
}

/** One peer of a server without sockets. */
export class TestPeer {
  readonly session: ServerSession
  readonly #sink: RecordingSink

  constructor(
    id: number,
    context: SessionContext,
    { address, pacer }: { readonly address: string; readonly pacer: Pacer | undefined },
  ) {
    this.#sink = new RecordingSink()
    const peer = new Peer({ id, address, pacer, sink: this.#sink, wantsExceptions: false })
    this.session = new ServerSession(peer, context)
  }

  /** Sends a packet and gives back everything that came since the last look. */
  play(type: PacketName | number, ...args: string[]): string[] {
    const body = Buffer.from(args.join('\0'), 'latin1')
    this.session.onPacket(typeof type === 'number' ? type : PacketType[type], body)
    return this.look()
  }

  /** Runs a text command and gives back its reply. */
  say(line: string): string {
    this.session.onLine(Buffer.from(line, 'latin1'))
    return this.look().join('')
  }

  /** Everything that came since the last look. */
  look(): string[] {
    return this.#sink.received.splice(0)
  }

  /** The connection is gone. */
  leave(): void {
    this.session.onClose()
  }
}

/** A store whose commits end when a test says so. */
export class HandStore implements Pick<QueueStore, 'commit'> {
  readonly commits: QueueChanges[] = []
  readonly #open: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  commit(changes: QueueChanges): Promise<void> {
    this.commits.push(changes)
    return new Promise((resolve, reject) => this.#open.push({ resolve, reject }))
  }

  /** How many commits have not ended. */
  get openCount(): number {
    return this.#open.length
  }

  /** Ends the oldest open commit well. */
  async succeed(): Promise<void> {
    this.#open.shift()?.resolve()
    await turn()
  }

  /** Ends the oldest open commit badly. */
  async fail(): Promise<void> {
    this.#open.shift()?.reject(new Error('disk full'))
    await turn()
  }
}

/** Lets the current turn of the event loop end, and what hangs on it run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

/** A whole server without a socket and without time. */
export class TestServer {
  readonly clock: HandClock = new HandClock()
  readonly table: JobTable
  readonly submissions: Submissions
  /** How jobs ended, in order. */
  readonly outcomes: string[] = []
  readonly events: TypedEmitter<ServerEvents> = new TypedEmitter()
  readonly reports: ServerReports
  readonly shutdowns: boolean[] = []
  readonly #context: SessionContext
  readonly #peers: TestPeer[] = []

  constructor(
    options: Partial<JobTableOptions> & {
      readonly roundRobin?: boolean
      readonly compat?: '1.1.20' | '2.0'
      readonly maxArgumentBytes?: number
      readonly store?: Pick<QueueStore, 'commit'>
    } = {},
  ) {
    this.reports = new ServerReports(
      this.events,
      () => this.table,
      () => undefined,
    )
    this.events.on('jobDone', () => this.outcomes.push('complete'))
    this.events.on('jobFailed', ({ reason }) => this.outcomes.push(reason))
    this.events.on('jobLost', () => this.outcomes.push('lost'))
    this.events.on('jobDropped', ({ reason }) => this.outcomes.push(reason))
    const defaults = {
      jobHandlePrefix: 'H:test',
      jobRetries: 0,
      workerWakeup: 0,
      maxUncommittedJobs: 1000,
      maxUncommittedBytes: 1_000_000,
    }
    this.table = new JobTable(
      { ...defaults, ...options },
      { clock: this.clock, store: options.store, observer: this.reports },
    )
    this.submissions = new Submissions(this.table)
    this.#context = {
      table: this.table,
      submissions: this.submissions,
      desk: new WorkerDesk(this.table, {
        roundRobin: options.roundRobin ?? false,
        compat: options.compat ?? '1.1.20',
      }),
      maxArgumentBytes: options.maxArgumentBytes ?? 8192,
      observer: this.reports,
      server: {
        peers: () => this.#peers.map(({ session }) => session.peer),
        mayAdminister: ({ address }) => address === '127.0.0.1',
        verbose: 'ERROR',
        shutdown: (isGraceful) => this.shutdowns.push(isGraceful),
      },
    }
  }

  /** A new connection. */
  connect(address = '127.0.0.1', pacer?: Pacer): TestPeer {
    const peer = new TestPeer(this.#peers.length + 1, this.#context, { address, pacer })
    this.#peers.push(peer)
    return peer
  }

  /** A new connection that can do a function. */
  worker(functionName = 'f'): TestPeer {
    const worker = this.connect()
    worker.play('CAN_DO', functionName)
    return worker
  }

  /** What `GearmanServer.stats()` would tell. */
  stats(): ServerStats {
    const connections = this.#peers.map(({ session }) => ({ peer: session.peer, sentBytes: 0 }))
    return takeStats(this.table, this.reports, {
      uptimeMs: this.clock.elapsedMs(),
      connections: connections.filter(({ peer }) => !peer.isClosed),
      connectionCount: this.#peers.length,
    })
  }

  /** `status` of one function: total, running, workers. */
  status(functionName = 'f'): string {
    const queue = this.table.functions.get(functionName)
    return `${queue?.total} ${queue?.running} ${queue?.workers}`
  }
}
