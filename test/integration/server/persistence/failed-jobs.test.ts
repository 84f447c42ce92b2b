import { join } from 'node:path'
import { GearmanAdminClient } from 'gearman-sdk'
import { GearmanServer, type QueueStore, type ServerOptions, SqliteStore } from 'gearman-sdk/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failOnLeaks } from '../../../helpers/leaks.ts'
import { MemoryDisk, MemoryStore } from '../../../helpers/memory-store.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'

failOnLeaks()

interface Running {
  readonly server: GearmanServer
  readonly peer: RawPeer
  readonly admin: GearmanAdminClient
}

async function start(options: ServerOptions): Promise<Running> {
  const server = new GearmanServer({ jobHandlePrefix: 'H:t', ...options, port: 0 })
  const { port } = await server.listen()
  const [peer, admin] = [await RawPeer.connect(port), new GearmanAdminClient(['127.0.0.1', port])]
  onTestFinished(async () => {
    peer.destroy()
    await admin.shutdown()
    await server.close()
  })
  return { server, peer, admin }
}

/** One job that fails, one that throws. */
async function failTwo({ peer }: Running): Promise<void> {
  peer.send('CAN_DO', 'task')
  for (const [type, ...output] of [['WORK_FAIL'], ['WORK_EXCEPTION', 'boom']] as const) {
    peer.send('SUBMIT_JOB_BG', 'task', 'u', `for ${type}`)
    const [handle = ''] = await peer.expect('JOB_CREATED')
    peer.send('GRAB_JOB')
    await peer.expect('JOB_ASSIGN')
    peer.send(type, handle, ...output)
  }
  await peer.sync()
}

const KINDS: readonly (readonly [name: string, newPlace: () => () => QueueStore | undefined])[] = [
  ['memory', () => () => undefined],
  [
    'a store in memory',
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

describe.each(KINDS)('failed jobs in %s', (_name, newPlace) => {
  test('are listed, queued again, and purged', async () => {
    const running = await start({ keepFailed: true, store: newPlace()() })
    const { peer, admin } = running
    await failTwo(running)
    const failed = await admin.getFailedJobs()
    expect(failed).toMatchObject([
      { handle: 'H:t:1', task: 'task', reason: 'failed', bytes: 13, exception: undefined },
      { handle: 'H:t:2', unique: 'u', reason: 'exception', exception: Buffer.from('boom') },
    ])
    expect(failed.every(({ acceptedAt, failedAt }) => failedAt >= acceptedAt)).toBe(true)
    expect(await admin.getFailedJobs({ task: 'task', limit: 1 })).toHaveLength(1)
    expect(await admin.requeueFailedJobs('H:t:2')).toBe(1)
    peer.send('GRAB_JOB')
    expect(await peer.expect('JOB_ASSIGN')).toEqual(['H:t:2', 'task', 'for WORK_EXCEPTION'])
    peer.send('WORK_COMPLETE', 'H:t:2', '')
    await peer.sync()
    expect(await admin.purgeFailedJobs('task')).toBe(1)
    expect(await admin.getFailedJobs()).toEqual([])
  })
})

describe.each(KINDS.slice(1))('failed jobs kept in %s', (_name, newPlace) => {
  test('are there after a restart, and so is what was queued again', async () => {
    const createStore = newPlace()
    const first = await start({ keepFailed: true, store: createStore() })
    await failTwo(first)
    const failed = await first.admin.getFailedJobs()
    await first.server.close()

    const second = await start({ keepFailed: true, store: createStore() })
    expect(await second.admin.getFailedJobs()).toEqual(failed)
    expect(await second.admin.requeueFailedJobs('H:t:2')).toBe(1)
    await second.server.close()

    const third = await start({ keepFailed: { maxJobs: 5 }, store: createStore() })
    expect(await third.admin.getFailedJobs()).toMatchObject([{ handle: 'H:t:1' }])
    third.peer.send('CAN_DO', 'task')
    third.peer.send('GRAB_JOB')
    expect(await third.peer.expect('JOB_ASSIGN')).toEqual(['H:t:2', 'task', 'for WORK_EXCEPTION'])
    third.peer.send('WORK_COMPLETE', 'H:t:2', '')
    await third.peer.sync()
    expect(await third.admin.purgeFailedJobs('all')).toBe(1)
    await third.server.close()

    const fourth = await start({ keepFailed: true, store: createStore() })
    expect(await fourth.admin.getFailedJobs()).toEqual([])
    expect(await fourth.admin.getJobs()).toEqual([])
  })

  test('stay in the store of a server that keeps none', async () => {
    const createStore = newPlace()
    const first = await start({ keepFailed: true, store: createStore() })
    await failTwo(first)
    await first.server.close()
    const second = await start({ store: createStore() })
    await expect(second.admin.getFailedJobs()).rejects.toMatchObject({ serverCode: 'NOT_KEPT' })
    await second.server.close()
    const third = await start({ keepFailed: true, store: createStore() })
    expect(await third.admin.getFailedJobs()).toHaveLength(2)
  })
})

test('a store that cannot keep them is told to the operator, and memory does', async () => {
  class PlainStore extends MemoryStore {
    override readonly capabilities = { isDurable: false, isAtomic: true, isExclusive: true }
  }
  const notices: string[] = []
  const server = new GearmanServer({ port: 0, keepFailed: true, store: new PlainStore() })
  server.on('storeNotice', ({ message }) => notices.push(message))
  await server.listen()
  await server.close()
  expect(notices).toEqual(['it keeps no failed jobs and results: they are in memory only'])
})
