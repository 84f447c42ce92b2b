import type {
  OpenedStore,
  QueueChanges,
  QueueStore,
  StoreCapabilities,
  StoreContext,
  StoredJob,
  StoredOutcome,
  StoreOwner,
} from 'gearman-sdk/server'

/** What outlives the stores on it, as a disk would. */
export class MemoryDisk {
  readonly jobs: Map<number, StoredJob> = new Map()
  readonly outcomes: Map<number, StoredOutcome> = new Map()
  readonly unreadable: string[] = []
  highestKey = 0
  version = 1
  owner: StoreOwner | undefined
}

/** The simplest store: the suite is tried on it, and servers are restarted on its disk. */
export class MemoryStore implements QueueStore {
  readonly name: string = 'memory'
  readonly capabilities: StoreCapabilities = {
    isDurable: false,
    isAtomic: true,
    isExclusive: true,
    keepsOutcomes: true,
  }
  readonly disk: MemoryDisk

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.disk = disk
  }

  async open({ owner, setAside }: StoreContext): Promise<OpenedStore> {
    const { disk } = this
    if (disk.version > 1) throw new Error(`version ${disk.version} is newer than this store`)
    if (disk.owner !== undefined) {
      const { hostname, pid, since } = disk.owner
      throw new Error(`in use by ${hostname}, process ${pid}, since ${since.toISOString()}`)
    }
    disk.owner = owner
    for (const row of disk.unreadable) setAside({ row, reason: 'it is no job' })
    return { highestKey: Math.max(disk.highestKey, ...disk.jobs.keys()) }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    yield [...this.disk.jobs.values()].sort((one, other) => one.key - other.key)
  }

  async *replayOutcomes(): AsyncGenerator<readonly StoredOutcome[]> {
    yield [...this.disk.outcomes.values()]
  }

  async commit(changes: QueueChanges): Promise<void> {
    const { disk } = this
    const { added, updated, removed, outcomes = [], forgotten = [], highestKey } = changes
    // Copied before anything changes: whole or not at all.
    const copies = added.map((job) => ({ ...job, data: Buffer.from(job.data) }))
    const kept = outcomes.map((outcome) => ({
      ...outcome,
      job: { ...outcome.job, data: Buffer.from(outcome.job.data) },
      output: Buffer.from(outcome.output),
    }))
    for (const job of copies) disk.jobs.set(job.key, job)
    for (const { key, retries } of updated) {
      const job = disk.jobs.get(key)
      if (job !== undefined) disk.jobs.set(key, { ...job, retries })
    }
    for (const key of removed) disk.jobs.delete(key)
    for (const outcome of kept) disk.outcomes.set(outcome.job.key, outcome)
    for (const key of forgotten) disk.outcomes.delete(key)
    disk.highestKey = highestKey ?? disk.highestKey
  }

  async close(): Promise<void> {
    this.disk.owner = undefined
  }
}
