import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { GearmanErrorCode, InvalidArgumentError } from 'gearman-sdk'
import { GearmanServer, RedisStore, type RedisStoreOptions } from 'gearman-sdk/server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { rejectionOf, useClient, useWorker } from '../../../helpers/fixtures.ts'
import { describeWithGearmand, findFreePort, startGearmand } from '../../../helpers/gearmand.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import { describeWithRedis, type RedisServer, startRedis } from '../../../helpers/redis.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'
import { openStore, readStore, storedJob } from '../../../helpers/stored-jobs.ts'
import { useTcpProxy } from '../../../helpers/tcp-proxy.ts'

/** A busy machine is slow, not broken. */
const PATIENCE = { timeout: 30_000 }

describeWithRedis('the Redis store', () => {
  let redis: RedisServer
  let queues = 0
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  /** Options for a queue that no other test uses. Its lock holds, as usual, while this process stalls for seconds. */
  function newQueue(): RedisStoreOptions & { readonly queueName: string } {
    queues += 1
    const name = `test ${queues}`
    return { url: redis.url, queueName: name, gearmandPrefix: `${name}*` }
  }

  /** A Redis for one test. */
  async function useRedis(...settings: readonly string[]): Promise<RedisServer> {
    const own = await startRedis(...settings)
    onTestFinished(() => own.remove())
    return own
  }

  describeStoreContract('Redis', () => {
    const options = newQueue()
    return {
      createStore: () => new RedisStore(options),
      createOtherStore: () => new RedisStore(otherQueue(options)),
      makeNewer: async () => {
        await redis.run('HSET', `gearman-sdk:{${options.queueName}}:meta`, 'schema_version', '99')
      },
      addUnreadableRow: async () => {
        await redis.run('RPUSH', `${options.gearmandPrefix}-f-u`, 'no job')
      },
    }
  })

  function otherQueue(options: RedisStoreOptions): RedisStoreOptions {
    return { ...options, queueName: `${options.queueName} other`, gearmandPrefix: 'none' }
  }

  describe('keys of gearmand', () => {
    test('are moved once, and what is no job is set aside under another name', async () => {
      const { gearmandPrefix: prefix, ...options } = newQueue()
      const hash = async (name: string, ...fields: readonly (string | Buffer)[]): Promise<void> => {
        await redis.run('HSET', `${prefix}-${name}`, ...fields)
      }
      await hash('f-one', 'data', Buffer.from('da\0ta'), 'priority', '0')
      await hash('a-b-86f1c584-e7b7-11f1-8dce-02fc00000001', 'data', '', 'priority', '2')
      await hash('a-b-', 'data', 'x', 'priority', '1')
      await hash('f--', 'data', 'x', 'priority', '1')
      await hash('any', 'data', 'x', 'priority', '1', 'function', 'g-h', 'unique', 'u-1')
      await redis.run('SET', `${prefix}-old-string`, 'plain')
      await hash('f-odd', 'data', 'x', 'priority', '7')
      await hash('f-none', 'priority', '1')
      await hash('-u', 'data', 'x', 'priority', '1')
      const store = (): RedisStore => new RedisStore({ ...options, gearmandPrefix: prefix })
      const { jobs, told } = await readStore(store())
      const found = jobs.map(({ functionName, unique, priority, data }) =>
        [functionName, unique, priority, String(data)].join(' | '),
      )
      expect(found.sort()).toEqual([
        'a-b |  | 1 | x',
        'a-b | 86f1c584-e7b7-11f1-8dce-02fc00000001 | 2 | ',
        'f | - | 1 | x',
        'f | one | 0 | da\0ta',
        'g-h | u-1 | 1 | x',
        'old | string | 1 | plain',
      ])
      const aside = (name: string): string =>
        `key ${prefix}-${name}, now gearman-sdk:{${options.queueName}}:set-aside:${prefix}-${name}`
      expect([...told].sort()).toEqual([
        `6 jobs of gearmand's keys ${prefix}-* were moved into the queue's own`,
        `${aside('-u')}: its key names no function`,
        `${aside('f-none')}: it is a hash without data`,
        `${aside('f-odd')}: its priority is not 0, 1 or 2`,
      ])
      expect(await readStore(store())).toEqual({ jobs, told: [] })
    })

    describeWithGearmand('that gearmand wrote', () => {
      test('are run by our server: hyphens, NUL bytes, empty data, priorities', async () => {
        const { gearmandPrefix = '', ...options } = newQueue()
        const args = ['-q', 'redis', '--redis-server=127.0.0.1', `--redis-port=${redis.port}`]
        const gearmand = await startGearmand({ args: [...args, '--redis-prefix=moved'] })
        const peer = await RawPeer.connect(gearmand.port)
        peer.send('SUBMIT_JOB_BG', 'f', 'one', 'da\0ta')
        peer.send('SUBMIT_JOB_HIGH_BG', 'f', 'two', '')
        peer.send('SUBMIT_JOB_LOW_BG', 'g-h', '', '\xff')
        peer.send('SUBMIT_JOB_BG', 'sp ce', '', 'any')
        for (let answers = 0; answers < 4; answers += 1) await peer.expect('JOB_CREATED')
        peer.destroy()
        await gearmand.stop()
        const { jobs } = await readStore(new RedisStore({ ...options, gearmandPrefix: 'moved' }))
        const ordered = [...jobs].sort((a, b) => (a.unique < b.unique ? 1 : -1))
        expect(ordered).toMatchObject([
          { functionName: 'f', unique: 'two', priority: 0, data: Buffer.alloc(0) },
          { functionName: 'f', unique: 'one', priority: 1, data: Buffer.from('da\0ta') },
          ...ordered.slice(2),
        ])
        expect(
          ordered
            .slice(2)
            .map(({ functionName }) => functionName)
            .sort(),
        ).toEqual(['g-h', 'sp ce'])
      })
    })
  })

  describeWithGearmand('jobs that are exported', () => {
    test('are run by gearmand; those that it would spoil stay', async () => {
      const options = { ...newQueue(), gearmandPrefix: 'exported' }
      const store = new RedisStore(options)
      const { commit } = await openStore(store)
      await commit({
        added: [
          storedJob(1, { unique: 'u-1', priority: 0 }),
          storedJob(2, { data: Buffer.from('without unique') }),
          storedJob(3, { functionName: 'a-b' }),
          storedJob(4, { data: Buffer.from('nul\0') }),
          storedJob(5, { runAtEpochSeconds: 2_000_000_000 }),
        ],
      })
      const { moved, kept, place } = await store.exportToGearmand()
      expect({ moved, place, kept: kept.map(({ jobs }) => jobs) }).toEqual({
        moved: 2,
        place: 'keys exported-*',
        kept: [1, 1, 1],
      })
      await store.close()
      const args = ['-q', 'redis', '--redis-server=127.0.0.1', `--redis-port=${redis.port}`]
      const gearmand = await startGearmand({ args: [...args, '--redis-prefix=exported'] })
      onTestFinished(() => gearmand.stop())
      const ran: string[] = []
      const worker = await useWorker(gearmand, {
        resize: ({ data }) => {
          ran.push(String(data))
          return 'done'
        },
      })
      await expect.poll(() => ran.length, { timeout: 30_000 }).toBe(2)
      await worker.close()
      expect(ran).toEqual(['data of 1', 'without unique'])
      await gearmand.stop()
      const { jobs } = await readStore(new RedisStore({ ...options, gearmandPrefix: 'none' }))
      expect(jobs.map(({ key }) => key)).toEqual([3, 4, 5])
    })
  })

  describe('the lock of a queue', () => {
    test('of a server that crashed is waited for, until it expires', async () => {
      const options = newQueue()
      const { proxy, url } = await useProxy()
      const cutOff = useStore(new RedisStore({ ...options, url, lockTimeout: 3000 }))
      const first = await openStore(cutOff)
      await first.commit({ added: [storedJob(1)] })
      // What it does not renew is what a crash leaves.
      proxy.freeze()
      const { jobs } = await openStore(useStore(new RedisStore(options)), 2)
      expect(jobs).toHaveLength(1)
      proxy.resume()
      await expect(first.commit({ added: [storedJob(2)] })).rejects.toThrow(
        /^it was taken over by test, process 2, since /,
      )
    })

    test('is kept by a server that has nothing to write', async () => {
      const options = newQueue()
      await openStore(useStore(new RedisStore(options)), 77)
      const second = new RedisStore(options)
      await expect(openStore(second)).rejects.toThrow(/^it is in use by test, process 77, since /)
    })
  })

  /** Redis behind connections that can be cut. */
  async function useProxy(port = redis.port): Promise<{
    readonly proxy: Awaited<ReturnType<typeof useTcpProxy>>
    readonly url: string
  }> {
    const proxy = await useTcpProxy({ port })
    return { proxy, url: `redis://127.0.0.1:${proxy.port}` }
  }

  function useStore(store: RedisStore): RedisStore {
    onTestFinished(() => store.close())
    return store
  }

  test('a commit whose answer was lost is sent again, and done once', async () => {
    const options = newQueue()
    const { proxy, url } = await useProxy()
    const store = useStore(new RedisStore({ ...options, url }))
    const { commit } = await openStore(store)
    for (let key = 1; key <= 20; key += 1) {
      const committed = commit({ added: [storedJob(key)], removed: [key - 1] })
      proxy.cut()
      await committed
    }
    const left = (await redis.run('HKEYS', `gearman-sdk:{${options.queueName}}:jobs`)) as string[]
    expect(left).toEqual(['20'])
  })

  test('a Redis that says nothing more fails the commit, and the next one comes through', async () => {
    const { proxy, url } = await useProxy()
    const store = useStore(new RedisStore({ ...newQueue(), url, timeout: 5000 }))
    const { commit } = await openStore(store)
    proxy.freeze()
    await expect(commit({ added: [storedJob(1)] })).rejects.toThrow()
    proxy.resume()
    proxy.cut()
    const next = (): Promise<string> => commit({ added: [storedJob(2)] }).then(() => 'done')
    await expect.poll(next, PATIENCE).toBe('done')
  })

  test('a Redis that is killed and started again under a server loses no job', async () => {
    const own = await useRedis()
    // Nothing here is about the time that Redis takes to start.
    const store = new RedisStore({ url: own.url, timeout: 60_000 })
    const server = new GearmanServer({ port: 0, store })
    onTestFinished(() => server.close())
    const { port } = await server.listen()
    const client = useClient([['127.0.0.1', port]])
    await client.submitJob('resize', 'before', { background: true })
    await own.process.stop('SIGKILL')
    const submitted = client.submitJob('resize', 'meanwhile', { background: true })
    await own.process.start()
    await submitted
    await server.close()
    const { jobs } = await readStore(new RedisStore({ url: own.url }))
    expect(jobs.map(({ data }) => String(data))).toEqual(['before', 'meanwhile'])
  })

  test('jobs are refused while there is no Redis, and taken when it is back', async () => {
    const own = await useRedis()
    const store = new RedisStore({ url: own.url, timeout: 3000 })
    const server = new GearmanServer({ port: 0, store })
    onTestFinished(() => server.close())
    const address = await server.listen()
    const worker = await useWorker(address, { resize: () => 'done' })
    const client = useClient([['127.0.0.1', address.port]])
    await own.process.stop('SIGKILL')
    const refused = await rejectionOf(client.submitJob('resize', 'a', { background: true }))
    expect(refused).toMatchObject({ serverCode: 'QUEUE_ERROR' })
    expect(await client.do('resize', 'foreground')).toEqual(Buffer.from('done'))
    await own.process.start()
    await expect
      .poll(
        () =>
          client.submitJob('resize', 'b', { background: true }).then(
            () => 'accepted',
            () => 'refused',
          ),
        PATIENCE,
      )
      .toBe('accepted')
    await worker.close()
  })

  test('a Redis that comes back without its data is told of, and takes jobs', async () => {
    const own = await useRedis('--appendonly', 'no')
    const { commit, told } = await openStore(useStore(new RedisStore({ url: own.url })))
    await commit({ added: [storedJob(1)], highestKey: 50 })
    await own.process.restart()
    await commit({ added: [storedJob(2)] })
    expect(told).toEqual([
      'appendonly is no: jobs are lost when Redis is stopped hard',
      'its data was gone: jobs accepted before are in the memory of the server only',
    ])
    expect(await own.run('HGET', 'gearman-sdk:{default}:meta', 'highest_key')).toBe('50')
  })

  test('a Redis whose memory is full refuses jobs, and lets go of those that are over', async () => {
    const own = await useRedis()
    const store = useStore(new RedisStore({ url: own.url }))
    const { commit } = await openStore(store)
    await commit({ added: [storedJob(1), storedJob(2)] })
    await own.run('CONFIG', 'SET', 'maxmemory', '1')
    const full = commit({ added: [storedJob(3)], updated: [{ key: 2, retries: 1 }], removed: [1] })
    await expect(full).rejects.toThrow(/^OOM /)
    expect(await own.run('HKEYS', 'gearman-sdk:{default}:jobs')).toEqual(['2'])
    await own.run('CONFIG', 'SET', 'maxmemory', '0')
    await commit({ added: [storedJob(4)] })
    expect(await own.run('HLEN', 'gearman-sdk:{default}:jobs')).toBe(2)
  })

  test.each([
    [['--appendonly', 'no'], 'appendonly is no: jobs are lost when Redis is stopped hard', false],
    [
      ['--appendfsync', 'everysec'],
      'appendfsync is everysec: jobs of up to two seconds may be lost with Redis',
      false,
    ],
    [
      ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
      'maxmemory-policy is allkeys-lru: Redis throws jobs away when its memory is full',
      true,
    ],
    [
      ['--rename-command', 'CONFIG', ''],
      'Redis does not tell how it writes to its disk (CONFIG GET appendfsync)',
      false,
    ],
    [[], undefined, true],
  ])('what Redis is set to is told: %j', async (settings, message, isDurable) => {
    const own = await useRedis(...settings)
    const store = useStore(new RedisStore({ url: own.url }))
    const { told } = await openStore(store)
    expect(told).toEqual(message === undefined ? [] : [message])
    expect(store.capabilities.isDurable).toBe(isDurable)
  })

  describe('a Redis that cannot be used', () => {
    async function refusal(url: string, timeout?: number): Promise<Error> {
      const server = new GearmanServer({ port: 0, store: new RedisStore({ url, timeout }) })
      return await rejectionOf(server.listen())
    }

    test('is one line that says where and why, without the password', async () => {
      const own = await useRedis('--requirepass', 'right')
      const { port } = own
      const free = await findFreePort()
      const messages: string[] = []
      for (const url of [
        `redis://127.0.0.1:${free}`,
        `redis://127.0.0.1:${port}`,
        `redis://:secret@127.0.0.1:${port}`,
        `redis://nobody:secret@127.0.0.1:${port}/3`,
        `redis://:right@127.0.0.1:${port}/99`,
      ]) {
        const error = await refusal(url)
        expect(error).toMatchObject({ code: GearmanErrorCode.Store })
        messages.push(
          error.message.replaceAll(String(port), 'PORT').replaceAll(String(free), 'FREE'),
        )
      }
      expect(messages).toEqual([
        'redis 127.0.0.1:FREE/0 cannot be used: connect ECONNREFUSED 127.0.0.1:FREE',
        'redis 127.0.0.1:PORT/0 cannot be used: NOAUTH Authentication required.',
        'redis 127.0.0.1:PORT/0 cannot be used: WRONGPASS invalid username-password pair or user is disabled.',
        'redis 127.0.0.1:PORT/3 cannot be used: WRONGPASS invalid username-password pair or user is disabled.',
        'redis 127.0.0.1:PORT/99 cannot be used: ERR DB index is out of range',
      ])
    })

    test.each([
      [
        'it speaks something else',
        (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
        'what answers there is no Redis',
      ],
      ['it hangs up', (socket: Socket) => void socket.end(), 'Connection is closed.'],
      ['it says nothing', () => undefined, 'no answer within 5000 ms'],
    ])('because %s is one line, too', async (_why, onConnection, reason) => {
      const sockets = new Set<Socket>()
      const other = createServer((socket) => {
        sockets.add(socket.on('error', () => undefined))
        onConnection(socket)
      })
      onTestFinished(() => {
        other.close()
        for (const socket of sockets) socket.destroy()
      })
      other.listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as { port: number }
      const { message } = await refusal(`redis://127.0.0.1:${port}`, 5000)
      expect(message).toBe(`redis 127.0.0.1:${port}/0 cannot be used: ${reason}`)
    })
  })

  test.each([
    [null, 'options'],
    [{ url: 1 }, 'url'],
    [{ url: 'nothing' }, 'url'],
    [{ url: 'http://127.0.0.1' }, 'url'],
    [{ url: 'redis://127.0.0.1/jobs' }, 'url'],
    [{ url: 'redis://:%ff@127.0.0.1' }, 'url'],
    [{ queueName: '' }, 'queueName'],
    [{ gearmandPrefix: 3 }, 'gearmandPrefix'],
    [{ timeout: 0 }, 'timeout'],
    [{ lockTimeout: 1 }, 'lockTimeout'],
  ])('%j are no options', (options, argument) => {
    const make = (): RedisStore => new RedisStore(options as unknown as RedisStoreOptions)
    expect(make).toThrow(InvalidArgumentError)
    expect(make).toThrow(expect.objectContaining({ argument }))
  })

  test('a store is named by its place and queue, never with its password', () => {
    const url = 'rediss://user:secret@[::1]:7000/2'
    expect(new RedisStore({ url, queueName: 'mail' }).name).toBe('redis [::1]:7000/2 queue mail')
    expect(new RedisStore().name).toBe('redis 127.0.0.1:6379/0')
  })
})
