import type { GearmanClient, StoreError } from 'gearman-sdk'
import { GearmanServer, PostgresStore, type PostgresStoreOptions } from 'gearman-sdk/server'
import type { FaultProxy } from 'gearman-sdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import { rejectionOf, until, useClient, useWorker } from '../../../helpers/fixtures.ts'
import { failOnLeaks } from '../../../helpers/leaks.ts'
import {
  describeWithPostgres,
  type PostgresSchema,
  usePostgres,
} from '../../../helpers/postgres.ts'
import { useTcpProxy } from '../../../helpers/tcp-proxy.ts'

failOnLeaks()

interface Setup {
  readonly server: GearmanServer
  readonly port: number
  readonly client: GearmanClient
  readonly schema: PostgresSchema
  readonly failures: StoreError[]
}

const COUNT = 'SELECT count(*)::integer AS jobs FROM gearman_sdk_jobs'

describeWithPostgres('a server whose PostgreSQL has trouble', () => {
  const postgres = usePostgres()

  async function setUp(options: PostgresStoreOptions = {}): Promise<Setup> {
    const schema = await postgres.createSchema()
    const { connectionString } = schema
    // Nothing here is about the time limit, unless it says so.
    const store = new PostgresStore({ connectionString, timeout: 600_000, ...options })
    const server = new GearmanServer({ port: 0, store })
    onTestFinished(() => server.close())
    const failures: StoreError[] = []
    server.on('storeFailed', ({ error }) => failures.push(error))
    const { port } = await server.listen()
    return { server, port, client: useClient([['127.0.0.1', port]]), schema, failures }
  }

  function useProxy(): Promise<FaultProxy> {
    return useTcpProxy({ port: postgres.port })
  }

  function submit(client: GearmanClient, data: string): Promise<unknown> {
    return client.submitJob('task', data, { background: true })
  }

  test('keeps submissions waiting while it is killed and restarted, and loses nothing', async () => {
    const { port, client, server, schema, failures } = await setUp()
    await submit(client, 'before')
    const under = Array.from({ length: 50 }, (_, index) => submit(client, `under ${index}`))
    await postgres.kill()
    const meanwhile = submit(client, 'meanwhile')
    await postgres.start()
    await Promise.all([...under, meanwhile])
    expect(await schema.query(COUNT)).toEqual([{ jobs: 52 }])
    const ran: string[] = []
    await useWorker({ port }, { task: ({ data }) => String(ran.push(String(data))) })
    await server.close({ graceful: true })
    expect(new Set(ran).size).toBe(52)
    expect(await schema.query(COUNT)).toEqual([{ jobs: 0 }])
    expect(failures).toEqual([])
  })

  test('makes a connection anew that was lost while nothing was to be done, and its lock with it', async () => {
    const { client, schema } = await setUp()
    const backend = `SELECT backend_pid AS pid FROM gearman_sdk_queues`
    const [before] = await schema.query(backend)
    await schema.query(`SELECT pg_terminate_backend(backend_pid) FROM gearman_sdk_queues`)
    await until(async () => (await schema.query(backend))[0]?.['pid'] !== before?.['pid'])
    const { connectionString } = schema
    const second = new GearmanServer({ port: 0, store: new PostgresStore({ connectionString }) })
    expect((await rejectionOf(second.listen())).message).toContain(`process ${process.pid}, since `)
    await submit(client, 'after')
  })

  test('ends what was under way on a lost connection before it does that again', async () => {
    const proxy = await useProxy()
    const { client, schema } = await setUp({ host: '127.0.0.1', port: proxy.port })
    const operator = await schema.connect()
    await operator.query('BEGIN; LOCK TABLE gearman_sdk_jobs')
    const submitted = submit(client, 'job')
    const waiting = `SELECT count(*)::integer AS locks FROM pg_locks
      WHERE NOT granted AND relation = 'gearman_sdk_jobs'::regclass`
    const backend = 'SELECT backend_pid AS pid FROM gearman_sdk_queues'
    await until(async () => (await schema.query(waiting))[0]?.['locks'] === 1)
    const [before] = await schema.query(backend)
    proxy.cut()
    await until(async () => (await schema.query(backend))[0]?.['pid'] !== before?.['pid'])
    await until(async () => (await schema.query(waiting))[0]?.['locks'] === 1)
    await operator.query('COMMIT')
    await operator.end()
    await submitted
    expect(await schema.query(COUNT)).toEqual([{ jobs: 1 }])
  })

  test('refuses jobs when it does not answer in time, and takes them when it does again', async () => {
    const proxy = await useProxy()
    const { client, server, schema, failures } = await setUp({
      host: '127.0.0.1',
      port: proxy.port,
      timeout: 5000, // what is to be accepted is, also when this machine stalls
    })
    await submit(client, 'before')
    const recovered = new Promise((resolve) => server.once('storeRecovered', resolve))
    proxy.freeze()
    const error = await rejectionOf(submit(client, 'refused'))
    expect(error).toMatchObject({ serverCode: 'QUEUE_ERROR' })
    expect(failures[0]?.message).toMatch(/does not take changes: no answer within 5000 ms$/)
    proxy.resume()
    await recovered
    await submit(client, 'after')
    expect(await schema.query(COUNT)).toEqual([{ jobs: 2 }])
  })

  test('does not come back when another server had its queue meanwhile', async () => {
    const proxy = await useProxy()
    const { client, schema, failures } = await setUp({ host: '127.0.0.1', port: proxy.port })
    await submit(client, 'before')
    proxy.refuse()
    proxy.cut()
    const held = `SELECT count(*)::integer AS held FROM pg_stat_activity, gearman_sdk_queues
      WHERE pid = backend_pid`
    await until(async () => (await schema.query(held))[0]?.['held'] === 0)
    const { connectionString } = schema
    const other = new GearmanServer({ port: 0, store: new PostgresStore({ connectionString }) })
    const { port } = await other.listen()
    await proxy.listen()
    const error = await rejectionOf(submit(client, 'refused'))
    expect(error).toMatchObject({ serverCode: 'QUEUE_ERROR' })
    expect(failures[0]?.message).toMatch(
      /does not take changes: it was taken over by \S+, process \d+, since \S+ while the connection was lost$/,
    )
    await submit(useClient([['127.0.0.1', port]]), 'goes to the other')
    await other.close()
    expect((await schema.query(COUNT))[0]).toEqual({ jobs: 2 })
  })

  test('refuses the jobs of a commit that the database refuses, and goes on', async () => {
    const { client, schema, failures } = await setUp()
    await schema.query(
      `ALTER TABLE gearman_sdk_jobs ADD CONSTRAINT short CHECK (octet_length(data) < 10)`,
    )
    const error = await rejectionOf(submit(client, 'far too long'))
    expect(error).toMatchObject({ serverCode: 'QUEUE_ERROR' })
    expect(failures[0]?.message).toMatch(/violates check constraint "short"/)
    await submit(client, 'short')
    expect(await schema.query(COUNT)).toEqual([{ jobs: 1 }])
  })

  test('tells of settings that break the promise', async () => {
    await postgres.kill()
    await postgres.start({ synchronous_commit: 'off', fsync: 'off' })
    onTestFinished(async () => {
      await postgres.kill()
      await postgres.start()
    })
    const { connectionString } = await postgres.createSchema()
    const server = new GearmanServer({ port: 0, store: new PostgresStore({ connectionString }) })
    const notices: string[] = []
    server.on('storeNotice', ({ message }) => notices.push(message))
    await server.listen()
    await server.close()
    expect(notices).toEqual([
      expect.stringMatching(/^PostgreSQL runs with synchronous_commit = off: a crash .* loses/),
      expect.stringMatching(/^PostgreSQL runs with fsync = off: /),
    ])
  })
})
