import { statSync } from 'node:fs'
import { join } from 'node:path'
import { SqliteStore, type StoredJob } from 'gearman-sdk/server'
import { expect, test } from 'vitest'
import { useFolder } from '../../../helpers/temporary-folder.ts'

const MIB = 1024 * 1024
const JOB: Omit<StoredJob, 'key' | 'data'> = {
  functionName: 'task',
  unique: '',
  reducer: '',
  priority: 1,
  runAtEpochSeconds: 0,
  acceptedAtMs: 1,
  retries: 0,
}

test('the log stays small under load, and a large commit does not leave a large one', async () => {
  const path = join(useFolder(), 'jobs.db')
  const log = (): number => statSync(`${path}-wal`).size
  const store = new SqliteStore({ path })
  await store.open({
    owner: { hostname: 'test', pid: 1, since: new Date() },
    setAside: () => undefined,
    notice: () => undefined,
  })
  let key = 0
  const commit = async (jobs: number, bytes: number): Promise<void> => {
    const data = Buffer.alloc(bytes)
    const removed = key === 0 ? [] : [key]
    const added = Array.from({ length: jobs }, () => {
      key += 1
      return { ...JOB, key, data }
    })
    await store.commit({ added, updated: [], removed, highestKey: undefined })
  }
  for (let commits = 0; commits < 500; commits += 1) await commit(10, 10_000)
  const usual = log()
  expect(usual).toBeLessThan(8 * MIB)
  await commit(40, MIB)
  expect(log()).toBeGreaterThan(40 * MIB)
  for (let commits = 0; commits < 3; commits += 1) await commit(1, 10)
  expect(log()).toBeLessThanOrEqual(16 * MIB)
  await store.close()
})
