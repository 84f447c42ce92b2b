import { describe, expect, test } from 'vitest'
import type { KeptLimits } from '../../../../src/server/queue/kept-outcomes.ts'
import { HandStore, type TestPeer, TestServer, turn } from '../server-harness.ts'

const NONE = Number.POSITIVE_INFINITY
const KEEP: KeptLimits = { maxJobs: 100, maxBytes: 1_000_000, maxAgeMs: NONE }

interface Setup {
  readonly server: TestServer
  readonly client: TestPeer
  readonly worker: TestPeer
}

function setUp(keepFailed: KeptLimits = KEEP): Setup {
  const server = new TestServer({ keepFailed, jobRetries: 1 })
  return { server, client: server.connect(), worker: server.worker() }
}

/** Submits a job in the background and lets it fail. */
function fail({ client, worker }: Setup, data: string, unique = ''): string {
  const [created = ''] = client.play('SUBMIT_JOB_BG', 'f', unique, data)
  const handle = created.split(' ')[1] ?? ''
  worker.play('GRAB_JOB')
  worker.play('WORK_FAIL', handle)
  return handle
}

/** Handle and reason of each. */
function listed(client: TestPeer, rest = ''): string[] {
  const rows = client.say(`list failed${rest}`).split('\n')
  expect(rows.splice(-2)).toEqual(['.', ''])
  return rows.map((row) => row.split('\t').slice(0, 3).join(' '))
}

describe('list failed', () => {
  test('tells of background jobs that failed, threw or were lost, and why', () => {
    const { server, client, worker } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', '', 'data')
    server.clock.advance(1500)
    worker.play('GRAB_JOB')
    worker.play('WORK_FAIL', 'H:test:1')
    client.play('SUBMIT_JOB_HIGH_BG', 'f', 'u\t1', 'x')
    worker.play('GRAB_JOB')
    worker.play('WORK_EXCEPTION', 'H:test:2', 'boom\0!')
    client.play('SUBMIT_JOB_LOW_BG', 'f', '', '')
    worker.play('GRAB_JOB')
    worker.leave()
    const exception = Buffer.from('boom\0!').toString('base64')
    expect(client.say('LIST Failed')).toBe(
      [
        'H:test:1\tf\tfailed\tnormal\t1000000000.000\t1000000001.500\t0\t4\t0\t-\t\n',
        `H:test:2\tf\texception\thigh\t1000000001.500\t1000000001.500\t0\t1\t6\t${exception}\tu?1\n`,
        'H:test:3\tf\tlost\tlow\t1000000001.500\t1000000001.500\t1\t0\t0\t-\t\n',
        '.\n',
      ].join(''),
    )
  })

  test('tells of those of one function, and of so many', () => {
    const setup = setUp()
    const { server, client } = setup
    fail(setup, '1')
    const other = server.worker('g')
    client.play('SUBMIT_JOB_BG', 'g', '', '2')
    other.play('GRAB_JOB')
    other.play('WORK_FAIL', 'H:test:2')
    fail(setup, '3')
    expect(listed(client, ' f')).toEqual(['H:test:1 f failed', 'H:test:3 f failed'])
    expect(listed(client, ' f 1')).toEqual(['H:test:1 f failed'])
    expect(listed(client, ' all 2')).toEqual(['H:test:1 f failed', 'H:test:2 g failed'])
    expect(listed(client, ' unknown')).toEqual([])
    expect(client.say('list failed f 0')).toMatch(/^ERR INVALID_ARGUMENTS/)
  })

  test('knows no foreground jobs, no successes, and no jobs that were cancelled', () => {
    const { client, worker } = setUp()
    client.play('SUBMIT_JOB', 'f', '', 'foreground')
    worker.play('GRAB_JOB')
    worker.play('WORK_FAIL', 'H:test:1')
    client.play('SUBMIT_JOB_BG', 'f', '', 'good')
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:2', '')
    client.play('SUBMIT_JOB_BG', 'f', '', 'cancelled')
    worker.play('GRAB_JOB')
    client.say('cancel job H:test:3')
    worker.play('WORK_FAIL', 'H:test:3')
    client.play('SUBMIT_JOB_BG', 'f', '', 'cancelled early')
    client.say('cancel job H:test:4')
    expect(listed(client)).toEqual([])
  })

  test('shows the front of a long exception', () => {
    const { client, worker } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', '', '')
    worker.play('GRAB_JOB')
    worker.play('WORK_EXCEPTION', 'H:test:1', 'x'.repeat(5000))
    const columns = client.say('list failed').split('\t')
    expect(columns[8]).toBe('5000')
    expect(Buffer.from(columns[9] ?? '', 'base64').toString()).toBe('x'.repeat(4096))
  })

  test('forgets what is too old, with one timer for all', () => {
    const setup = setUp({ ...KEEP, maxAgeMs: 10_000 })
    const { server, client } = setup
    fail(setup, '1')
    server.clock.advance(5000)
    fail(setup, '2')
    expect(server.clock.timerCount).toBe(1)
    server.clock.advance(5000)
    expect(listed(client)).toEqual(['H:test:2 f failed'])
    server.clock.advance(6000)
    expect(server.clock.timerCount).toBe(0)
    expect(server.table.outcomes.failed?.size).toBe(0)
  })
})

describe('requeue failed', () => {
  test('queues one again under its handle, with its data, and as if it had never run', () => {
    const setup = setUp()
    const { server, client, worker } = setup
    fail(setup, 'first')
    const handle = fail(setup, 'second', 'u')
    expect(client.say(`requeue failed ${handle}`)).toBe('OK 1\r\n')
    expect(listed(client)).toEqual(['H:test:1 f failed'])
    expect(client.play('SUBMIT_JOB_BG', 'f', 'u', 'joins')).toEqual([`JOB_CREATED ${handle}`])
    expect(worker.play('GRAB_JOB')).toEqual([`JOB_ASSIGN ${handle} f second`])
    worker.play('WORK_COMPLETE', handle, '')
    expect(server.status()).toBe('0 0 1')
    expect(client.say(`requeue failed ${handle}`)).toBe('OK 0\r\n')
    expect(client.play('SUBMIT_JOB_BG', 'f', '', 'new')).toEqual(['JOB_CREATED H:test:3'])
  })

  test('queues those of a function, or all, and wakes workers; they may fail again', () => {
    const setup = setUp()
    const { server, client, worker } = setup
    for (const data of ['1', '2', '3']) fail(setup, data)
    worker.play('PRE_SLEEP')
    expect(client.say('requeue failed g')).toBe('OK 0\r\n')
    expect(client.say('requeue failed f')).toBe('OK 3\r\n')
    expect(worker.look()).toEqual(['NOOP'])
    expect(server.status()).toBe('3 0 1')
    expect(
      client
        .say('list jobs f')
        .split('\n')
        .map((row) => row.split('\t')[0]),
    ).toEqual(['H:test:1', 'H:test:2', 'H:test:3', '.', ''])
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f 1'])
    worker.play('WORK_FAIL', 'H:test:1')
    expect(listed(client)).toEqual(['H:test:1 f failed'])
    expect(client.say('requeue failed all')).toBe('OK 1\r\n')
    expect(server.status()).toBe('3 0 1')
  })

  test('finds again in lists what was queued again after newer jobs', () => {
    const setup = setUp()
    const { client } = setup
    const handle = fail(setup, 'old')
    client.say('pause function f')
    for (let index = 0; index < 200; index += 1) client.play('SUBMIT_JOB_BG', 'f', '', '')
    client.say(`requeue failed ${handle}`)
    const rows = client.say('list jobs f').split('\n')
    expect(rows).toHaveLength(203)
    expect(rows.filter((row) => row.startsWith(`${handle}\t`))).toHaveLength(1)
  })
})

describe('purge failed', () => {
  test('forgets one, those of a function, or all', () => {
    const setup = setUp()
    const { client } = setup
    for (const data of ['1', '2', '3']) fail(setup, data)
    expect(client.say('purge failed H:test:2')).toBe('OK 1\r\n')
    expect(listed(client)).toEqual(['H:test:1 f failed', 'H:test:3 f failed'])
    expect(client.say('purge failed g')).toBe('OK 0\r\n')
    expect(client.say('purge failed all')).toBe('OK 2\r\n')
    expect(listed(client)).toEqual([])
  })
})

describe('commands about failed jobs', () => {
  test.each(['list failed', 'requeue failed all', 'purge failed all'])(
    '%s: a server that keeps none says so',
    (command) => {
      expect(new TestServer().connect().say(command)).toBe(
        'ERR NOT_KEPT This+server+does+not+keep+failed+jobs\r\n',
      )
    },
  )

  test.each(['requeue failed', 'requeue', 'requeue jobs all', 'purge failed', 'purge failed a b'])(
    '%s is incomplete',
    (command) => {
      expect(setUp().client.say(command)).toMatch(/^ERR INVALID_ARGUMENTS/)
    },
  )

  test('those that change something are not for everybody', () => {
    const stranger = setUp().server.connect('10.0.0.1')
    expect(stranger.say('requeue failed all')).toMatch(/^ERR NOT_ALLOWED/)
    expect(stranger.say('purge failed all')).toMatch(/^ERR NOT_ALLOWED/)
    expect(stranger.say('list failed')).toBe('.\n')
  })
})

/** A store that keeps outcomes. */
class KeepingStore extends HandStore {
  readonly capabilities = {
    isDurable: true,
    isAtomic: true,
    isExclusive: true,
    keepsOutcomes: true,
  }
}

describe('failed jobs in a store', () => {
  interface StoredSetup extends Setup {
    readonly store: KeepingStore
  }

  async function stored(): Promise<StoredSetup> {
    const store = new KeepingStore()
    const server = new TestServer({ keepFailed: KEEP, store })
    const client = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'data')
    await turn()
    await store.succeed()
    client.look()
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play('WORK_EXCEPTION', 'H:test:1', 'boom')
    await turn()
    return { server, client, worker, store }
  }

  test('move in one commit, and back in one', async () => {
    const { store, client, server } = await stored()
    expect(store.commits[1]).toMatchObject({
      added: [],
      removed: [1],
      outcomes: [
        {
          job: { key: 1, functionName: 'f', unique: 'u', data: Buffer.from('data') },
          kind: 'exception',
          canRequeue: true,
          endedAtMs: 1_000_000_000_000,
          output: Buffer.from('boom'),
        },
      ],
    })
    await store.succeed()
    expect(client.say('requeue failed all')).toBe('OK 1\r\n')
    await turn()
    expect(store.commits[2]).toMatchObject({
      added: [{ key: 1, data: Buffer.from('data'), retries: 0 }],
      removed: [],
      forgotten: [1],
    })
    await store.succeed()
    expect(server.table.commits?.isIdle).toBe(true)
  })

  test('that are queued again while their move fails stay jobs', async () => {
    const { store, client, worker, server } = await stored()
    expect(client.say('requeue failed H:test:1')).toBe('OK 1\r\n')
    await store.fail()
    server.clock.advance(1000)
    await turn()
    expect(store.commits[2]).toMatchObject({ added: [{ key: 1 }], removed: [], forgotten: [1] })
    expect(store.commits[2]?.outcomes).toBeUndefined()
    await store.fail()
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f data'])
    worker.play('WORK_FAIL', 'H:test:1')
    await turn()
    expect(store.commits[3]).toMatchObject({
      added: [],
      removed: [1],
      outcomes: [{ kind: 'failed', job: { key: 1 } }],
    })
    expect(store.commits[3]?.forgotten).toBeUndefined()
    await store.succeed()
    expect(server.table.commits?.isIdle).toBe(true)
  })

  test('that are queued again and done at once leave nothing', async () => {
    const { store, client, worker } = await stored()
    await store.succeed()
    client.say('requeue failed all')
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', '')
    await turn()
    expect(store.commits[2]).toMatchObject({ added: [], removed: [1], forgotten: [1] })
  })

  test('a move that could not be written is written later, a purge takes its place', async () => {
    const { store, client, server } = await stored()
    await store.fail()
    server.clock.advance(1000)
    await turn()
    expect(store.commits[2]).toMatchObject({ removed: [1], outcomes: [{ job: { key: 1 } }] })
    client.say('purge failed all')
    await store.fail()
    await turn()
    server.clock.advance(1000)
    expect(store.commits[3]).toMatchObject({ removed: [1], forgotten: [1] })
    expect(store.commits[3]?.outcomes).toBeUndefined()
    await store.succeed()
    expect(server.table.commits?.isIdle).toBe(true)
  })

  test('a store that does not keep them is not asked to', async () => {
    const store = new HandStore()
    const server = new TestServer({ keepFailed: KEEP, store })
    const [client, worker] = [server.connect(), server.worker()]
    client.play('SUBMIT_JOB_BG', 'f', '', 'data')
    await turn()
    await store.succeed()
    worker.play('GRAB_JOB')
    worker.play('WORK_FAIL', 'H:test:1')
    await turn()
    expect(store.commits[1]).toEqual({ added: [], updated: [], removed: [1] })
    await store.succeed()
    client.say('requeue failed all')
    await turn()
    expect(store.commits[2]).toMatchObject({ added: [{ key: 1, data: Buffer.from('data') }] })
    expect(store.commits[2]?.forgotten).toBeUndefined()
  })
})
