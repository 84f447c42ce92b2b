import type { QueueChanges, QueueStore } from 'gearman-sdk/server'
import { queueStoreContract } from 'gearman-sdk/testing'
import { expect, test } from 'vitest'
import { MemoryDisk, MemoryStore } from '../../helpers/memory-store.ts'
import { describeStoreContract } from '../../helpers/store-contract.ts'

describeStoreContract('a store in memory', () => {
  const disk = new MemoryDisk()
  const other = new MemoryDisk()
  return {
    createStore: () => new MemoryStore(disk),
    createOtherStore: () => new MemoryStore(other),
    makeNewer: async () => {
      disk.version = 2
    },
    addUnreadableRow: async () => {
      disk.unreadable.push('row 7')
    },
  }
})

class Forgetful extends MemoryStore {
  override async commit(changes: QueueChanges): Promise<void> {
    await super.commit({ ...changes, updated: [] })
  }
}

class Halfway extends MemoryStore {
  override async commit(changes: QueueChanges): Promise<void> {
    for (const job of changes.added) {
      await super.commit({ added: [job], updated: [], removed: [], highestKey: undefined })
    }
    await super.commit(changes)
  }
}

class Open extends MemoryStore {
  override async close(): Promise<void> {}
}

class Textual extends MemoryStore {
  override async commit(changes: QueueChanges): Promise<void> {
    const added = changes.added.map((job) => ({ ...job, data: Buffer.from(String(job.data)) }))
    await super.commit({ ...changes, added })
  }
}

test.each<[fault: string, Store: new (disk: MemoryDisk) => QueueStore, caught: string]>([
  ['does not update', Forgetful, 'an update changes the retries of its job and nothing else'],
  [
    'writes half a commit',
    Halfway,
    'a commit that fails leaves nothing behind, and the next one works',
  ],
  ['stays locked', Open, 'a job comes back as it was'],
  ['takes data for text', Textual, 'data may be any bytes, and none'],
])('a store that %s fails', async (_fault, Store, caught) => {
  const checks = queueStoreContract({
    prepare: () => {
      const disk = new MemoryDisk()
      return { createStore: () => new Store(disk) }
    },
  })
  const check = checks.find(({ name }) => name === caught)
  await expect(check?.run()).rejects.toThrow()
})

test('what a store cannot do is skipped with a reason', async () => {
  const checks = queueStoreContract({
    prepare: () => {
      const disk = new MemoryDisk()
      return { createStore: () => new MemoryStore(disk) }
    },
  })
  const reasons = await Promise.all(checks.map((check) => check.run()))
  expect(reasons.filter((reason) => reason !== undefined)).toEqual([
    'the store has one queue only',
    'the store has one queue only',
    'the fixture cannot make a newer queue',
    'the fixture has no unreadable row',
  ])
})
