import { GearmanErrorCode, InvalidArgumentError } from 'gearman-sdk'
import { GearmanServer, MemcachedStore, type MemcachedStoreOptions } from 'gearman-sdk/server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { rejectionOf, useClient, useWorker } from '../../../helpers/fixtures.ts'
import { describeWithGearmand, findFreePort, startGearmand } from '../../../helpers/gearmand.ts'
import {
  describeWithMemcached,
  type MemcachedServer,
  startMemcached,
} from '../../../helpers/memcached.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import { startRedis } from '../../../helpers/redis.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'
import { openStore, readStore, storedJob } from '../../../helpers/stored-jobs.ts'
import { useTcpProxy } from '../../../helpers/tcp-proxy.ts'

const EVERY_TIME = 'jobs are in the memory of memcached only, which may evict them'

describeWithMemcached('the memcached store', () => {
  let memcached: MemcachedServer
  let other: MemcachedServer
  let queues = 0
  beforeAll(async () => {
    memcached = await startMemcached()
    other = await startMemcached()
  })
  afterAll(async () => {
    await memcached.process.stop()
    await other.process.stop()
  })

  /** Options for a queue that no other test uses. */
  function newQueue(): MemcachedStoreOptions & { readonly queueName: string } {
    queues += 1
    const name = `test${queues}`
    return { servers: memcached.address, queueName: name, gearmandPrefix: `${name}_` }
  }

  function useStore(options: MemcachedStoreOptions): MemcachedStore {
    const store = new MemcachedStore(options)
    onTestFinished(() => store.close())
    return store
  }

  describeStoreContract('memcached', () => {
    const options = newQueue()
    return {
      createStore: () => new MemcachedStore(options),
      createOtherStore: () =>
        new MemcachedStore({
          ...options,
          queueName: `${options.queueName}b`,
          gearmandPrefix: 'none',
        }),
      makeNewer: () => memcached.set(`gearman-sdk:${options.queueName}:meta`, '{"version":99}'),
      addUnreadableRow: () => memcached.set(`${options.gearmandPrefix}no_hyphen`, 'x', 1),
    }
  })

  describeStoreContract('memcached on two servers', () => {
    const options = { ...newQueue(), servers: `${memcached.address}, ${other.address}` }
    return { createStore: () => new MemcachedStore(options) }
  })

  test('keys of gearmand are moved once, and what is no job is left there', async () => {
    const options = newQueue()
    const { gearmandPrefix: prefix } = options
    await memcached.set(`${prefix}f-one`, 'da\0ta', 0)
    await memcached.set(`${prefix}a-b-86f1c584-e7b7-11f1-8dce-02fc00000001`, '', 2)
    await memcached.set(`${prefix}f--`, 'x', 1)
    await memcached.set(`${prefix}f-odd`, 'x', 7)
    const { jobs, told } = await readStore(new MemcachedStore(options))
    const found = jobs.map(({ functionName, unique, priority, data }) =>
      [functionName, unique, priority, String(data)].join(' | '),
    )
    expect(found.sort()).toEqual([
      'a-b | 86f1c584-e7b7-11f1-8dce-02fc00000001 | 2 | ',
      'f | - | 1 | x',
      'f | one | 0 | da\0ta',
    ])
    const odd = `key ${prefix}f-odd, left there: its priority is not 0, 1 or 2`
    const moved = `3 jobs of gearmand's keys ${prefix}* were moved into the queue's own`
    expect(told).toEqual([EVERY_TIME, odd, moved])
    expect(await readStore(new MemcachedStore(options))).toEqual({ jobs, told: [EVERY_TIME, odd] })
  })

  describeWithGearmand('a queue that gearmand wrote', () => {
    test('is run by our server: hyphens, NUL bytes, priorities', async () => {
      const options = { ...newQueue(), gearmandPrefix: 'moved_' }
      const args = ['-q', 'libmemcached', `--libmemcached-servers=${memcached.address}`]
      const gearmand = await startGearmand({ args: [...args, '--libmemcached-prefix=moved_'] })
      const peer = await RawPeer.connect(gearmand.port)
      peer.send('SUBMIT_JOB_BG', 'f', 'one', 'da\0ta')
      peer.send('SUBMIT_JOB_HIGH_BG', 'f', 'two', 'x')
      peer.send('SUBMIT_JOB_LOW_BG', 'g-h', '86f1c584-e7b7-11f1-8dce-02fc00000001', '\xff')
      for (let answers = 0; answers < 3; answers += 1) await peer.expect('JOB_CREATED')
      peer.destroy()
      await gearmand.stop()
      const { jobs } = await readStore(new MemcachedStore(options))
      expect([...jobs].sort((a, b) => a.priority - b.priority)).toMatchObject([
        { functionName: 'f', unique: 'two', priority: 0, data: Buffer.from('x') },
        { functionName: 'f', unique: 'one', priority: 1, data: Buffer.from('da\0ta') },
        { functionName: 'g-h', priority: 2, data: Buffer.from('\xff', 'latin1') },
      ])
    })
  })

  describeWithGearmand('jobs that are exported', () => {
    test('are run by gearmand, once; those that it would spoil stay', async () => {
      // gearmand lists keys by a command that shows only what has left the young lists.
      const own = await startMemcached('-o', 'no_lru_maintainer')
      onTestFinished(() => own.process.stop())
      const options = { servers: own.address, gearmandPrefix: 'exported_' }
      const store = new MemcachedStore(options)
      const { commit } = await openStore(store)
      await commit({
        added: [
          storedJob(1, { unique: 'u-1', priority: 0 }),
          storedJob(2, { data: Buffer.from('nul\0, without unique') }),
          storedJob(3, { functionName: 'a-b' }),
          storedJob(4, { unique: 'with blank' }),
          storedJob(5, { runAtEpochSeconds: 2_000_000_000 }),
          storedJob(6, { functionName: 'f'.repeat(240) }),
        ],
      })
      const { moved, kept, place } = await store.exportToGearmand()
      expect({ moved, place, kept: kept.map(({ jobs }) => jobs) }).toEqual({
        moved: 2,
        place: 'keys exported_*',
        kept: [1, 2, 1],
      })
      await store.close()
      const args = ['-q', 'libmemcached', `--libmemcached-servers=${own.address}`]
      const gearmand = await startGearmand({ args: [...args, '--libmemcached-prefix=exported_'] })
      onTestFinished(() => gearmand.stop())
      const ran: string[] = []
      const worker = await useWorker(gearmand, {
        resize: ({ data }) => {
          ran.push(String(data))
          return 'done'
        },
      })
      await expect.poll(() => ran.length, { timeout: 30_000 }).toBe(2)
      await worker.sync() // gearmand has read the last result, too, and has deleted the job
      await worker.close()
      expect([...ran].sort()).toEqual(['data of 1', 'nul\0, without unique'])
      await gearmand.stop()
      // What gearmand has run it has deleted: nothing of it is found there.
      const { jobs } = await readStore(new MemcachedStore(options))
      expect(jobs.map(({ key }) => key)).toEqual([3, 4, 5, 6])
    })
  })

  test('jobs on several memcached stay there', async () => {
    const options = { ...newQueue(), servers: `${memcached.address},${other.address}` }
    const store = useStore(options)
    await (await openStore(store)).commit({ added: [storedJob(1)] })
    const { message } = await rejectionOf(store.exportToGearmand())
    expect(message).toBe('jobs can be moved back on one memcached, not on several')
  })

  test('the lock of a server that is cut off expires, and that server writes nothing more', async () => {
    const options = newQueue()
    const proxy = await useTcpProxy({ port: memcached.port })
    const servers = `127.0.0.1:${proxy.port}`
    const first = await openStore(useStore({ ...options, servers, lockTimeout: 1000 }))
    await first.commit({ added: [storedJob(1)] })
    proxy.freeze()
    // Its own lock holds, as usual, while this process stalls for seconds.
    const { jobs } = await openStore(useStore(options), 2)
    expect(jobs).toHaveLength(1)
    proxy.resume()
    await expect(first.commit({ added: [storedJob(2)] })).rejects.toThrow(
      /^it was taken over by test, process 2, since /,
    )
  })

  test('a commit whose connection is lost is written again', async () => {
    const options = newQueue()
    const proxy = await useTcpProxy({ port: memcached.port })
    const store = new MemcachedStore({ ...options, servers: `127.0.0.1:${proxy.port}` })
    const { commit } = await openStore(store)
    for (let key = 1; key <= 20; key += 1) {
      const committed = commit({ added: [storedJob(key)], removed: [key - 1] })
      proxy.cut()
      await committed
    }
    await store.close()
    expect((await readStore(new MemcachedStore(options))).jobs).toMatchObject([{ key: 20 }])
  })

  test('a memcached that is started again under a server takes jobs, and has lost the others', async () => {
    const own = await startMemcached()
    onTestFinished(() => own.process.stop())
    const server = new GearmanServer({
      port: 0,
      store: new MemcachedStore({ servers: own.address, lockTimeout: 1000 }),
    })
    onTestFinished(() => server.close())
    const { port } = await server.listen()
    const client = useClient([['127.0.0.1', port]])
    await client.submitJob('resize', 'before', { background: true })
    await own.process.restart()
    await client.submitJob('resize', 'after', { background: true })
    await server.close()
    const { jobs, told } = await readStore(new MemcachedStore({ servers: own.address }))
    expect(jobs.map(({ data }) => String(data))).toEqual(['after'])
    expect(told).toContain('1 jobs are gone: memcached has evicted or lost them')
  })

  test('a job that is larger than an item is refused, and those beside it are not', async () => {
    const store = new MemcachedStore({ ...newQueue(), lockTimeout: 1000 })
    const server = new GearmanServer({ port: 0, store })
    onTestFinished(() => server.close())
    const { port } = await server.listen()
    const client = useClient([['127.0.0.1', port]])
    const [large, small] = await Promise.allSettled([
      client.submitJob('resize', Buffer.alloc(1024 * 1024), { background: true }),
      client.submitJob('resize', Buffer.alloc(900 * 1024), { background: true }),
    ])
    expect(large).toMatchObject({ status: 'rejected', reason: { serverCode: 'QUEUE_ERROR' } })
    expect(small).toMatchObject({ status: 'fulfilled' })
  })

  test('what cannot be used is one line that says where and why', async () => {
    const free = await findFreePort()
    const refusal = async (servers: string): Promise<Error> => {
      const store = new MemcachedStore({ servers })
      return await rejectionOf(new GearmanServer({ port: 0, store }).listen())
    }
    const error = await refusal(`127.0.0.1:${free}`)
    expect(error).toMatchObject({ code: GearmanErrorCode.Store })
    const place = `127.0.0.1:${free}`
    expect(error.message).toBe(`memcached ${place} cannot be used: connect ECONNREFUSED ${place}`)
    const redis = await startRedis()
    onTestFinished(() => redis.remove())
    const { message } = await refusal(`127.0.0.1:${redis.port}`)
    expect(message).toContain('cannot be used: what answers there is no memcached')
  })
})

describe('options of the memcached store', () => {
  test.each([
    [null, 'options'],
    [{ servers: '' }, 'servers'],
    [{ servers: 'a,,b' }, 'servers'],
    [{ servers: 'a:0' }, 'servers'],
    [{ servers: 'a b' }, 'servers'],
    [{ queueName: 'a b' }, 'queueName'],
    [{ gearmandPrefix: '' }, 'gearmandPrefix'],
    [{ timeout: 0 }, 'timeout'],
    [{ lockTimeout: 999 }, 'lockTimeout'],
  ])('%j are none', (options, argument) => {
    const make = (): MemcachedStore =>
      new MemcachedStore(options as unknown as MemcachedStoreOptions)
    expect(make).toThrow(InvalidArgumentError)
    expect(make).toThrow(expect.objectContaining({ argument }))
  })

  test('a store is named by its places and queue', () => {
    expect(new MemcachedStore({ servers: 'a, [::1]:7000', queueName: 'mail' }).name).toBe(
      'memcached a:11211,[::1]:7000 queue mail',
    )
    expect(new MemcachedStore().name).toBe('memcached 127.0.0.1:11211')
  })
})
