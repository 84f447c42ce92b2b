/**
 * A queue store of your own: background jobs in a file of JSON lines, rewritten at each commit. Slow, but all
 * that a store has to do. The last lines hold it to the contract, as a test of yours would.
 *
 * Run: npx tsx examples/custom-store.ts
 */
import { mkdtemp, open, readFile, rename, rm, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { GearmanClient } from 'gearman-sdk'
import {
  GearmanServer,
  type OpenedStore,
  type QueueChanges,
  type QueueStore,
  type StoreCapabilities,
  type StoreContext,
  type StoredJob,
} from 'gearman-sdk/server'
import { queueStoreContract } from 'gearman-sdk/testing'

class FileStore implements QueueStore {
  readonly name: string
  readonly capabilities: StoreCapabilities = { isDurable: true, isAtomic: true, isExclusive: true }
  readonly #path: string
  #jobs = new Map<number, StoredJob>()
  #highestKey = 0

  constructor(path: string) {
    this.name = `file ${path}`
    this.#path = path
  }

  async open({ owner }: StoreContext): Promise<OpenedStore> {
    await this.#lock(`${owner.hostname}, process ${owner.pid}, since ${owner.since.toISOString()}`)
    try {
      await this.#read()
    } catch (error) {
      await this.close()
      throw error
    }
    return { highestKey: Math.max(this.#highestKey, ...this.#jobs.keys()) }
  }

  async *replay(): AsyncGenerator<readonly StoredJob[]> {
    yield [...this.#jobs.values()].sort((one, other) => one.key - other.key)
  }

  async commit({ added, updated, removed, highestKey }: QueueChanges): Promise<void> {
    const jobs = new Map(this.#jobs)
    for (const job of added) jobs.set(job.key, { ...job, data: Buffer.from(job.data) })
    for (const { key, retries } of updated) {
      const job = jobs.get(key)
      if (job !== undefined) jobs.set(key, { ...job, retries })
    }
    for (const key of removed) jobs.delete(key)
    await this.#write(jobs, highestKey ?? this.#highestKey)
    this.#jobs = jobs
    this.#highestKey = highestKey ?? this.#highestKey
  }

  async close(): Promise<void> {
    await unlink(`${this.#path}.lock`)
  }

  /** A real store takes a lock that the system gives back when the process crashes. */
  async #lock(owner: string): Promise<void> {
    const lock = `${this.#path}.lock`
    const file = await open(lock, 'wx').catch(async (cause: unknown) => {
      throw new Error(`in use by ${await readFile(lock, 'utf8')}`, { cause })
    })
    await file.writeFile(owner)
    await file.close()
  }

  async #read(): Promise<void> {
    this.#jobs = new Map()
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{"highestKey":0}' // A new queue.
      throw error
    })
    const [head = '', ...lines] = text.trim().split('\n')
    this.#highestKey = (JSON.parse(head) as { highestKey: number }).highestKey
    for (const line of lines) {
      const job = JSON.parse(line) as StoredJob & { readonly data: string }
      this.#jobs.set(job.key, { ...job, data: Buffer.from(job.data, 'base64') })
    }
  }

  /** Whole or not at all: a new file, on the disk, under the old name. */
  async #write(jobs: ReadonlyMap<number, StoredJob>, highestKey: number): Promise<void> {
    const lines = Array.from(jobs.values(), (job) =>
      JSON.stringify({ ...job, data: job.data.toString('base64') }),
    )
    const file = await open(`${this.#path}.new`, 'w')
    try {
      await file.writeFile([JSON.stringify({ highestKey }), ...lines].join('\n'))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${this.#path}.new`, this.#path)
    // The new name is on the disk when its folder is.
    const folder = await open(dirname(this.#path))
    await folder.sync().finally(() => folder.close())
  }
}

const folder = await mkdtemp(join(tmpdir(), 'custom-store-'))
const path = join(folder, 'jobs.jsonl')

for (const start of [1, 2]) {
  await using server = new GearmanServer({ port: 0, store: new FileStore(path) })
  server.on('storeReplayed', ({ jobs }) =>
    console.log(`start ${start}, jobs in the store: ${jobs}`),
  )
  const { host, port } = await server.listen()
  await using client = new GearmanClient([[host, port]])
  const { handle } = await client.submitJob('resize', 'photo.jpg', { background: true })
  console.log(`accepted: job ${handle?.split(':').at(-1)}`)
}

let files = 0
const checks = queueStoreContract({
  prepare: () => {
    files += 1
    const file = join(folder, `check-${files}`)
    return { createStore: () => new FileStore(file) }
  },
})
for (const { name, run } of checks) {
  const skipped = await run()
  if (skipped !== undefined) console.log(`skipped: ${name}: ${skipped}`)
}
console.log('the store keeps the contract')
await rm(folder, { recursive: true })
