import { once } from 'node:events'
import { createServer } from 'node:net'
import {
  GearmanAdminClient,
  type GearmanClient,
  GearmanErrorCode,
  JOB_UNKNOWN,
  type StoreError,
} from 'gearman-sdk'
import {
  GearmanServer,
  type OpenedStore,
  type QueueChanges,
  type QueueStore,
  type ServerOptions,
  type StoreContext,
  type StoredJob,
} from 'gearman-sdk/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rejectionOf, useClient, useWorker } from '../../../helpers/fixtures.ts'
import { failOnLeaks } from '../../../helpers/leaks.ts'
import { MemoryDisk, MemoryStore } from '../../../helpers/memory-store.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'

failOnLeaks()

/** A store that a test can break. */
class FragileStore extends MemoryStore {
  fault: Error | undefined

  override async commit(changes: QueueChanges): Promise<void> {
    if (this.fault !== undefined) throw this.fault
    await super.commit(changes)
  }
}

interface Running {
  readonly server: GearmanServer
  readonly port: number
  readonly client: GearmanClient
}

async function start(store: QueueStore, options: ServerOptions = {}): Promise<Running> {
  const server = new GearmanServer({ jobHandlePrefix: 'H:test', ...options, port: 0, store })
  onTestFinished(() => server.close())
  const { port } = await server.listen()
  return { server, port, client: useClient([['127.0.0.1', port]]) }
}

async function submit(client: GearmanClient, data: string, unique = ''): Promise<string> {
  const { handle } = await client.submitJob('task', data, { background: true, unique })
  return handle ?? ''
}

describe('a server that is started again on its store', () => {
  test('has its background jobs, in order, under their handles, and new handles for new jobs', async () => {
    const disk = new MemoryDisk()
    const first = await start(new MemoryStore(disk))
    const handles = [await submit(first.client, '1'), await submit(first.client, '2', 'u')]
    await first.client.submitJob('task', 'foreground', { waitUntilComplete: false })
    await first.server.close()
    expect(disk.owner).toBeUndefined()

    const second = await start(new MemoryStore(disk))
    const { known } = await second.client.getJobStatus({ unique: 'u' })
    expect(known).toBe(true)
    expect(await submit(second.client, 'joins', 'u')).toBe(handles[1])
    expect(await submit(second.client, '3')).toBe('H:test:4')
    const worker = await useWorker(second, { task: ({ data }) => data })
    const jobs = [await worker.nextJob(), await worker.nextJob(), await worker.nextJob()]
    expect(jobs.map(({ handle, data }) => [handle, String(data)])).toEqual([
      [handles[0], '1'],
      [handles[1], '2'],
      ['H:test:4', '3'],
    ])
    await second.server.close({ graceful: true })
    expect(disk.jobs.size).toBe(0)
    expect(disk.highestKey).toBe(4)
  })

  test('uses no number again after a crash, not even those of foreground jobs', async () => {
    const disk = new MemoryDisk()
    const first = await start(new MemoryStore(disk))
    const { handle } = await first.client.submitJob('task', '', { waitUntilComplete: false })
    expect(handle).toBe('H:test:1')
    disk.owner = undefined
    const second = await start(new MemoryStore(disk))
    expect(await submit(second.client, '')).toBe(`H:test:${2 ** 24 + 1}`)
  })

  test('runs a job again that was running, and knows how many workers were lost with it', async () => {
    const disk = new MemoryDisk()
    const first = await start(new MemoryStore(disk), { jobRetries: 2 })
    await submit(first.client, 'x')
    const lost = await useWorker(first, { task: () => undefined })
    await lost.nextJob()
    await lost.close()
    const running = await useWorker(first, { task: () => undefined })
    await running.nextJob()
    await first.server.close()
    expect([...disk.jobs.values()]).toMatchObject([{ key: 1, retries: 1 }])

    const second = await start(new MemoryStore(disk), { jobRetries: 2 })
    const other = await useWorker(second, { task: () => undefined })
    await other.nextJob()
    const lostForGood = new Promise((resolve) => second.server.once('jobLost', resolve))
    await other.close()
    expect(await lostForGood).toMatchObject({ retries: 2 })
  })

  test('does not wait again for the time of a job that was kicked', async () => {
    const disk = new MemoryDisk()
    const first = await start(new MemoryStore(disk))
    const runAt = new Date(Date.now() + 3_600_000)
    const { handle } = await first.client.submitJob('task', 'x', { background: true, runAt })
    await using admin = new GearmanAdminClient(['127.0.0.1', first.port])
    await admin.kickJob(handle ?? '')
    await first.server.close()

    const second = await start(new MemoryStore(disk))
    const worker = await useWorker(second, { task: ({ data }) => data })
    expect(await worker.nextJob()).toMatchObject({ handle })
  })

  test('tells how many jobs there were, and what in the store is none', async () => {
    const disk = new MemoryDisk()
    const good = { functionName: 'f', unique: '', reducer: '', priority: 1, data: Buffer.alloc(0) }
    const job = { ...good, runAtEpochSeconds: 0, acceptedAtMs: 0, retries: 0 }
    const odd = { key: 0, functionName: '', unique: '\u20ac', reducer: 1, priority: 3, data: 'x' }
    const numbers = { runAtEpochSeconds: -1, acceptedAtMs: 0.5, retries: Number.NaN }
    const faults = { ...odd, ...numbers }
    for (const [index, name] of Object.keys(faults).entries()) {
      const key = index + 1
      const fault = Object.fromEntries(Object.entries(faults).filter(([field]) => field === name))
      disk.jobs.set(key, { key, ...job, ...fault } as unknown as StoredJob)
    }
    disk.jobs.set(100, { key: 100, ...job } as StoredJob)
    disk.unreadable.push('row 7')
    const server = new GearmanServer({ port: 0, store: new MemoryStore(disk) })
    onTestFinished(() => server.close())
    const rows: string[] = []
    server.on('storeRowSetAside', ({ row, reason }) => rows.push(`${row}: ${reason}`))
    const replayed = new Promise((resolve) => server.once('storeReplayed', resolve))
    await server.listen()
    expect(await replayed).toEqual({ store: 'memory', jobs: 1, setAside: 10 })
    expect(rows).toEqual([
      'row 7: it is no job',
      'job 0: its key is no job number',
      'job 2: its function is no name',
      'job 3: its unique id is no text of latin1 characters',
      'job 4: its reducer is no text of latin1 characters',
      'job 5: its priority is not 0, 1 or 2',
      'job 6: its data is no Buffer',
      'job 7: its time to run is no number of seconds',
      'job 8: the time of its arrival is no number of milliseconds',
      'job 9: its count of retries is none',
    ])
  })
})

describe('a store that cannot be used', () => {
  async function refusal(store: QueueStore): Promise<StoreError> {
    const server = new GearmanServer({ port: 0, store })
    onTestFinished(() => server.close())
    const error = (await rejectionOf(server.listen())) as StoreError
    expect(server.address).toBeUndefined()
    expect(error).toMatchObject({ code: GearmanErrorCode.Store, store: store.name })
    return error
  }

  test('keeps the server from starting, in one line that says why', async () => {
    const disk = new MemoryDisk()
    await start(new MemoryStore(disk))
    const error = await refusal(new MemoryStore(disk))
    expect(error.message).toMatch(/^memory cannot be used: in use by \S+, process \d+, since /)
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('is closed when it does not replay, or takes no changes', async () => {
    const disk = new MemoryDisk()
    const store = new (class extends MemoryStore {
      // biome-ignore lint/correctness/useYield: it fails before
      override async *replay(): AsyncGenerator<readonly StoredJob[]> {
        throw new Error('a bad sector')
      }
    })(disk)
    expect((await refusal(store)).message).toBe('memory cannot be used: a bad sector')
    const fragile = new FragileStore(disk)
    fragile.fault = new Error('read-only')
    expect((await refusal(fragile)).message).toBe('memory cannot be used: read-only')
    expect(disk.owner).toBeUndefined()
  })

  test('one that failed may be opened by the next listen()', async () => {
    const fragile = new FragileStore()
    fragile.fault = new Error('read-only')
    const server = new GearmanServer({ port: 0, store: fragile })
    onTestFinished(() => server.close())
    await expect(server.listen()).rejects.toThrow('read-only')
    fragile.fault = undefined
    await server.listen()
  })

  test('a port that cannot be opened leaves the store closed, and its jobs in it', async () => {
    const disk = new MemoryDisk()
    const first = await start(new MemoryStore(disk))
    await submit(first.client, 'x')
    await first.server.close()

    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    const server = new GearmanServer({ port, store: new MemoryStore(disk) })
    onTestFinished(() => server.close())
    await expect(server.listen()).rejects.toMatchObject({ code: GearmanErrorCode.Connection })
    expect(disk.owner).toBeUndefined()
    blocker.close()
    await once(blocker, 'close')
    await server.listen()
    const worker = await useWorker({ port }, { task: () => undefined })
    expect(String((await worker.nextJob()).data)).toBe('x')
    expect(disk.jobs.size).toBe(1)
  })

  test('a server that is closed while its store opens closes the store', async () => {
    const disk = new MemoryDisk()
    let letOpen: (() => void) | undefined
    const gate = new Promise<void>((resolve) => {
      letOpen = resolve
    })
    const store = new (class extends MemoryStore {
      override async open(context: StoreContext): Promise<OpenedStore> {
        await gate
        return await super.open(context)
      }
    })(disk)
    const server = new GearmanServer({ port: 0, store })
    const listening = rejectionOf(server.listen())
    const closing = server.close()
    letOpen?.()
    expect(await listening).toMatchObject({ code: GearmanErrorCode.Connection })
    await closing
    expect(disk.owner).toBeUndefined()
  })

  test.each([
    ['nothing with methods', 'memory', 'QueueStore'],
    ['no commit', { name: 'x', open() {}, replay() {}, close() {} }, 'commit'],
    ['no name', { open() {}, replay() {}, close() {}, commit() {} }, 'name'],
  ])('%s is an InvalidArgumentError', (_what, store, word) => {
    const make = (): GearmanServer => new GearmanServer({ store: store as unknown as QueueStore })
    expect(make).toThrow(word)
    expect(make).toThrow(expect.objectContaining({ argument: 'store' }))
  })
})

describe('a store that fails while the server runs', () => {
  test('refuses background jobs, not foreground ones, and is used again when it is back', async () => {
    const store = new FragileStore()
    const { server, port, client } = await start(store)
    await submit(client, 'kept')
    const failed = new Promise((resolve) => server.once('storeFailed', resolve))
    const recovered = new Promise((resolve) => server.once('storeRecovered', resolve))
    store.fault = new Error('disk full')
    const error = await rejectionOf(client.submitJob('task', 'refused', { background: true }))
    expect(error).toMatchObject({ serverCode: 'QUEUE_ERROR' })
    expect(await failed).toMatchObject({
      error: { code: GearmanErrorCode.Store, message: 'memory does not take changes: disk full' },
      refusedJobs: 1,
    })
    await useWorker({ port }, { task: ({ data }) => data })
    expect(String(await client.do('task', 'foreground'))).toBe('foreground')
    store.fault = undefined
    expect(await recovered).toEqual({ store: 'memory' })
    await submit(client, 'accepted')
    await server.close({ graceful: true })
    expect(store.disk.jobs.size).toBe(0)
  })

  test('does not keep the server from being closed', async () => {
    const store = new FragileStore()
    const { server, client } = await start(store)
    await submit(client, 'kept')
    store.fault = new Error('disk full')
    await server.close()
    expect(store.disk.jobs.size).toBe(1)
    expect(store.disk.owner).toBeUndefined()
  })
})

describe('closing', () => {
  test('a graceful stop answers what was submitted before it', async () => {
    const { server, client } = await start(new MemoryStore())
    const submitted = Promise.all(['1', '2', '3'].map((data) => submit(client, data)))
    await new Promise((resolve) => server.once('jobAccepted', resolve))
    await server.close({ graceful: true })
    expect(await submitted).toContain('H:test:1')
  })

  test('a graceful stop leaves queued jobs in the store when no worker takes them', async () => {
    const disk = new MemoryDisk()
    const { server, client, port } = await start(new MemoryStore(disk), { drainTimeout: 20 })
    const peer = await RawPeer.connect(port)
    peer.send('CAN_DO', 'task')
    await peer.sync()
    await submit(client, 'stays')
    await server.close({ graceful: true })
    await peer.closed
    expect([...disk.jobs.values()].map(({ data }) => String(data))).toEqual(['stays'])
  })

  test('a graceful stop does not wait for ever for a store that fails', async () => {
    const store = new FragileStore()
    const { server, client, port } = await start(store, { drainTimeout: 20 })
    const peer = await RawPeer.connect(port)
    peer.send('CAN_DO', 'task')
    await submit(client, 'done')
    peer.send('GRAB_JOB')
    const [handle = ''] = await peer.expect('JOB_ASSIGN')
    store.fault = new Error('disk full')
    const failed = new Promise((resolve) => server.once('storeFailed', resolve))
    peer.send('WORK_COMPLETE', handle, '')
    await failed
    await server.close({ graceful: true })
    await peer.closed
  })

  test('a stop at once leaves queued jobs in the store, foreground ones are lost', async () => {
    const disk = new MemoryDisk()
    const { server, client } = await start(new MemoryStore(disk))
    await submit(client, 'stays')
    const request = await client.submitJob('task', 'goes', { waitUntilComplete: false })
    const lost = new Promise((resolve) => client.once('state', resolve))
    await server.close()
    await lost
    expect(request.state).toBe(JOB_UNKNOWN)
    expect([...disk.jobs.values()].map(({ data }) => String(data))).toEqual(['stays'])
  })
})
