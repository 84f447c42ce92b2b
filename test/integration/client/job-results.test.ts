import { join } from 'node:path'
import { GearmanClient, GearmanWorker, JSONDataEncoder, type UntypedTasks } from 'gearman-sdk'
import { GearmanServer, type QueueStore, type ServerOptions, SqliteStore } from 'gearman-sdk/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rejectionOf, useClient } from '../../helpers/fixtures.ts'
import { describeWithGearmand, startGearmand } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { MemoryDisk, MemoryStore } from '../../helpers/memory-store.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'

failOnLeaks()

interface Running {
  readonly server: GearmanServer
  readonly port: number
  readonly client: GearmanClient<UntypedTasks, JSONDataEncoder>
  /** As `host:port`. */
  readonly name: string
}

async function start(options: ServerOptions = { keepResults: { ttl: 600_000 } }): Promise<Running> {
  const server = new GearmanServer({ jobHandlePrefix: 'H:t', ...options, port: 0 })
  const { port } = await server.listen()
  onTestFinished(() => server.close())
  const client = useClient([['127.0.0.1', port]], { dataEncoder: new JSONDataEncoder() })
  return { server, port, client, name: `127.0.0.1:${port}` }
}

/** A worker that is there until the end of the test. */
function startWorker({ port }: Running, tasks: Readonly<Record<string, () => unknown>>): void {
  const worker = new GearmanWorker([['127.0.0.1', port]], { dataEncoder: new JSONDataEncoder() })
  onTestFinished(() => worker.shutdown())
  for (const [task, callback] of Object.entries(tasks)) worker.registerTask(task, callback)
  void worker.work()
}

/** Runs a background job to its end. */
async function run({ server, client }: Running, task: string, unique: string): Promise<string> {
  const over = new Promise((resolve) => {
    server.once('jobDone', resolve)
    server.once('jobFailed', resolve)
  })
  const { handle } = await client.submitJob(task, [1, 2], { background: true, unique })
  await over
  return handle ?? ''
}

const STORES: readonly (readonly [name: string, newPlace: () => () => QueueStore])[] = [
  [
    'memory',
    () => {
      const disk = new MemoryDisk()
      return () => new MemoryStore(disk)
    },
  ],
  [
    'SQLite',
    () => {
      const path = join(useFolder(), 'jobs.db')
      return () => new SqliteStore({ path })
    },
  ],
]

describe('results of background jobs', () => {
  it('are told by handle and by unique id, decoded', async () => {
    const running = await start()
    const { client, name: server } = running
    const tasks = {
      sum: () => ({ sum: 3 }),
      fail: () => {
        throw new TypeError('cannot be done')
      },
    }
    expect(await client.getJobResult({ unique: 'a' })).toMatchObject({ state: 'unknown' })
    await client.submitJob('later', '', { background: true, unique: 'waits' })
    expect(await client.getJobResult({ unique: 'waits' })).toMatchObject({ state: 'queued' })
    startWorker(running, tasks)
    const handle = await run(running, 'sum', 'a')
    const expected = { handle, server, state: 'complete', result: { sum: 3 } }
    expect(await client.getJobResult({ unique: 'a' })).toEqual(expected)
    expect(await client.getJobResult({ handle, server }, { task: 'sum' })).toEqual(expected)
    const failed = await run(running, 'fail', 'b')
    expect(await client.getJobResult({ handle: failed, server })).toMatchObject({
      state: 'exception',
      exception: { name: 'TypeError', message: 'cannot be done' },
    })
  })

  it.each(STORES)('are there after a restart, in %s', async (_name, newPlace) => {
    const createStore = newPlace()
    const options = { keepResults: { ttl: 600_000 } }
    const first = await start({ ...options, store: createStore() })
    startWorker(first, { echo: () => [1, 2] })
    const handle = await run(first, 'echo', 'u')
    await first.server.close()
    const second = await start({ ...options, store: createStore() })
    expect(await second.client.getJobResult({ unique: 'u' })).toEqual({
      ...{ handle, server: second.name, state: 'complete', result: [1, 2] },
    })
    await second.server.close()
    const third = await start({ store: createStore() })
    const refused = await rejectionOf(third.client.getJobResult({ unique: 'u' }))
    expect(refused).toMatchObject({ code: 'ERR_GEARMAN_SERVER', serverCode: 'NOT_KEPT' })
  })

  it('of several servers, the one that knows the job tells', async () => {
    const [one, two] = [await start(), await start()]
    const { handle } = await two.client.submitJob('task', '', { background: true, unique: 'u' })
    await using client = new GearmanClient([
      ['127.0.0.1', one.port],
      ['127.0.0.1', two.port],
    ])
    expect(await client.getJobResult({ unique: 'u' })).toEqual({
      ...{ handle, server: two.name, state: 'queued' },
    })
  })

  it('a result over the limit of the client fails that call alone', async () => {
    const running = await start()
    startWorker(running, { large: () => 'x'.repeat(5000) })
    await run(running, 'large', 'u')
    await using client = new GearmanClient([['127.0.0.1', running.port]], { maxPacketBytes: 2000 })
    const [refused, waiting] = await Promise.allSettled([
      client.getJobResult({ unique: 'u' }),
      client.getJobResult({ unique: 'other' }),
    ])
    expect(refused).toMatchObject({ reason: { code: 'ERR_GEARMAN_ENCODING' } })
    expect(waiting).toMatchObject({ value: { state: 'unknown' } })
  })

  it('wrong arguments are told before anything is sent', async () => {
    const { client } = await start()
    const invalid = { code: 'ERR_GEARMAN_INVALID_ARGUMENT' }
    await expect(client.getJobResult({ unique: '' })).rejects.toMatchObject(invalid)
    await expect(
      client.getJobResult({ handle: 'H:t:1', server: 'elsewhere:1' }),
    ).rejects.toMatchObject(invalid)
    await expect(client.getJobResult({ unique: 'u' }, { pollTimeout: -1 })).rejects.toMatchObject(
      invalid,
    )
  })
})

describeWithGearmand('results of background jobs of a gearmand', () => {
  it('cannot be asked for, as an error says; its connection goes on', async () => {
    const gearmand = await startGearmand()
    onTestFinished(() => gearmand.stop())
    await using client = new GearmanClient([['127.0.0.1', gearmand.port]])
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const refused = await rejectionOf(client.getJobResult({ unique: 'u' }))
      expect(refused).toMatchObject({ code: 'ERR_GEARMAN_SERVER', serverCode: 'UNKNOWN_OPTION' })
      expect(refused.message).toContain('is no server of gearman-sdk')
    }
    const [connection] = client.connectionList
    expect(connection?.connected).toBe(true)
    const { complete } = await client.submitJob('task', '', { background: true })
    expect(complete).toBe(true)
  })
})
