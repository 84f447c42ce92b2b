import { InvalidArgumentError } from 'gearman-sdk'
import { MongodbStore, type MongodbStoreOptions } from 'gearman-sdk/server'
import { BSON } from 'mongodb'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'
import { type FakeMongodb, makeFakeMongodb } from '../../../helpers/fake-mongodb.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'

let fake: FakeMongodb

vi.mock('../../../../src/server/mongodb/driver.ts', () => ({
  loadDriver: async () => fake.MongoClient,
}))

beforeEach(() => {
  fake = makeFakeMongodb(BSON)
})

/** Refusing a second server takes as long as the first needs for a sign of life. */
vi.setConfig({ testTimeout: 60_000 })

const URL_OF_FAKE = 'mongodb://user:secret@db1:27017,db2/jobs?replicaSet=rs'
const DOCUMENTS = ['jobs', 'gearman_sdk_default'] as const

describe.each([
  ['a replica set', true],
  ['a single server', false],
])('on %s', (_what, isReplicaSet) => {
  describeStoreContract('the MongoDB store, with a driver in memory,', () => {
    fake.isReplicaSet = isReplicaSet
    return {
      createStore: () => new MongodbStore({ url: URL_OF_FAKE }),
      createOtherStore: () => new MongodbStore({ url: URL_OF_FAKE, queueName: 'other' }),
      makeNewer: async () => {
        const queue = fake.documents(...DOCUMENTS).get('queue')
        if (queue !== undefined) queue['schemaVersion'] = 99
      },
      addUnreadableRow: async () => {
        fake.documents(...DOCUMENTS).set('odd', { _id: 'odd', functionName: 'text' })
      },
    }
  })
})

async function openStore(notices: string[] = []): Promise<MongodbStore> {
  const store = new MongodbStore({ url: URL_OF_FAKE })
  await store.open({
    owner: { hostname: '$host', pid: 7, since: new Date(0) },
    setAside: () => undefined,
    notice: (message) => void notices.push(message),
  })
  return store
}

const NOTHING = { added: [], updated: [], removed: [], highestKey: undefined } as const

test('the queue of a server that crashed is free when its lease is over', async () => {
  await openStore()
  const queue = fake.documents(...DOCUMENTS).get('queue') ?? {}
  expect(queue['owner']).toBe('$host, process 7, since 1970-01-01T00:00:00.000Z')
  queue['leaseUntil'] = new Date(0)
  const second = await openStore()
  await second.commit(NOTHING)
  await second.close()
})

test('a server that lost its queue writes no more', async () => {
  const first = await openStore()
  const queue = fake.documents(...DOCUMENTS).get('queue') ?? {}
  queue['leaseUntil'] = new Date(0)
  const second = await openStore()
  await expect(first.commit(NOTHING)).rejects.toThrow('another server has taken the queue')
  await second.close()
  await first.close()
})

test('a transaction that met another is tried again; other errors are not', async () => {
  const store = await openStore()
  fake.commitErrors.push(Object.assign(new Error('conflict'), { hasErrorLabel: () => true }))
  await store.commit({ ...NOTHING, highestKey: 5 })
  expect(fake.documents(...DOCUMENTS).get('queue')).toMatchObject({ highestKey: 5, commits: 1 })
  fake.commitErrors.push(new Error('no rights'))
  await expect(store.commit({ ...NOTHING, highestKey: 6 })).rejects.toThrow('no rights')
  expect(fake.documents(...DOCUMENTS).get('queue')).toMatchObject({ highestKey: 5 })
  await store.close()
})

test('a single server is told to the operator', async () => {
  fake.isReplicaSet = false
  const notices: string[] = []
  const store = await openStore(notices)
  expect(notices).toEqual(['it is no replica set: a crash may leave a part of a commit'])
  expect(store.capabilities.isAtomic).toBe(false)
  await store.close()
})

describe('the options of a MongodbStore', () => {
  it.each([
    [URL_OF_FAKE, {}, 'mongodb db1:27017,db2/jobs'],
    ['mongodb+srv://example.org', {}, 'mongodb example.org/gearman'],
    [
      'mongodb://[::1]:27017/?tls=true',
      { queueName: 'a-b' },
      'mongodb [::1]:27017/gearman queue a-b',
    ],
  ])('%s %j', (url, options, name) => {
    expect(new MongodbStore({ url, ...options }).name).toBe(name)
  })

  it.each([
    [undefined],
    [{}],
    [{ url: 'http://user:secret@db' }],
    [{ url: 'mongodb://' }],
    [{ url: 'mongodb://db', queueName: 'a b' }],
    [{ url: 'mongodb://db', queueName: 1 }],
    [{ url: 'mongodb://db', timeout: 0 }],
  ])('%j are none, and no password is shown', (options) => {
    const make = (): MongodbStore => new MongodbStore(options as unknown as MongodbStoreOptions)
    expect(make).toThrow(InvalidArgumentError)
    expect(make).not.toThrow('secret')
  })
})
