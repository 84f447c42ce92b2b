import assert from 'node:assert/strict'
import type {
  OpenedStore,
  QueueChanges,
  QueueStore,
  SetAsideRow,
  StoredJob,
  StoredOutcome,
  StoreOwner,
} from '../server/index.ts'
import type { QueueStoreFixture } from './queue-store-fixture.ts'

/** Who opens stores in the checks. */
const OWNER: StoreOwner = {
  hostname: 'first-server.example',
  pid: 40_407,
  since: new Date(1_700_000_000_000),
}

/** A store that is open, and what it said. */
export interface OpenStore extends OpenedStore {
  readonly store: QueueStore
  readonly setAside: readonly SetAsideRow[]
  readonly notices: readonly string[]
  /** Commits; lists that are left out are empty. */
  commit(changes: Partial<QueueChanges>): Promise<void>
}

/** What a check works with. */
export class StoreRun {
  readonly fixture: QueueStoreFixture
  readonly owner: StoreOwner = OWNER
  readonly #open = new Set<QueueStore>()

  constructor(fixture: QueueStoreFixture) {
    this.fixture = fixture
  }

  /** Opens a store: a new object on the queue of the check unless told otherwise. */
  async open(store: QueueStore = this.fixture.createStore()): Promise<OpenStore> {
    const setAside: SetAsideRow[] = []
    const notices: string[] = []
    const opened = await store.open({
      owner: OWNER,
      setAside: (row) => void setAside.push(row),
      notice: (message) => void notices.push(message),
    })
    this.#open.add(store)
    const commit = (changes: Partial<QueueChanges>): Promise<void> =>
      store.commit({ added: [], updated: [], removed: [], highestKey: undefined, ...changes })
    return { ...opened, store, setAside, notices, commit }
  }

  /** Opens a store of a new server, which begins with a replay. */
  async start(): Promise<OpenStore & { readonly jobs: readonly StoredJob[] }> {
    const opened = await this.open()
    return { ...opened, jobs: await this.replay(opened) }
  }

  /** Everything that a store replays, in its order. */
  async replay({ store }: Pick<OpenStore, 'store'>): Promise<StoredJob[]> {
    const jobs: StoredJob[] = []
    for await (const batch of store.replay()) jobs.push(...batch)
    return jobs
  }

  /** What a store has kept of jobs that are over, by key. */
  async replayOutcomes({ store }: Pick<OpenStore, 'store'>): Promise<StoredOutcome[]> {
    const outcomes: StoredOutcome[] = []
    for await (const batch of store.replayOutcomes?.() ?? []) outcomes.push(...batch)
    return outcomes.sort((one, other) => one.job.key - other.job.key)
  }

  /** Closes a store. */
  async close({ store }: Pick<OpenStore, 'store'>): Promise<void> {
    this.#open.delete(store)
    await store.close()
  }

  /** What a new server finds. */
  async stored(): Promise<{ readonly jobs: readonly StoredJob[]; readonly highestKey: number }> {
    const opened = await this.start()
    await this.close(opened)
    return { jobs: opened.jobs, highestKey: opened.highestKey }
  }

  /** Commits to the queue of the check, with a store of its own. */
  async write(...commits: readonly Partial<QueueChanges>[]): Promise<void> {
    const opened = await this.start()
    for (const changes of commits) await opened.commit(changes)
    await this.close(opened)
  }

  /** Closes what a check has left open. */
  async closeAll(): Promise<void> {
    for (const store of this.#open) await store.close()
    this.#open.clear()
  }
}

/** A job; what is left out is ordinary. */
export function jobOf(key: number, fields: Partial<StoredJob> = {}): StoredJob {
  return {
    key,
    functionName: 'reverse',
    unique: `unique-${key}`,
    reducer: '',
    priority: 1,
    data: Buffer.from(`data of ${key}`),
    runAtEpochSeconds: 0,
    acceptedAtMs: 1_700_000_000_000 + key,
    retries: 0,
    ...fields,
  }
}

/** What is kept of a job; what is left out is ordinary. */
export function outcomeOf(key: number, fields: Partial<StoredOutcome> = {}): StoredOutcome {
  return {
    job: jobOf(key),
    kind: 'exception',
    canRequeue: true,
    endedAtMs: 1_700_000_100_000 + key,
    output: Buffer.from(`exception of ${key}`),
    ...fields,
  }
}

/** Compares outcomes field by field. */
export function assertOutcomes(
  actual: readonly StoredOutcome[],
  expected: readonly StoredOutcome[],
): void {
  const plain = ({ job, output, ...fields }: StoredOutcome): object => ({
    ...fields,
    output: output.toString('latin1'),
  })
  assert.deepEqual(actual.map(plain), expected.map(plain))
  assertJobs(
    actual.map(({ job }) => job),
    expected.map(({ job }) => job),
  )
}

/** Compares jobs field by field; large data by its bytes, without printing them. */
export function assertJobs(actual: readonly StoredJob[], expected: readonly StoredJob[]): void {
  const plain = ({ data, ...fields }: StoredJob): object => ({ ...fields, bytes: data.length })
  assert.deepEqual(actual.map(plain), expected.map(plain))
  for (const [index, { key, data }] of expected.entries()) {
    const found = actual[index]?.data
    assert(Buffer.isBuffer(found), `the data of job ${key} is no Buffer`)
    assert(found.equals(data), `the data of job ${key} has changed`)
  }
}
