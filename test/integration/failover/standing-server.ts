import { setTimeout as sleep } from 'node:timers/promises'
import { FaultProxy } from 'gearman-sdk/testing'
import type { FaultKind, FaultSide, PlannedFault } from './fault-plan.ts'

/** A server in a process of its own that keeps its port, and its queue on disk. */
export interface ServerProcess {
  readonly port: number
  log(): string
  signal(name: NodeJS.Signals): void
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
}

/** One of the servers, between it and everybody else two proxies: one for clients, one for workers. */
export class StandingServer {
  readonly process: ServerProcess
  readonly proxies: Readonly<Record<FaultSide, FaultProxy>>
  /** How many faults it had, by kind. */
  readonly faults: Map<FaultKind, number> = new Map()

  private constructor(process: ServerProcess, clients: FaultProxy, workers: FaultProxy) {
    this.process = process
    this.proxies = { clients, workers }
  }

  static async start(process: ServerProcess): Promise<StandingServer> {
    const clients = await FaultProxy.start(process)
    const workers = await FaultProxy.start(process)
    return new StandingServer(process, clients, workers)
  }

  /** Plays a plan, as far as it gets until then on the clock of `performance.now()`: starts take their time. */
  async play(plan: readonly PlannedFault[], untilMs: number): Promise<void> {
    for (const fault of plan) {
      await sleep(fault.pauseMs)
      if (performance.now() >= untilMs) return
      await this.#suffer(fault)
      this.faults.set(fault.kind, (this.faults.get(fault.kind) ?? 0) + 1)
    }
  }

  /** Ends it all. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.close()))
    await this.process.stop('SIGKILL')
  }

  /** A fault, from its beginning to its end: everything is as before then. */
  async #suffer(fault: PlannedFault): Promise<void> {
    switch (fault.kind) {
      case 'kill':
        return await this.#restart('SIGKILL', fault.forMs)
      case 'stop':
        return await this.#restart('SIGTERM', fault.forMs)
      case 'freeze':
        this.process.signal('SIGSTOP')
        await sleep(fault.forMs)
        return this.process.signal('SIGCONT')
      case 'freezeAndKill':
        this.process.signal('SIGSTOP')
        await sleep(fault.forMs)
        return await this.#restart('SIGKILL', 0)
      default:
        await Promise.all(fault.sides.map((side) => disturb(this.proxies[side], fault)))
    }
  }

  async #restart(signal: NodeJS.Signals, afterMs: number): Promise<void> {
    await this.process.stop(signal)
    await sleep(afterMs)
    await this.process.start()
  }
}

async function disturb(proxy: FaultProxy, fault: PlannedFault): Promise<void> {
  const { kind, forMs, direction, delayMs, splitBytes } = fault
  if (kind === 'cut') proxy.cut()
  else if (kind === 'halfClose') proxy.halfClose(direction)
  else if (kind === 'refuse') {
    proxy.refuse()
    proxy.cut()
    await sleep(forMs)
    await proxy.listen()
  } else if (kind === 'silence') {
    proxy.freeze(direction)
    await sleep(forMs)
    proxy.resume()
  } else if (kind === 'drop') {
    proxy.drop(direction)
    await sleep(forMs)
    proxy.resume()
    proxy.cut()
  } else if (kind === 'slow') {
    proxy.delay(delayMs)
    proxy.split(splitBytes)
    await sleep(forMs)
    proxy.delay(0)
    proxy.split(Number.POSITIVE_INFINITY)
  }
}
