import type { OpenedStore, QueueChanges, QueueStore, StoredJob } from '../../src/server/index.ts'

/** A store that a test has open, in place of a server. */
export interface OpenedForTest extends OpenedStore {
  readonly jobs: readonly StoredJob[]
  /** What it told: notices, and what it set aside. */
  readonly told: readonly string[]
  /** Commits; what is left out is empty. */
  commit(changes: Partial<QueueChanges>): Promise<void>
}

/** Opens a store as a server does, and reads all it has. */
export async function openStore(store: QueueStore, pid = 1): Promise<OpenedForTest> {
  const told: string[] = []
  const opened = await store.open({
    owner: { hostname: 'test', pid, since: new Date() },
    setAside: ({ row, reason }) => void told.push(`${row}: ${reason}`),
    notice: (message) => void told.push(message),
  })
  const jobs: StoredJob[] = []
  for await (const batch of store.replay()) jobs.push(...batch)
  const commit = (changes: Partial<QueueChanges>): Promise<void> =>
    store.commit({ added: [], updated: [], removed: [], highestKey: undefined, ...changes })
  return { ...opened, jobs, told, commit }
}

/** What a store has, and what it tells when it is opened; it is closed again. */
export async function readStore(
  store: QueueStore,
): Promise<{ readonly jobs: readonly StoredJob[]; readonly told: readonly string[] }> {
  const { jobs, told } = await openStore(store)
  await store.close()
  return { jobs, told }
}

/** An ordinary job. */
export function storedJob(key: number, fields: Partial<StoredJob> = {}): StoredJob {
  return {
    key,
    functionName: 'resize',
    unique: '',
    reducer: '',
    priority: 1,
    data: Buffer.from(`data of ${key}`),
    runAtEpochSeconds: 0,
    acceptedAtMs: 1_700_000_000_000,
    retries: 0,
    ...fields,
  }
}
